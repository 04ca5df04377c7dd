"""A line that gets worse without a fix, and fix after fix that is never proved: what people and systems see of it."""

import random
from datetime import timedelta

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.flags import recurring
from qc_service.flags.models import LineNormal, LineWatch, LineWatchPoint
from tests.plant import Plant, count, hour


@pytest.fixture
def plant(app):
    with connected():
        made = Plant(app)
    made.line("L1", name="Line L1")
    return made


def rows(rates, size=300, seed=1, first=0):
    chance = random.Random(seed)
    return [count(first + i, size, sum(chance.random() < rate for _ in range(size))) for i, rate in enumerate(rates)]


def sent(plant, lots, at_once=10):
    for i in range(0, len(lots), at_once):
        plant.ingest(lots[i : i + at_once])
        plant.work()


def watch(plant, measure="defective"):
    found = plant.call("GET", "/v1/lines/L1/watches").json["data"]
    return next((one for one in found if one["measure"] == measure), None)


def flags(plant, kind="line_out_of_control", state="open"):
    return plant.call("GET", f"/v1/flags?line=L1&kind={kind}&state={state}").json["data"]


WORSE = [0.012] * 50 + [0.03] * 30


def test_a_line_that_gets_worse_without_a_fix_is_flagged_with_an_alert_and_frozen_evidence(plant):
    sent(plant, rows(WORSE))
    [flag] = flags(plant)
    assert (flag["measure"], flag["fix"], flag["defect_code"]) == ("defective", None, None)
    assert "and no fix is declared" in flag["sentence"]
    assert len(flag["sentence"].split()) <= 30
    [alert] = plant.call("GET", "/v1/alerts").json["data"]
    assert (alert["kind"], alert["severity"], alert["sentence"]) == (
        "line_out_of_control",
        "error",
        flag["sentence"],
    )
    evidence = plant.call("GET", flag["evidence"]).json
    document = evidence["document"]
    assert document["numbers"]["flagged_at_lot"] == watch(plant)["flagged_at_lot"]
    assert [point["stage"] for point in document["points"]].count("before") == document["numbers"]["past_lots"]
    table = plant.call("GET", flag["evidence"], headers={"Accept": "text/csv"}).text
    assert len(table.splitlines()) == 1 + len(document["points"])


def test_a_line_that_stays_as_it_is_says_so_and_nobody_is_told(plant):
    sent(plant, rows([0.02] * 60))
    assert (watch(plant)["verdict"], flags(plant)) == ("in_control", [])
    assert watch(plant, "rework") is None


def test_a_fix_closes_the_flag_and_the_line_is_silent_until_it_is_proved(plant):
    sent(plant, rows(WORSE))
    plant.fix(in_effect_at=hour(80)[0], promise={"rate": 0.012})
    plant.work()
    assert flags(plant) == []
    [closed] = flags(plant, state="closed")
    assert closed["close_reason"] == "fix_declared"
    assert watch(plant)["verdict"] == "silent"
    sent(plant, rows([0.006] * 150, seed=2, first=80))
    again = watch(plant)
    assert (again["verdict"], again["began_with"]) == ("in_control", "fix_proved")


def test_a_correction_takes_the_flag_back(plant):
    lots = rows(WORSE)
    sent(plant, lots)
    assert flags(plant)
    sent(plant, [{**row, "external_version": "2", "defective": 3, "good": 297} for row in lots[50:]])
    assert flags(plant) == []
    assert flags(plant, state="closed")[0]["close_reason"] == "corrected"


def test_what_is_accepted_as_normal_is_the_new_past(plant):
    sent(plant, rows(WORSE))
    [alert] = plant.call("GET", "/v1/alerts").json["data"]
    path = f"/v1/alerts/{alert['id']}/resolve"
    answer = plant.call("POST", path, {"reason": "A harder alloy since March.", "new_normal": True})
    assert answer.status_code == 200, answer.json
    plant.work()
    assert flags(plant, state="closed")[0]["close_reason"] == "new_normal"
    told = watch(plant)
    assert (told["verdict"], told["began_with"]) == ("in_control", "new_normal")
    assert told["past_rate"] == pytest.approx(0.03, rel=0.25)
    with connected():
        assert LineNormal.select().count() == 1


