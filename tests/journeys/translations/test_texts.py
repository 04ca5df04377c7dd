"""A procedure's texts in other languages: written, reviewed, sent out, taken in."""

import csv
import io

import pytest

from sops.translations import source_sha
from tests.procedure_life import document
from tests.translating_api import (
    DANISH,
    VERSIONS,
    listed,
    publish,
    review,
    sent,
    translate,
    translated,
)


def test_a_draft_is_reviewed_by_somebody_else_than_who_wrote_it(life, anna, bo):
    doc = document()
    number = life.draft(anna, doc=doc)
    translate(anna, number, doc, DANISH)

    own = review(anna, number)
    assert (own.json["reviewed"], sorted(own.json["own"])) == ([], sorted(DANISH))
    one = review(anna, number, paths=["title"])
    assert (one.status_code, one.json["code"]) == (409, "same_person")
    assert review(bo, number, paths=["title"]).json["reviewed"] == ["title"]
    rows, found = listed(bo, number)
    assert rows["title"]["state"] == "reviewed"
    assert rows["title"]["translation"]["by"] == {"badge": "BO", "name": "Name of BO"}
    assert rows["purpose"]["draft"]["by"] == {"badge": "ANNA", "name": "Name of ANNA"}
    assert found["counts"] == {"reviewed": 1, "draft": 4}
    assert review(bo, number, paths=["title"]).json["errors"][0]["code"] == "nothing_to_review"


def test_one_human_with_two_accounts_reviews_nothing_of_their_own(life, anna, bo):
    admin, other = life.somebody("ADA", "admin"), life.somebody("ANNA-2")
    doc = document()
    number = life.draft(anna, doc=doc)
    translate(anna, number, doc, DANISH)
    admin.done("POST", "/people/ANNA-2/same-as", {"badge": "ANNA"})

    assert review(other, number).json["reviewed"] == []


def test_a_review_of_what_changed_after_it_was_read_is_refused(life, anna, bo):
    doc = document()
    number = life.draft(anna, doc=doc)
    translate(anna, number, doc, DANISH)
    seen = listed(bo, number)[1]["seen"]
    translate(anna, number, doc, {"title": "Luk en dåse"})

    late = review(bo, number, all=True, seen=seen)
    assert (late.status_code, late.json["code"]) == (409, "revision_conflict")
    assert review(bo, number, all=True, seen=listed(bo, number)[1]["seen"]).status_code == 200


def test_what_was_reviewed_stands_until_something_newer_is(life, anna, bo, danes):
    doc = document()
    number = life.approved(anna, bo, doc=doc)
    translated(anna, bo, number, doc)
    assert publish(bo, number).status_code == 200
    translate(bo, number, doc, {"title": "Fyld og forsegl en dåse"})

    def title():
        return danes.done("GET", "/procedures/CAN", query_string={"lang": "da"})["title"]

    assert title() == DANISH["title"]
    row = listed(anna, number)[0]["title"]
    assert (row["state"], row["draft"]["text"]) == ("reviewed", "Fyld og forsegl en dåse")
    assert review(anna, number).json["reviewed"] == ["title"]
    assert title() == "Fyld og forsegl en dåse"


def test_an_unchanged_text_keeps_its_reviewed_translation_in_the_next_version(life, anna, bo):
    first = document()
    number = life.approved(anna, bo, doc=first)
    translated(anna, bo, number, first)
    publish(bo, number)
    second = document(purpose="Each can leaves tight and full.")
    number = life.draft(anna, doc=second)

    rows, _ = listed(anna, number)

    assert {path for path, row in rows.items() if row["state"] == "reviewed"} == set(DANISH) - {"purpose"}
    outdated = rows["purpose"]["outdated"]
    assert outdated["text"] == DANISH["purpose"]
    assert "".join(one["text"] for one in outdated["changes"] if one["op"] != "removed") == second["purpose"]
    assert "".join(one["text"] for one in outdated["changes"] if one["op"] != "added") == first["purpose"]


def test_what_cannot_be_a_translation_is_refused_with_its_place_and_nothing_is_kept(life, anna):
    doc = document()
    doc["checks"][1]["text"] = "Weight of {min} to {max} {unit}"
    number = life.draft(anna, doc=doc)
    good = source_sha(doc["title"])
    body = {
        "texts": {
            "title": {"text": "Fyld en dåse", "source_sha": good},
            "purpose": {"text": "Forældet", "source_sha": "0" * 16},
            "checks.weight.text": {"text": "Vægt", "source_sha": source_sha(doc["checks"][1]["text"])},
            "checks.none.text": {"text": "Intet", "source_sha": good},
        }
    }

    answer = anna("PUT", f"{VERSIONS}/{number}/translations/da", body)

    found = {(one["pointer"], one["code"]) for one in answer.json["errors"]}
    assert answer.status_code == 422
    assert ("/texts/purpose/source_sha", "source_changed") in found
    assert ("/texts/checks.weight.text/text", "placeholder_missing") in found
    assert ("/texts/checks.none.text", "path_unknown") in found
    assert listed(anna, number)[1]["counts"] == {"missing": 5}


