"""The demonstration plant: the published numbers, told in order, once, with their known verdicts."""

import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from qc_service import clock
from qc_service.audit import Event
from qc_service.config import Settings
from qc_service.counts.history import lots
from qc_service.counts.measures import MEASURES
from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.demo import feeder, people, plant
from qc_service.demo.people import NotTheDemonstration
from qc_service.demo.sandbox import CAST, Sandbox
from qc_service.demo.series import stories
from qc_service.errors import QCError
from qc_service.fixes.models import Fix
from qc_service.fixes.rules import Frozen
from qc_service.lines.models import Line, Site
from qc_service.lines.service import ensure_site
from qc_service.people.credentials import init_people
from qc_service.people.models import ApiKey, Device, Person
from qc_service.people.signin import sign_in_at_desk, sign_in_on_tablet
from workers.detectors.fixwatch1 import start, update
from workers.detectors.values import Config, Finding
from workers.detectors.verdicts import finding

NOW = datetime(2026, 11, 18, 9, 41, tzinfo=UTC)


@pytest.fixture
def empty(settings: Settings, database) -> Settings:
    init_people(settings)
    return settings


@pytest.fixture
def filled(empty: Settings) -> Sandbox:
    return plant.fill(empty, NOW)


def config_of(frozen: Frozen) -> Config:
    same = ("working_baseline", "baseline_rate", "rho", "pairs", "sum_u", "sum_p", "sum_n", "sum_m", "kind")
    return Config(
        alarm=frozen.alarm_rate, verification=frozen.verification_rate, promised=frozen.promised_rate,
        **{name: getattr(frozen, name) for name in same},
    )  # fmt: skip


def judged(line_code: str, *further: tuple[int, int]) -> Finding:
    """What the detector says of a line's fix after the lots that are stored and some further ones."""
    line = Line.get(Line.code == line_code)
    fix = Fix.get(Fix.line_id == line.id)
    config = config_of(Frozen.from_json(fix.frozen))
    state = start(config)
    since = [(lot.n, lot.d) for lot in lots(line.id, MEASURES["defective"]) if lot.period_start >= fix.in_effect_at]
    for n, d in (*since, *further):
        state = update(config, state, n, d)
    return finding(config, state)


def everything() -> dict[str, int]:
    models = (Event, Site, Line, ProductionCount, CountRevision, Fix, Person, ApiKey, Device)
    return {model.__name__: model.select().count() for model in models}


def test_each_published_sample_is_one_count(filled):
    found = {
        line.code: ProductionCount.select().where(ProductionCount.line_id == line.id).count() for line in Line.select()
    }
    assert found == {"juice-cans": 94, "juice-cans-b": 30, "wave-solder": 46, "simulated-packing": 100}
    assert {story.line: len(story.samples) for story in stories()}["simulated-packing"] == 120
    assert Site.get().name == "Demonstration plant"


def test_filling_it_again_changes_nothing(empty, filled):
    before, kept = everything(), (empty.data_dir / "demo.json").read_bytes()
    again = plant.fill(empty, NOW + timedelta(days=3))
    assert everything() == before
    assert (empty.data_dir / "demo.json").read_bytes() == kept
    assert list(again.table()) == list(filled.table())


def test_it_ends_as_its_table_says(filled):
    cans, pretended, solder = (judged(code) for code in ("juice-cans", "juice-cans-b", "wave-solder"))
    assert (cans.verdict, cans.verified_at_lot, cans.flagged_at_lot) == ("holding", 19, None)
    assert (pretended.verdict, pretended.pattern, pretended.flagged_at_lot) == (
        "not_holding",
        "never_worked",
        11,
    )
    assert (solder.verdict, solder.verified_at_lot) == ("holding", 10)


def test_the_simulated_fix_is_proved_before_and_relapses_while_one_watches(filled):
    before = judged("simulated-packing")
    assert before.verdict == "holding"
    story = next(story for story in stories() if story.live)
    seen = [judged("simulated-packing", *story.samples[-story.live :][:count]) for count in range(1, story.live + 1)]
    flagged = next(count for count, one in enumerate(seen, start=1) if one.verdict == "not_holding")
    assert 5 <= flagged <= 12
    assert seen[-1].pattern == "relapsed"
    assert "not real data" in Line.get(Line.code == "simulated-packing").name


def test_the_lots_left_out_of_a_baseline_say_why(filled):
    left_out = {
        fix.title: {lot["external_id"]: lot["why"] for lot in fix.baseline["lots"] if lot["excluded"]}
        for fix in Fix.select()
    }
    assert set(left_out["Machine adjusted"]) == {"JC-15", "JC-23"}
    assert set(left_out["Temperature control repaired"]) == {"WS-6", "WS-20"}
    assert all(why for reasons in left_out.values() for why in reasons.values())
    assert left_out["Pretended fix"] == left_out["New sealing jaw (simulated)"] == {}


