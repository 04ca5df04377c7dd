"""Signing in and out at the desk, the board, and who is offered what."""

import re
from html import unescape

from qc_service import audit
from qc_service.db import connected
from qc_service.people import credentials, staff
from tests.plant import count, hour
from tests.reader import PASSWORD, Desk, alert_of, line_with_fix


def test_a_stranger_signs_in_and_comes_where_they_wanted(people):
    desk = Desk(people.app, badge="")
    desk.get("/inbox?tab=closed")
    assert desk.answer.headers["Location"].startswith("/sign-in?next=")
    desk.follow()
    target = desk.fields["next"]

    desk.post("/sign-in", badge="P-3", password="wrong", next=target)
    assert desk.answer.status_code == 401
    assert "Check the badge and what you typed" in desk.text
    assert desk.fields == {"badge": "P-3", "next": "/inbox?tab=closed", "csrf": desk.fields["csrf"]}

    desk.post("/sign-in", badge=" P-3 ", password=PASSWORD, next=target)
    desk.follow()
    assert desk.headline == "Nothing waits for you."
    assert "Sofia Lindqvist" in desk.text


def test_what_is_missing_from_the_sign_in_is_said_beside_its_field(people):
    desk = Desk(people.app, badge="")
    desk.get("/sign-in")

    desk.post("/sign-in", badge="", password="")

    assert desk.answer.status_code == 422
    assert desk.errors == {"badge": "Type your badge.", "password": "Type your password."}


def test_a_password_that_another_person_gave_is_replaced_at_the_first_sign_in(people):
    with connected():
        credentials.set_password(audit.COMMAND, staff.person_with("P-3").id, "given by the admin", must_change=True)
    desk = Desk(people.app, badge="")

    desk.post("/sign-in", badge="P-3", password="given by the admin")
    assert (desk.answer.status_code, set(desk.errors)) == (422, {"new_password"})
    desk.post("/sign-in", badge="P-3", password="given by the admin", new_password="short")
    assert (desk.answer.status_code, set(desk.errors)) == (422, {"new_password"})

    desk.post("/sign-in", badge="P-3", password="given by the admin", new_password="my own plum orchard")
    desk.follow()
    assert "Sofia Lindqvist" in desk.text
    assert Desk(people.app, badge="").post("/sign-in", badge="P-3", password="given by the admin").status_code == 401


def test_somebody_who_tries_too_often_is_told_to_wait(people):
    desk = Desk(people.app, badge="")
    for _ in range(6):
        desk.post("/sign-in", badge="P-3", password="wrong")

    assert desk.answer.status_code == 429
    assert "Wait a while." in desk.text


def test_an_operator_is_told_what_the_desk_is_not_for_and_is_offered_nothing_that_is_refused(people):
    desk = Desk(people.app, "P-1")
    desk.follow()
    desk.follow()

    assert desk.headline == "You have read everything."  # no board for them: they begin with what they have to read
    assert re.findall(r'aria-current="page">([^<]*)', desk.answer.text) == ["To read"]

    desk.get("/inbox")

    assert desk.answer.status_code == 403
    assert desk.headline == "You may not do that."
    assert "one of the roles supervisor, quality manager, auditor" in desk.text
    assert "Ask an administrator" in desk.text
    for link in re.findall(r'<a [^>]*href="(/[^"]*)"', desk.answer.text):
        assert link == "/" or desk.get(link).status_code == 200, link
    assert "Sign out" in desk.text


def test_an_address_that_does_not_exist_says_so_and_leads_on(people, desk):
    desk.get("/no/such/page")
    assert (desk.answer.status_code, desk.headline) == (404, "There is nothing at this address.")
    assert "Sofia Lindqvist" in desk.text
    assert "To the board" in desk.text
    assert "URL" not in desk.text

    desk.get("/fixes/fix_none")
    assert (desk.answer.status_code, desk.headline) == (404, "There is nothing at this address.")
    assert "No such fix." in desk.text

    stranger = Desk(people.app, badge="")
    stranger.get("/no/such/page")
    assert (stranger.answer.status_code, "To the board" in stranger.text) == (404, False)
    assert 'href="/sign-in"' in stranger.answer.text