@pytest.mark.parametrize(("language", "status"), [("de", 404), ("en", 422), ("DA", 404)])
def test_there_are_translations_into_the_languages_of_the_service_but_the_documents_own(life, anna, language, status):
    number = life.draft(anna)

    assert anna("GET", f"{VERSIONS}/{number}/translations/{language}").status_code == status


def test_the_same_words_sent_again_are_no_new_revision(life, anna, bo):
    doc = document()
    number = life.draft(anna, doc=doc)

    assert sorted(translate(anna, number, doc, DANISH)) == sorted(DANISH)
    assert translate(anna, number, doc, DANISH) == []
    review(bo, number)
    assert translate(anna, number, doc, DANISH) == []


@pytest.mark.parametrize(("ending", "kind"), [("csv", "text/csv"), ("xliff", "application/xliff+xml")])
def test_a_file_goes_out_and_comes_back_as_it_was(life, anna, bo, ending, kind):
    doc = document()
    number = life.draft(anna, doc=doc)
    translated(anna, bo, number, doc)
    out = anna("GET", f"{VERSIONS}/{number}/translations/da.{ending}")
    assert (out.status_code, out.mimetype) == (200, kind)

    path = f"{VERSIONS}/{number}/translations/da/import"
    back = anna.done("POST", path, data=out.data, headers={"Content-Type": kind})

    assert (back["written"], back["unchanged"]) == ([], len(DANISH))
    assert listed(anna, number)[1]["counts"] == {"reviewed": len(DANISH)}


def test_of_a_file_the_good_rows_are_kept_as_drafts_and_the_bad_ones_named(life, anna, bo):
    doc = document()
    doc["checks"][1]["text"] = "Weight of {min} to {max}"
    number = life.draft(anna, doc=doc)
    out = anna("GET", f"{VERSIONS}/{number}/translations/da.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(out)))
    targets = {"title": "Fyld en dåse", "checks.weight.text": "Vægt fra {min}", "purpose": "Hver dåse er fuld."}
    for row in rows:
        row["target"] = targets.get(row["path"], "")
        row["status"] = "reviewed"
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows([*rows, {**rows[0], "path": "checks.gone.text", "target": "Væk"}])

    back = bo.done(
        "POST", f"{VERSIONS}/{number}/translations/da/import", data=text.getvalue().encode(),
        headers={"Content-Type": "text/csv"},
    )  # fmt: skip

    assert sorted(back["written"]) == ["purpose", "title"]
    assert {one["code"] for one in back["refused"]} == {"placeholder_missing", "path_unknown"}
    assert all(one["row"] for one in back["refused"])
    found, _ = listed(anna, number)
    assert (found["title"]["state"], found["title"]["translation"]["origin"]) == ("draft", "imported")
    assert review(bo, number).json["reviewed"] == []  # who brought it in does not review it
    assert sorted(review(anna, number).json["reviewed"]) == ["purpose", "title"]


@pytest.mark.parametrize(
    ("kind", "data", "status", "code"),
    [
        ("application/json", b"{}", 415, "unsupported_media_type"),
        ("application/xliff+xml", b'<!DOCTYPE x [<!ENTITY a "b">]><xliff>&a;</xliff>', 422, "file_refused"),
        ("application/xliff+xml", b"no xml", 422, "file_refused"),
        ("text/csv", b"a,b\n1,2\n", 422, "file_refused"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(life, anna, kind, data, status, code):
    number = life.draft(anna)

    path = f"{VERSIONS}/{number}/translations/da/import"
    assert anna.refused("POST", path, data=data, headers={"Content-Type": kind}) == (status, code)


def test_a_site_translates_its_own_versions_but_not_the_words_that_others_work_by(life, anna, bo):
    doc = document()
    life.published(anna, bo, doc=doc)
    own = document("344", purpose="Our cans are full.")
    number = life.draft(anna, doc=own, site="S1")
    local = life.somebody("LIS", "supervisor", site="S1")

    shared = local("PUT", f"{VERSIONS}/{number}/translations/da", sent(own, {"title": "Luk dåser"}))
    assert shared.json["errors"][0]["code"] == "scope_missing"
    assert translate(local, number, own, {"purpose": "Vores dåser er fulde."}) == ["purpose"]
    assert local.refused("PUT", f"{VERSIONS}/1/translations/da", sent(doc, DANISH)) == (403, "scope_missing")
    assert translate(anna, number, own, {"title": "Luk dåser"}) == ["title"]


def test_numbers_in_a_translated_check_are_written_as_its_readers_do(life, anna, bo, danes):
    doc = document()
    doc["checks"][1] |= {"min": "0.33", "max": "0.35", "nominal": "0.34", "decimals": 2, "unit": "l",
                         "text": "Content from {min} to {max} {unit}"}  # fmt: skip
    number = life.approved(anna, bo, doc=doc)
    translated(anna, bo, number, doc, {**DANISH, "checks.weight.text": "Indhold fra {min} til {max} {unit}"})
    assert publish(bo, number).status_code == 200

    read = danes.done("GET", "/procedures/CAN", query_string={"lang": "da"})

    assert read["document"]["checks"][1]["text"] == "Indhold fra 0,33 til 0,35 l"