def test_a_start_that_was_cut_short_is_taken_up_by_the_next(empty, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(people, "create_key", lambda *_args: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            plant.fill(empty, NOW)
    made = plant.fill(empty, NOW + timedelta(hours=2))
    assert sign_in_at_desk("P-3", made.people["P-3"]["password"], "127.0.0.1", clock.now()).person.code == "P-3"
    assert (Device.select().count(), ApiKey.select().count()) == (1, 1)
    assert made.last == NOW.replace(minute=0)


def test_everybody_gets_in_with_what_is_printed(filled):
    for one in CAST:
        mine = filled.people[one.badge]
        assert sign_in_on_tablet(one.badge, mine["pin"], filled.tablet, clock.now()).person.name == one.name
    printed = "\n".join(filled.table())
    assert all(value in printed for mine in filled.people.values() for value in mine.values())
    assert filled.tablet in printed
    assert filled.key in printed


def test_nobody_else_reads_the_secrets(empty, filled):
    assert stat.S_IMODE((empty.data_dir / "demo.json").stat().st_mode) == 0o600


def test_another_plant_is_left_alone(empty):
    ensure_site(people.COMMAND, "real")
    with pytest.raises(NotTheDemonstration, match="only fills an empty folder"):
        plant.fill(empty, NOW)
    assert not (empty.data_dir / "demo.json").exists()


def test_a_refused_row_stops_the_filling(empty, monkeypatch):
    monkeypatch.setattr("qc_service.demo.series.SOURCE", "x" * 1000)
    with pytest.raises(QCError):
        plant.fill(empty, NOW)


# -- the series, without a database --------------------------------------------------------------------------


def test_the_numbers_are_the_published_ones():
    told = {story.line: story for story in stories()}
    cans, solder = told["juice-cans"].samples, told["wave-solder"].samples
    assert round(sum(d for _, d in cans[:30]) / sum(n for n, _ in cans[:30]), 4) == 0.2313
    assert round(sum(d for _, d in cans[30:54]) / sum(n for n, _ in cans[30:54]), 4) == 0.1108
    assert round(sum(d for _, d in solder[:26]) / 26, 3) == 19.846
    assert told["juice-cans-b"].samples == cans[:30]


@pytest.mark.parametrize("story", list(stories()), ids=lambda story: story.line)
def test_there_is_one_sample_an_hour_until_now(story):
    last = NOW.replace(minute=0)
    rows = [*story.before(last), *story.after(last), *story.arriving(last)]
    assert [row["external_id"] for row in rows] == [f"{story.prefix}-{n}" for n in range(1, len(story.samples) + 1)]
    assert [row["period_start"] for row in rows[1:]] == [row["period_end"] for row in rows[:-1]]
    assert clock.parse(rows[-1]["period_end"]) == last
    assert clock.parse(rows[0]["period_end"]) - clock.parse(rows[0]["period_start"]) == timedelta(hours=1)
    assert story.fix(last)["in_effect_at"] == rows[story.fixed_after - 1]["period_end"]


def test_the_simulated_lots_are_the_same_on_every_machine():
    samples = next(story for story in stories() if story.live).samples
    assert [d for _, d in samples[:5]] == SIMULATED_FIRST
    assert sum(d for _, d in samples) == SIMULATED_SUM


SIMULATED_FIRST, SIMULATED_SUM = [11, 10, 7, 12, 10], 964


# -- the feeder ----------------------------------------------------------------------------------------------


class _Service(BaseHTTPRequestHandler):
    """Answers as the service does, after one answer that it is not there yet."""

    seen: list[tuple[str, str, dict]]
    answers: list[int]

    def do_POST(self) -> None:
        row = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.seen.append((self.path, self.headers["Authorization"], row))
        body = json.dumps({"line": 1, "external_id": row["external_id"], "status": "created"}).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def service():
    handler = type("Service", (_Service,), {"seen": [], "answers": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        handler.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield handler
        server.shutdown()
        thread.join()


@pytest.fixture
def kept(tmp_path) -> Sandbox:
    cast = {one.badge: {"pin": "1", "password": "2"} for one in CAST}
    made = Sandbox(tmp_path / "demo.json", NOW, cast, "qcd_x", "qck_x", "key_x")
    made.save()
    return made


def test_the_live_lots_arrive_in_order_with_the_sandbox_key(service, kept):
    service.answers[:] = [503, 502]
    found = list(feeder.feed(service.url, kept, every=0))
    assert [name for name, _ in found] == [f"SIM-{number}" for number in range(101, 121)]
    assert {status for _, status in found} == {"created"}
    assert [row["external_id"] for _, _, row in service.seen] == [name for name, _ in found]
    assert {(path, key) for path, key, _ in service.seen} == {("/v1/ingest/production-counts", "Bearer qck_x")}


def test_a_refusal_ends_the_feeding_with_a_line(service, kept, capsys):
    service.answers[:] = [401]
    feeder.main(service.url, str(kept.path.parent))
    assert capsys.readouterr().out.startswith("The simulated lots are refused, status 401")
    assert service.seen == []


def test_a_service_that_never_answers_fails_the_feeder(kept, monkeypatch):
    monkeypatch.setattr(feeder, "PATIENCE", 0.0)
    with pytest.raises(OSError, match="refused"):
        next(feeder.feed("http://127.0.0.1:1", kept))


def test_a_folder_without_the_demonstration_feeds_nothing(tmp_path):
    with pytest.raises(SystemExit, match="not the demonstration's folder"):
        feeder.main("http://127.0.0.1:1", str(tmp_path))


def test_a_password_that_chance_made_easy_to_guess_is_made_anew(monkeypatch):
    letters = iter("vg5q4c56566f" + "hzk725ncfp23")
    monkeypatch.setattr(people.secrets, "choice", lambda _: next(letters))

    assert people._password("P-1", "Ana Ortiz") == "hzk7-25nc-fp23"