def test_nothing_but_a_line_without_a_fix_has_a_new_normal(plant):
    sent(plant, rows([0.02] * 30))
    plant.fix(in_effect_at=hour(30)[0], promise={"rate": 0.01})
    sent(plant, rows([0.05] * 30, first=30))
    [alert] = plant.call("GET", "/v1/alerts").json["data"]
    path = f"/v1/alerts/{alert['id']}/resolve"
    answer = plant.call("POST", path, {"reason": "It may be so now.", "new_normal": True})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/new_normal")


def test_in_any_order_with_repeats_and_corrections_the_end_is_the_same(app):
    with connected():
        plant = Plant(app)
    final = rows(WORSE)
    drafts = [{**final[i], "defective": 20, "good": 280} for i in (3, 25, 60)]
    final = [{**row, "external_version": "2"} if i in (3, 25, 60) else row for i, row in enumerate(final)]
    ends = []
    for number in range(10):
        code, chance = f"A{number}", random.Random(number)
        plant.line(code, name="Line")
        deliveries = [*final, *drafts, *chance.choices(final, k=8)]
        if number:
            chance.shuffle(deliveries)
        for i in range(0, len(deliveries), 25):
            plant.ingest([
                {**row, "line": code, "external_id": f"{code}-{row['external_id']}"} for row in deliveries[i : i + 25]
            ])  # fmt: skip
            plant.work()
        with connected():
            kept = LineWatch.select().where(LineWatch.sentence != "").order_by(LineWatch.id.desc()).get()
            points = LineWatchPoint.select().where(LineWatchPoint.watch_id == kept.id).order_by(LineWatchPoint.number)
            ends.append((kept.state, kept.finding, kept.sentence, [(p.n, p.d, p.log_e) for p in points]))
        assert len(plant.call("GET", f"/v1/flags?line={code}").json["data"]) == 1
    assert all(end == ends[0] for end in ends)


# -- recurrence ----------------------------------------------------------------------------------------------


def declared(plant, *days_ago, rate=0.01, **more):
    """Fixes that came into effect so many days ago, each with lots after it."""
    for days in days_ago:
        plant.fix(
            in_effect_at=clock.iso(clock.now() - timedelta(days=days)), promise={"rate": rate}, title=f"Fix {days}",
            **more,
        )  # fmt: skip
        lots = [dated(days, number) for number in range(3)]
        plant.ingest(lots)
        plant.work()


def dated(days, number, defective=2):
    begin = clock.now() - timedelta(days=days) + timedelta(hours=number + 1)
    row = count(0, 60, defective)
    return {
        **row, "external_id": f"D{days}-{number}", "period_start": clock.iso(begin),
        "period_end": clock.iso(begin + timedelta(minutes=50)),
    }  # fmt: skip


def test_the_third_fix_without_a_proof_is_flagged_with_all_of_them(plant):
    declared(plant, 80, 40)
    assert flags(plant, "fixes_recurring") == []
    declared(plant, 18)
    [flag] = flags(plant, "fixes_recurring")
    assert flag["sentence"] == "Line L1, defective: third fix in 62 days, and none has been proved."
    document = plant.call("GET", flag["evidence"]).json["document"]
    assert [one["title"] for one in document["fixes"]] == ["Fix 80", "Fix 40", "Fix 18"]
    [alert] = [one for one in plant.call("GET", "/v1/alerts").json["data"] if one["kind"] == "fixes_recurring"]
    assert alert["severity"] == "warning"


def test_fixes_too_long_ago_are_no_recurrence(plant):
    declared(plant, 120, 40, 18)
    assert flags(plant, "fixes_recurring") == []