def test_the_board_of_an_empty_plant_says_how_to_begin(app):
    with connected():
        credentials.init_people(app.config["QC"])
        staff.add_person(audit.COMMAND, "P-3", "Sofia Lindqvist", ["supervisor"], password=PASSWORD)
    desk = Desk(app)
    desk.follow()
    assert desk.headline == "Nothing is made here yet."
    assert "Add a line" in desk.text

    desk.get("/lines/new")
    desk.post("/lines/new", name="", code="", site="")
    assert set(desk.errors) == {"name", "code", "site"}
    desk.post("/lines/new", name="Wave solder 2", code="a/b", site="Hall A")
    assert set(desk.errors) == {"code"}
    assert desk.fields["name"] == "Wave solder 2"
    desk.post("/lines/new", name="Wave solder 2", code="WS2", site="Hall A")
    desk.follow()
    assert "The line Wave solder 2 is added." in desk.text
    assert desk.fields["line"] == "WS2"

    desk.get("/")
    assert desk.headline == "No line needs you. 0 fixes are being watched."
    assert desk.rows == ["Wave solder 2 Record a fix on Wave solder 2 No counts yet."]
    desk.get("/lines/new")
    desk.post("/lines/new", name="Another", code="WS2", site="Hall A")
    assert set(desk.errors) == {"code"}


def test_a_line_without_a_fix_shows_its_measures(plant, desk):
    plant.ingest([count(i, 100, 4, total=200, scrapped=10) for i in range(3)])

    desk.get("/")

    assert desk.headline == "No line needs you. 0 fixes are being watched."
    [row] = desk.rows
    assert "Defective units: 12 of 300 (4.0%) Lots: 3" in row
    assert "Scrapped units: 30 of 600 (5.0%) Lots: 3" in row


def test_the_line_that_needs_somebody_comes_first(plant, desk):
    line_with_fix(plant, "L2", rate=2, name="A line that holds")
    line_with_fix(plant, "L3", rate=11, name="Zinc line")
    plant.line("L4", "S1", "Empty line")
    line_with_fix(plant, "L5", rate=5, lots=2, name="Young line")

    desk.get("/")

    assert desk.headline == "1 line needs you. 2 fixes are being watched."
    names = [row.split(" Defective units")[0] for row in desk.rows]
    assert names[:3] == ["Zinc line", "Young line", "A line that holds"]
    assert {name.split(" Record")[0] for name in names[3:]} == {"Empty line", "L1"}
    assert "Not holding never worked 220 of 2,000 since the fix (11.0%)." in desk.rows[0]
    assert desk.rows[0].endswith("just now, nobody yet")
    assert "Too early" in desk.rows[1]
    assert desk.rows[2].endswith("Quang Tran")


def test_a_fix_that_was_declared_a_moment_ago_is_on_the_board_before_it_is_judged(plant, desk):
    plant.ingest([count(i, 100, 10) for i in range(30)])
    fix = plant.fix(in_effect_at=hour(30)[0], promise={"rate": 0.05})

    desk.get("/")
    assert "Declared a moment ago." in desk.rows[0]
    assert "<img" not in desk.answer.text
    desk.get(f"/fixes/{fix['id']}")
    assert desk.headline == "The fix is recorded."
    assert desk.get(f"/fixes/{fix['id']}/chart.svg").status_code == 404


def test_an_auditor_sees_everything_and_is_offered_nothing_to_do(plant, people):
    fix = line_with_fix(plant)
    alert = alert_of(plant)
    desk = Desk(people.app, "P-5")
    doing = (
        "I'm on it",
        "Record a fix",
        "Record another fix",
        "Snooze",
        "Close the alert",
        "Add a comment",
        "Add a line",
        "Counts",
    )

    for path in (
        "/",
        "/inbox",
        f"/fixes/{fix['id']}",
        f"/alerts/{alert['id']}",
        alert["evidence"]["url"].removeprefix("/v1"),
    ):
        desk.get(path)
        assert desk.answer.status_code == 200
        offered = [text for text in doing if re.search(rf">\s*{re.escape(text)}\b", desk.answer.text)]
        assert offered == [], (path, offered)
    for path in ("/fixes/new", "/counts/new", "/counts/upload", "/lines/new"):
        assert desk.get(path).status_code == 403
    assert desk.post(f"/alerts/{alert['id']}/ack").status_code == 403
    assert alert_of(plant)["state"] == "firing"


def test_no_page_offers_what_is_refused(plant, people):
    """Whoever follows a link, or sees a button, may do what it says."""
    line_with_fix(plant)
    for badge in ("P-3", "P-4", "P-5"):
        desk, seen, to_see = Desk(people.app, badge), set(), ["/"]
        while to_see:
            path = to_see.pop()
            seen.add(path)
            desk.get(path)
            assert desk.answer.status_code == 200, (badge, path)
            if desk.answer.mimetype == "application/pdf":
                continue  # a paper leads nowhere
            links = {unescape(one) for one in re.findall(r'(?:href|src)="(/[^"#]*)"', desk.answer.text)}
            to_see += sorted(one for one in links - seen if one not in to_see)
        assert len(seen) >= 10, badge
