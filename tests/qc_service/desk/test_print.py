"""Paper: every shipped procedure in every language, as a PDF that says what it is and whether it may be worked by."""

import contextlib
import io
import re
import zlib
from urllib.parse import urlsplit

import pypdfium2
import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.desk import paper_pdf, paper_press
from qc_service.desk.paper import language_said, pieces, room, together
from qc_service.desk.paper_pdf import File, css_text, pdf_of, qr
from qc_service.errors import QCError
from qc_service.people import staff
from qc_service.procedures import finding
from qc_service.procedures.models import Procedure
from qc_service.procedures.shipping import publish_first
from qc_service.words import Words
from sops.languages import LANGUAGES
from sops.library import load
from tests.desk_client import ONE_ENGINE, browser, sign_in
from tests.two_sites import PASSWORD

WELD = next(one for one in load() if one.code == "WELD")


@pytest.fixture
def desk(app):
    """A quality manager at a desk, in a plant with one shipped procedure."""
    with connected():
        staff.add_person(audit.COMMAND, "P-3", "Sofia Lindqvist", ["quality_manager"], password=PASSWORD)
        publish_first(audit.COMMAND, "WELD", WELD.document, WELD.translations)
    client = browser(app)
    assert sign_in(client).status_code == 303
    return client


def digest():
    with connected():
        return finding.load(Procedure.get(Procedure.code == "WELD"), 1).draft.digest


def paper(desk, kind="print.pdf", **query):
    return desk.get(f"/procedures/WELD/versions/1/{kind}", query_string=query, base_url=desk.base)


def pages(pdf):
    """The words of each page, with every run of blanks as one."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [re.sub(r"\s+", " ", page.get_textpage().get_text_bounded()) for page in document]


def unpacked(pdf):
    """Everything in it, also what is compressed."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompress(stream))
    return b"".join(found)


@ONE_ENGINE
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shipped_procedure_is_printed_whole_in_each_language(desk, language):
    answer = paper(desk, lang=language)

    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF")
    found = pages(answer.data)
    every = " ".join(found)
    with connected():
        texts = {one.path: one.text for one in WELD.translations if one.language == language}
    for path in ("title", "hazards.arc.control", "tools.rule.text", "steps.clean.text", "checks.crack.text"):
        words = texts.get(path) or WELD.document["title"]
        assert words.replace("-", "")[:30] in every.replace("-", "").replace("\ufffe", ""), path
    for number, page in enumerate(found, start=1):
        assert "WELD · " in page
        assert digest()[:16] in page
        assert str(number) in page.split(digest()[:16])[-1]
        assert "Sofia Lindqvist" in page
    assert digest() in found[-1].replace(" ", "")


@ONE_ENGINE
def test_no_letter_is_missing_from_the_fonts(desk):
    for language in LANGUAGES:
        assert "\ufffd" not in " ".join(pages(paper(desk, lang=language).data))


@ONE_ENGINE
def test_the_pdf_is_tagged_for_screen_readers_in_the_language_of_its_text(desk):
    pdf = paper(desk, lang="da").data
    assert pypdfium2.PdfDocument(io.BytesIO(pdf)).is_tagged()
    inside = unpacked(pdf)
    assert b"pdfuaid" in inside
    assert re.search(rb"/Lang ?\(da\)", inside)


@ONE_ENGINE
def test_a_checklist_to_fill_in_has_room_for_every_answer_and_signature(desk):
    page = paper(desk, "print", blank=1).text
    checks = WELD.document["checks"]
    assert page.count('class="doc-cell"') >= sum(one.get("samples", 1) for one in checks if one["type"] == "measure")
    assert page.count("Not applicable") == len(checks)
    assert "Checked by, another person:" in page
    whole = paper(desk, "print").text
    assert "Not applicable" not in whole
    assert paper(desk, blank=1).data.startswith(b"%PDF")


@ONE_ENGINE
def test_the_page_says_which_texts_nobody_has_checked(desk):
    danish, english = paper(desk, "print", lang="da").text, paper(desk, "print", lang="en").text
    assert 'class="doc-mark doc-mark--draft"' in danish
    assert "mark--draft" not in english
    assert '<html lang="da">' in danish


@ONE_ENGINE
def test_the_foot_of_each_page_names_version_and_digest_and_holds_the_code(desk):
    style = paper(desk, "print.css").text
    assert f"{digest()[:16]}" in style.replace("\\", "") or css_text(digest()[:16])[1:-1] in style
    assert "counter(page)" in style
    assert "counter(pages)" in style
    assert "qr.svg" in style


@ONE_ENGINE
def test_the_code_opens_the_page_that_says_that_the_paper_is_in_force(desk):
    page = paper(desk, "print").text
    address = re.search(r'alt="Code that opens ([^"]+)"', page)[1].replace("&amp;", "&")
    where = urlsplit(address)
    found = desk.get(f"{where.path}?{where.query}", base_url=desk.base).text
    assert "This paper is version 1, and that is in force." in found
    assert "paper-verdict--good" in found


