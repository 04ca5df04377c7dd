"""Counts without an ERP: typed in, corrected, or brought as a file."""

import pytest

from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.db import connected
from qc_service.lines.models import Site


def right_count(**more):
    return {
        "line": "L1", "lot": "B-7", "period_start": "2026-01-02T06:00", "period_end": "2026-01-02T14:00",
        "inspected": "125", "defective": "5", **more,
    }  # fmt: skip


def test_a_count_is_typed_in_and_corrected_and_corrected_again(plant, desk):
    desk.get("/counts/new")
    desk.post("/counts/new", **right_count(defect_code_1="COLD", defect_units_1="3", product="Board"))
    desk.follow()
    assert "Saved." in desk.text
    assert "L1, B-7: 5 of 125 defective" in desk.text
    assert desk.fields["line"] == "L1"

    for wrong in ("6", "7"):
        desk.post("/counts/new", **right_count(defective=wrong))
        desk.follow()
        assert "The earlier count of this lot is corrected." in desk.text
    desk.post("/counts/new", **right_count(defective="7"))
    desk.follow()
    assert "This count was known already." in desk.text

    with connected():
        [standing] = ProductionCount.select()
        assert (standing.defective, standing.lot, standing.source, standing.revision) == (7, "B-7", "desk", 3)
        assert [row.defective for row in CountRevision.select().order_by(CountRevision.revision)] == [5, 6, 7]
    revisions = plant.call("GET", f"/v1/production-counts/{standing.id}/revisions").json["data"]
    assert revisions[0]["defects"] == [{"code": "COLD", "units": 3, "scrapped": None, "reworked": None}]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"line": ""}, "line", "Choose a line."),
        ({"line": "L9"}, "line", "Lines are added from the board."),
        ({"lot": ""}, "lot", "Name the lot"),
        ({"period_start": ""}, "period_start", "Say when it began."),
        ({"period_end": "noon"}, "period_end", "Write a date and a time."),
        ({"period_start": "0001-01-01T00:00"}, "period_start", ""),
        ({"period_end": "2026-01-02T05:00"}, "period_end", ""),
        ({"period_end": "2099-01-02T05:00"}, "period_end", ""),
        ({"defective": "126"}, "defective", "More units are defective"),
        ({"inspected": "1.250"}, "inspected", "whole units"),
        ({"inspected": "-1"}, "inspected", "whole units"),
        ({"defect_code_2": "COLD", "defect_units_2": "x"}, "defect_units_1", ""),
        ({"inspected": "", "defective": ""}, "", "quantity"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_wrong_with_a_count_is_said_beside_its_field(plant, desk, typed, field, said):
    desk.get("/counts/new")
    desk.post("/counts/new", **right_count(**typed))

    assert desk.answer.status_code == 422
    found = desk.errors if field else {"": desk.text}
    assert field in found, (desk.errors, desk.text)
    assert said in found[field]
    assert desk.fields["lot"] == right_count(**typed)["lot"]
    with connected():
        assert ProductionCount.select().count() == 0


def test_a_count_goes_to_the_line_of_the_site_that_was_chosen(plant, desk):
    plant.line("L1", "S2", "Line 1 of the other site")
    desk.get("/counts/new")

    desk.post("/counts/new", **right_count(line="S2/L1"))
    desk.follow()

    with connected():
        assert ProductionCount.get().site_id == Site.get(Site.code == "S2").id


# --- a file -----------------------------------------------------------------------------------------------------

HEAD = "external_id,line,period_start,period_end,inspected,defective\n"


def test_a_file_is_taken_row_by_row_and_says_what_became_of_each(plant, desk):
    body = HEAD + (
        "A-1,L1,2026-01-02T06:00,2026-01-02T07:00,50,3\n"
        "A-2,L1,2026-01-02T07:00,2026-01-02T08:00,50,60\n"
        "A-3,nowhere,2026-01-02T08:00,2026-01-02T09:00,50,1\n"
        "A-4,L1,2026-01-02T09:00,2026-01-02T10:00,50,2,9\n"
        "A-5,L1,2026-01-02T10:00,2026-01-02T11:00,50,2\n"
    )

    desk.send(body.encode())

    assert desk.answer.status_code == 200
    assert desk.headline == "Saved: 2. Refused: 3."
    assert [row.split()[:4] for row in desk.rows] == [
        ["2", "A-1", "✔\ufe0e", "new"], ["3", "A-2", "✘\ufe0e", "refused"], ["4", "A-3", "✘\ufe0e", "refused"],
        ["5", "–", "✘\ufe0e", "refused"], ["6", "A-5", "✔\ufe0e", "new"],
    ]  # fmt: skip
    assert "More units are defective than were inspected." in desk.rows[1]
    assert "Lines are added from the board." in desk.rows[2]
    assert "7 cells, the header 6" in desk.rows[3]

    desk.send(body.replace("50,3", "50,4").encode())
    assert "corrected: 1" in desk.text
    assert "known already: 1" in desk.text
    with connected():
        assert {row.external_id: row.defective for row in ProductionCount.select()} == {"A-1": 4, "A-5": 2}


@pytest.mark.parametrize(
    "body",
    [
        HEAD.encode("utf-8-sig") + b"A-1,L1,2026-01-02T06:00,2026-01-02T07:00,50,3\n",
        HEAD.replace(",", ";").encode() + b"A-1;L1;2026-01-02T06:00;2026-01-02T07:00;50;3\r\n\r\n",
        HEAD.encode() + b'"A-1"," L1 ","2026-01-02T06:00Z","2026-01-02T07:00Z",50,3',
    ],
)
def test_a_file_as_spreadsheets_write_it_is_understood(plant, desk, body):
    desk.send(body)

    assert desk.headline == "Saved: 1. Nothing was refused."
    with connected():
        assert ProductionCount.get().period_start.isoformat() == "2026-01-02T06:00:00+00:00"


def test_a_files_times_are_those_of_each_lines_site(plant, desk):
    plant.call("POST", "/v1/sites", {"code": "Surabaya", "time_zone": "Asia/Jakarta"})
    plant.line("J1", "Surabaya")

    desk.send(
        (HEAD + "A-1,J1,2026-01-02T06:00,2026-01-02T07:00,5,0\nA-2,L1,2026-01-02T06:00,2026-01-02T07:00,5,0\n").encode()
    )

    with connected():
        times = {row.external_id: row.period_start.hour for row in ProductionCount.select()}
    assert times == {"A-1": 23, "A-2": 6}


def test_a_file_that_is_only_checked_saves_nothing_and_can_then_be_sent_for_good(plant, desk):
    body = (HEAD + "A-1,L1,2026-01-02T06:00,2026-01-02T07:00,50,3\n").encode()

    desk.send(body, dry_run="1")

    assert desk.headline == "counts.csv was checked. Nothing is saved yet."
    assert desk.rows == ["2 A-1 ✔\ufe0e new"]
    assert 'name="dry_run" value="1">' in desk.answer.text
    with connected():
        assert ProductionCount.select().count() == 0
    desk.send(body)
    assert desk.headline == "Saved: 1. Nothing was refused."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The first line must name the columns"),
        (b"\n\n", "The first line must name the columns"),
        (b"lot,size\n1,2\n", "must name the columns"),
        (HEAD.encode(), "send 1 to 1,000 at once"),
        (HEAD.encode("utf-16"), "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "UTF-8"),
        (HEAD.encode() + b"A,L1,2026-01-02T06:00,2026-01-02T07:00,5,0\n" * 1001, "1,001 rows"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_file_that_cannot_be_read_says_what_to_do(plant, desk, body, said):
    desk.send(body)

    assert desk.answer.status_code == 422
    assert said in desk.errors["file"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_upload_without_a_file_asks_for_one(plant, desk):
    desk.get("/counts/upload")
    desk.post("/counts/upload")

    assert (desk.answer.status_code, desk.errors) == (422, {"file": "Choose a file."})


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_empty_file_has_the_columns_that_an_upload_takes(plant, desk):
    empty = desk.get("/counts/example.csv")
    assert (empty.mimetype, empty.headers["Content-Disposition"]) == ("text/csv", 'attachment; filename="counts.csv"')
    names = empty.text.strip().split(",")

    row = {"external_id": "A-1", "line": "L1", "period_start": "2026-01-02T06:00", "period_end": "2026-01-02T07:00",
           "inspected": "50", "defective": "3", "defects": "COLD:2 BRIDGE:1"}  # fmt: skip
    desk.send(f"{','.join(names)}\n{','.join(row.get(name, '') for name in names)}\n".encode())

    assert desk.headline == "Saved: 1. Nothing was refused."
    [stored] = plant.call("GET", "/v1/production-counts?line=L1").json["data"]
    assert [(one["code"], one["units"]) for one in stored["defects"]] == [("BRIDGE", 1), ("COLD", 2)]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_the_first_and_the_last_moment_that_there_is_are_refused(plant, desk, moment):
    for zone in ("Asia/Jakarta", "America/Lima"):
        plant.call("PATCH", "/v1/sites/S1", {"time_zone": zone})
        desk.get("/counts/new")
        assert desk.post("/counts/new", **right_count(period_start=moment)).status_code == 422
        desk.send(f"{HEAD}A-1,L1,{moment},{moment},5,0\n".encode())
        assert "Refused: 1." in desk.headline
