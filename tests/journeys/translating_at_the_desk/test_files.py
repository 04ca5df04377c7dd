"""Translations go out and come in as files, and a version is published without all of them."""

import io
import re

import pytest

from qc_service.db import connected
from qc_service.procedures.translation_models import ProcedureTranslation
from tests.attacks import found as broken
from tests.procedure_life import PASSWORD, document
from tests.reader import Desk
from tests.translating_desk import ONE, form


@pytest.mark.parametrize("ending", ["xliff", "csv"])
def test_a_file_goes_out_and_comes_back(life, anna, desk, ending):
    life.draft(anna)
    data = desk.get(f"{ONE}.{ending}").data
    filled = data.replace(b"Filled weight,,missing", "Filled weight,Fyldevægt,draft".encode())
    if ending == "xliff":
        filled = re.sub(
            rb"(<source[^>]*>Filled weight</source>)(\s*<target[^>]*/>|\s*<target[^>]*></target>)?",
            rb"\1" + "<target>Fyldevægt</target>".encode(), data,
        )  # fmt: skip

    sent(desk, filled, f"CAN.{ending}", dry_run="1")
    assert "was checked. Nothing is saved yet." in desk.headline
    assert "would be taken: 1" in desk.text
    with connected():
        assert ProcedureTranslation.select().count() == 0

    sent(desk, filled, f"CAN.{ending}")
    assert desk.headline == "Taken: 1. Refused: 0."
    with connected():
        assert [(row.text, row.origin) for row in ProcedureTranslation.select()] == [("Fyldevægt", "imported")]
    sent(desk, filled, f"CAN.{ending}")
    assert "unchanged: 1" in desk.text


def sent(desk, data, name="a.csv", **more):
    desk.get(f"{ONE}/import")
    desk.post(f"{ONE}/import", file=(io.BytesIO(data), name), **more)


def test_of_a_file_the_good_rows_are_taken_and_the_bad_ones_named(life, anna, desk):
    doc = document()
    doc["checks"][1]["text"] = "Weigh {min}"
    life.draft(anna, doc=doc)

    sent(desk, (
        "path,source,target\ntitle,Fill and seal a can,Fyld\nchecks.weight.text,Weigh {min},Vej\nsteps.gone.text,a,b\n"
        "purpose,Every can left full.,Hver dåse.\n"
    ).encode())  # fmt: skip

    assert desk.headline == "Taken: 2. Refused: 2."
    assert [row for row in desk.rows if "refused" in row] == [
        "3 Check 2 ✘︎ refused Its placeholders must be those of the source text: {min}.",
        "4 steps.gone.text ✘︎ refused There is no such text in this version. It may have been taken out.",
    ]
    assert any(row.startswith("5 Purpose ✔︎ taken, but look at it") for row in desk.rows)


@pytest.mark.parametrize("data", [b"no such columns\n1\n", b"<xliff>", b"", b"\xff\xfe\xff"])
def test_a_file_that_is_none_is_refused_beside_its_field(life, anna, desk, data):
    life.draft(anna)
    sent(desk, data)

    assert desk.answer.status_code == 422
    assert list(desk.errors) == ["file"]


def test_without_a_file_nothing_is_taken(life, anna, desk):
    life.draft(anna)
    desk.get(f"{ONE}/import")
    desk.post(f"{ONE}/import")

    assert desk.errors == {"file": "Choose a file."}


OVERRIDE = "/procedures/CAN/versions/1/translation-override"


def test_two_people_publish_without_all_translations(life, anna, bo, desk, other, danes):
    life.approved(anna, bo)
    desk.get(OVERRIDE)
    assert desk.headline == "Version 1 cannot be published in every language yet."
    assert "Check 2" in desk.text

    desk.post(OVERRIDE, reason="", password=PASSWORD)
    assert desk.errors == {"reason": "Say why it cannot wait for the translations."}
    desk.post(OVERRIDE, reason="The old seamer hurts people.", password="wrong plums")
    assert "That is not your password" in desk.errors["password"]
    assert "The old seamer hurts people." in form(desk).values()
    desk.post(OVERRIDE, reason="The old seamer hurts people.", password=PASSWORD)
    desk.follow()
    assert "You asked for it, so another quality manager has to agree." in desk.text
    assert "Asked for by Name of ANNA" in desk.text
    desk.post(f"{OVERRIDE}/confirm", password=PASSWORD)
    assert desk.answer.status_code == 409
    assert "another person has to agree" in desk.text

    other.get(OVERRIDE)
    other.post(f"{OVERRIDE}/confirm", password="")
    assert other.errors == {"password": "Type your password to sign."}
    other.post(f"{OVERRIDE}/confirm", password=PASSWORD)
    other.follow()
    assert other.headline == "Two people agreed to publish version 1 without all translations."
    assert "Agreed to by Name of BO" in other.text
    bo.done("POST", "/procedures/CAN/versions/1/publish", {"password": PASSWORD})
    assert "Two people agreed" in other.get("/procedures/CAN/translate").text
    assert broken() == []


def test_where_nothing_is_in_the_way_there_is_nothing_to_ask_for(life, anna, bo, desk):
    life.approved(anna, bo)
    desk.get(OVERRIDE)

    assert desk.headline == "No language stands in the way of publishing version 1."
    desk.post(OVERRIDE, reason="Why not.", password=PASSWORD)
    assert desk.answer.status_code == 409


def test_an_auditor_reads_but_writes_nothing(life, anna):
    life.draft(anna)
    life.somebody("AUDIT", "auditor")
    auditor = Desk(life.app, "AUDIT")

    auditor.get(ONE)
    assert auditor.answer.status_code == 200
    assert "<textarea" not in auditor.answer.text
    assert auditor.post(ONE, **{"path-1": "title", "text-1": "x"}).status_code == 403
    assert auditor.get(f"{ONE}/import").status_code == 403


@pytest.mark.parametrize("language", ["en", "xx"])
def test_there_is_no_page_for_the_source_language_or_none(life, anna, desk, language):
    life.draft(anna)

    assert desk.get(f"/procedures/CAN/versions/1/translate/{language}").status_code in (404, 422)