@ONE_ENGINE
@pytest.mark.parametrize("query", ["v=1&d=0000000000000000", "v=7&d=0", "v=x&d=", "v=99999999999999999999", "v=²"])
def test_a_paper_with_another_digest_or_number_is_none_of_ours(desk, query):
    found = desk.get(f"/p/WELD?{query}", base_url=desk.base)
    assert found.status_code == 200
    assert "do not work by it" in found.text
    assert "paper-verdict--bad" in found.text


# --- without the network, and within a time ---


def test_a_page_that_asks_for_anything_else_than_its_own_files_is_not_made(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    for address in ("https://example.com/a.png", f"file://{tmp_path}/secret.txt", "/other.png", "data:text/css,a{}"):
        html = f'<html lang="en"><title>x</title><body><p><img src="{address}" alt="a"></p></body></html>'
        with pytest.raises(QCError) as refused:
            pdf_of(html, "/x", {})
        assert refused.value.code == "unavailable", address


def test_a_page_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(paper_pdf, "WALL_SECONDS", 0.05)
    with pytest.raises(QCError) as refused:
        pdf_of("<html lang=en><title>x</title>" + "<p>y" * 20_000 + "</html>", "/x", {})
    assert (refused.value.code, refused.value.retry_after) == ("unavailable", 60)


@ONE_ENGINE
def test_without_the_library_the_page_says_what_is_missing_and_the_pdf_is_unavailable(desk, monkeypatch):
    monkeypatch.setattr(paper_pdf, "LIBRARIES", ("no-such-library",))
    paper_pdf.missing.cache_clear()
    try:
        assert "apt-get install libpango-1.0-0" in paper(desk, "print").text
        refused = paper(desk)
        assert refused.status_code == 503
        assert "libpango-1.0-0" in refused.text
    finally:
        monkeypatch.undo()
        paper_pdf.missing.cache_clear()


def test_the_engine_knows_nothing_of_the_service():
    assert "qc_service" not in paper_press.ENGINE.read_text().split('"""', 2)[2]


def test_what_a_style_sheet_holds_is_only_a_text():
    nasty = '"; } @import url(https://example.com); \\ \n é 漢 <'
    told = css_text(nasty)
    assert not set(told[1:-1]) & set('";}@(\n<')


def test_a_code_is_as_wide_as_was_asked_for():
    assert b'width="20.0mm"' in qr("https://qc.example.com/p/WELD?v=1&d=0123456789abcdef", 20.0)


def test_a_row_of_paper_is_cut_into_words_boxes_and_lines():
    kinds = [one["kind"] for one in pieces("[ ] OK    [ ] Defect: ____ [__________] g")]
    assert kinds == ["box", "text", "box", "text", "line", "cell", "text"]


def kinds_of(slots):
    return [[piece["kind"] for piece in slot] for slot in slots]


def test_boxes_stand_with_their_words_and_lines_in_rows_of_their_own():
    samples = room(["Samples: 1: [__________] g   2: [__________] g", "3: [__________] g"])
    assert samples["label"] == "Samples:"
    assert kinds_of(samples["slots"]) == [["text", "cell", "text"]] * 3
    assert samples["lines"] == []

    signature = room(["Name: ________  Signature: ________  Date, time: ________"])
    assert (signature["label"], signature["slots"]) == ("", [])
    assert [kinds_of(row) for row in signature["lines"]] == [[["text", "line"]] * 3]

    photos = room(["[ ] Photo taken, number: __________"] * 2)
    assert [kinds_of(row) for row in photos["lines"]] == [[["box", "text", "line"]]] * 2


@ONE_ENGINE
def test_a_short_answer_shares_its_row_with_the_reasons_for_none_and_several_samples_do_not(desk):
    page = paper(desk, "print", blank=1).text
    rows = re.findall(r'<p class="doc-line">(?:(?!</p>).)*Not applicable(?:(?!</p>).)*</p>', page, re.DOTALL)
    assert len(rows) == len(WELD.document["checks"])
    for check, row in zip(WELD.document["checks"], rows, strict=True):
        alone = check["type"] in ("choose", "sign", "text", "photo") or check.get("samples", 1) > 1
        assert (row.count("doc-slot") - row.count("doc-slot--") > 2) is not alone, check["id"]


def test_a_number_and_its_unit_are_not_parted_by_the_end_of_a_line():
    parts = {"text": "120 to 300 mm, 5 samples", "rows": ["80 N·m", "0,1 °C", "90 slices"], "count": 3}
    joined = {"text": "120 to 300\u00a0mm, 5 samples", "rows": ["80\u00a0N·m", "0,1\u00a0°C", "90 slices"], "count": 3}
    assert together(parts) == joined


def test_a_language_is_called_what_its_reader_calls_it():
    assert language_said("en", Words("da")) == "engelsk"
    assert language_said("da", Words("ca")) == "danès"


def test_a_file_goes_as_it_is():
    html = (
        '<html lang="en"><head><title>x</title><link rel="stylesheet" href="/a.css"></head><body><p>é</p></body></html>'
    )
    assert pdf_of(html, "/x", {"/a.css": File("text/css", b"p { color: red }")}).startswith(b"%PDF")
