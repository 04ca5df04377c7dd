"""No cell of an exported table starts a formula."""

import csv
import io
import re

from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from qc_service.flags.api import COLUMNS, table
from tests import two_sites
from tests.desk_client import ONE_ENGINE, browser, sign_in
from tests.plant import count, hour

# --- files for a spreadsheet ------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "=cmd|' /C calc'!A0",
    "a;=1+1",
    "x,=1",
    "a\t=1",
    ";-2+3",
    "\uff1d1+1",
]


def starts_a_formula(cell):
    """Excel, Calc and their kin begin to compute at these, except where the cell is just a number."""
    text = cell.lstrip()
    return text[:1] in ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20") and not re.fullmatch(
        r"-?\d+(\.\d+)?(e-?\d+)?", text
    )


def document(*texts):
    empty = dict.fromkeys(COLUMNS)
    points = [
        {**empty, "stage": "before", "external_id": text, "source": text, "why": text, "d": 3, "log_e_ok": -0.25}
        for text in texts
    ]
    return {"points": points}


def cells(text, delimiter):
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]


@effort(max_examples=250, deadline=None)
@given(
    st.lists(
        st.text(max_size=40) | st.sampled_from(FORMULAS) | st.text(alphabet="=+-@;,\t\"'a1 |\n"),
        min_size=1,
        max_size=20,
    )
)
def test_no_cell_of_an_exported_table_starts_a_formula(texts):
    """Whichever separator a country's spreadsheet program takes for one."""
    exported = table(document(*texts))

    assert [cell for cell in cells(exported, ",") if starts_a_formula(cell)] == []
    assert [cell for cell in cells(exported, ";") if starts_a_formula(cell)] == []
    assert [cell for cell in cells(exported, "\t") if starts_a_formula(cell)] == []


@effort(max_examples=100, deadline=None)
@given(
    st.lists(st.text(alphabet=st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=30), min_size=1, max_size=8)
)
def test_an_exported_table_has_a_row_for_every_lot_and_keeps_ordinary_names(texts):
    rows = list(csv.DictReader(io.StringIO(table(document(*texts)))))

    assert len(rows) == len(texts)
    for row, text in zip(rows, texts, strict=True):
        if not re.search(r"[=+@\-\uff1d\uff0b\uff0d\uff20]", text):
            assert row["external_id"] == text
        assert (row["d"], row["log_e_ok"]) == ("3", "-0.25")


@ONE_ENGINE
def test_a_formula_that_an_erp_sent_is_text_in_every_file(app, house):
    names = [f"{formula} {number}" for number, formula in enumerate(one for one in FORMULAS if one.isprintable())]
    house.ingest([count(place, external_id=name, source="=erp") for place, name in enumerate(names)])
    fix = house.fix(in_effect_at=hour(len(names))[0], promise={"rate": 0.02})
    house.work()
    client = browser(app)
    sign_in(client)
    evidence = house.effect(fix["id"])["evidence"].rsplit("/", 1)[1]
    accept = {"Accept": "text/csv", "Authorization": f"Bearer {house.key}"}
    files = [
        client.get(f"/fixes/{fix['id']}/lots.csv"), client.get(f"/evidence/{evidence}/lots.csv"),
        client.get(f"/v1/evidence/{evidence}", headers=accept),
    ]  # fmt: skip

    for file in files:
        assert file.mimetype == "text/csv"
        assert not [cell for delimiter in ",;" for cell in cells(file.text, delimiter) if starts_a_formula(cell)]
        assert len(list(csv.reader(io.StringIO(file.text)))) == len(names) + 1


@ONE_ENGINE
def test_the_names_of_two_sites_do_not_mix_in_a_file(app):
    town = two_sites.build(app)
    supervisor = town.people["supervisor"].headers(desk=True)
    answer = app.test_client(use_cookies=False).get(f"/fixes/{town.a.fix}/lots.csv", headers=supervisor)

    assert (answer.status_code, town.a.word in answer.text, town.b.word in answer.text) == (200, True, False)
