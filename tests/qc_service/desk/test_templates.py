"""What every page of the desk keeps to: no script, no inline style, guarded forms, words that can be read."""

import re
from pathlib import Path

import pytest

import qc_service.desk

HOME = Path(qc_service.desk.__file__).parent
PAGES = sorted((HOME / "templates" / "desk").glob("*.html"))
CSS = "".join(style.read_text(encoding="utf-8") for style in sorted((HOME / "static").glob("*.css")))
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
MESSAGE = re.compile(r'_\("((?:[^"\\]|\\.)*)"')


def text_of(page):
    return re.sub(r"{#.*?#}", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


@EACH_PAGE
def test_no_script_and_no_inline_style(page):
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", text_of(page), re.IGNORECASE)


@EACH_PAGE
def test_every_form_that_changes_something_carries_its_token(page):
    forms = re.findall(r'<form[^>]*method="post".*?</form>', text_of(page), re.DOTALL)
    assert all("{{ csrf_field() }}" in form for form in forms)


@EACH_PAGE
def test_every_image_has_an_alternative(page):
    assert all(" alt=" in image for image in re.findall(r"<img[^>]*>", text_of(page)))


@EACH_PAGE
def test_messages_name_what_they_insert(page):
    """A bare % would break in a language that inserts something; a position cannot be moved in a sentence."""
    for message in MESSAGE.findall(text_of(page)):
        assert "%" not in re.sub(r"%\([a-z_]+\)s", "", message), message


@EACH_PAGE
def test_no_text_is_left_untranslated(page):
    attributes = r"{% macro (?:_aria|described|kept)\b.*?{%- endmacro %}"  # macros that write attributes only
    no_words = r"{% block page_class %}.*?{% endblock %}|" + attributes
    body = re.sub(no_words, "", text_of(page), flags=re.DOTALL)
    body = re.sub(r"{{.*?}}|{%.*?%}", " ", body, flags=re.DOTALL)  # first: one of them may stand inside a tag
    body = re.sub(r"<[^>]*>|&#x[0-9A-F]+;", " ", body, flags=re.DOTALL)
    the_same_in_every_language = {"QC", "CSV", "SHA", "Kappa", "PABAK"}
    assert set(re.findall(r"[^\W\d_]{2,}", body)) <= the_same_in_every_language


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        *(("ink", ground, 12.0) for ground in ("paper", "card")),
        *(("soft", ground, 5.5) for ground in ("paper", "card")),
        *(("data", ground, 4.5) for ground in ("paper", "card")),
        *((f"{verdict}", f"{verdict}-ground", 4.5) for verdict in ("holding", "not-holding")),
        *((f"{verdict}", f"{verdict}-ground", 4.5) for verdict in ("leaning", "too-early")),
        *(("not-holding", ground, 4.5) for ground in ("paper", "card")),
        ("edge", "card", 3.0),
    ],
)
def test_text_stands_out_from_its_ground(text, ground, least):
    tokens = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", CSS))
    lighter, darker = sorted((luminance(tokens[text]), luminance(tokens[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= least


def test_nothing_moves_and_nothing_comes_from_elsewhere():
    assert not re.search(r"@keyframes|transition:(?! none)|url\(|@import|@font-face", CSS)