def test_fixes_that_go_on_coming_stay_one_flag_until_ninety_days_have_passed_without_any(plant):
    """The first three lie within 90 days; the fourth came 84 days after the third, 145 after the first."""
    declared(plant, 150, 120, 89)
    [flag] = flags(plant, "fixes_recurring")
    declared(plant, 5)
    assert [(one["id"], one["sentence"]) for one in flags(plant, "fixes_recurring")] == [
        (flag["id"], "Line L1, defective: fourth fix in 145 days, and none has been proved.")
    ]
    assert flags(plant, "fixes_recurring", "closed") == []


def test_a_fix_that_is_yet_to_come_changes_nothing_until_it_is_there(plant):
    declared(plant, 40, 18)
    soon = clock.now() + timedelta(days=3)
    plant.fix(in_effect_at=clock.iso(soon), promise={"rate": 0.01}, title="Next week")
    plant.work()
    assert flags(plant, "fixes_recurring") == []
    declared(plant, 60)
    [flag] = flags(plant, "fixes_recurring")
    assert flag["sentence"].endswith("third fix in 42 days, and none has been proved.")


def test_a_proof_closes_it(plant):
    declared(plant, 80, 40, 18)
    assert flags(plant, "fixes_recurring")
    plant.ingest([dated(17, number, 0) | {"external_id": f"G{number}"} for number in range(200)])
    plant.work()
    assert flags(plant, "fixes_recurring") == []
    assert flags(plant, "fixes_recurring", "closed")[0]["close_reason"] == "fix_proved"


def test_after_ninety_days_without_another_it_is_forgotten(plant):
    declared(plant, 80, 40, 18)
    with connected():
        recurring.forget({}, clock.now() + timedelta(days=71))
        assert flags_stand() == 1
        recurring.forget({}, clock.now() + timedelta(days=73))
        assert flags_stand() == 0
    assert flags(plant, "fixes_recurring", "closed")[0]["close_reason"] == "window_passed"


def flags_stand():
    from qc_service.flags.models import Flag

    return Flag.select().where((Flag.kind == recurring.KIND) & (Flag.state == "open")).count()


def test_declared_in_any_order_the_end_is_the_same(plant):
    declared(plant, 18, 80, 40)
    [flag] = flags(plant, "fixes_recurring")
    assert flag["sentence"].endswith("third fix in 62 days, and none has been proved.")


# -- at the desk ---------------------------------------------------------------------------------------------


def test_the_pages_show_a_line_that_got_worse_with_the_next_step(plant, desk):
    sent(plant, rows(WORSE))
    [flag] = flags(plant)
    [alert] = plant.call("GET", "/v1/alerts").json["data"]
    desk.get("/")
    assert "needs you" in desk.headline
    assert "risen from" in desk.text
    assert "/fixes/new?line=L1" in desk.answer.text
    path = flag["evidence"].removeprefix("/v1")
    desk.get(path)
    assert desk.headline == flag["sentence"]
    chart = desk.get(f"{path}/chart.svg")
    assert (chart.status_code, chart.mimetype) == (200, "image/svg+xml")
    assert all(said in chart.text for said in ("Lots of its own past", "that it got worse", "proved worse at lot "))
    assert "the fix" not in chart.text.split("</title>")[1], "there is none"
    desk.get(f"/alerts/{alert['id']}")
    assert "its new normal" in desk.text
    desk.get("/inbox")
    assert flag["sentence"] in desk.text


def test_the_pages_show_fixes_that_recur(plant, desk):
    declared(plant, 80, 40, 18)
    [flag] = flags(plant, "fixes_recurring")
    desk.get("/")
    assert "third fix in 62 days" in desk.text
    path = flag["evidence"].removeprefix("/v1")
    desk.get(path)
    assert all(title in desk.text for title in ("Fix 80", "Fix 40", "Fix 18"))
    assert desk.get(f"{path}/lots.csv").status_code == 200
    assert desk.get(f"{path}/chart.svg").status_code == 404
