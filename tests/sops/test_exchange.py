"""What is the same of both kinds of files of translations, whatever somebody has done to them on the way."""

import csv
import html
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from sops.document import normal
from sops.exchange import LARGEST, read_csv, read_xliff, write_csv, write_xliff
from sops.translations import State, Translation, best_of, problems, source_sha, state_of, texts, translation_of
from tests.effort import examples
from tests.sops import translating, xliff_core
from tests.sops.strategies import documents

FORMATS = {"xliff": (write_xliff, read_xliff), "csv": (write_csv, read_csv)}
BOTH = pytest.mark.parametrize(("write", "read"), FORMATS.values(), ids=FORMATS)

CAN = normal(
    {
        "title": "Fill & seal a <can>",
        "purpose": "Every can\nis full.",
        "language": "en",
        "steps": [{"id": "fill", "text": "=Fill; {{slowly}}."}],
        "checks": [
            {
                "id": "weight", "step": "fill", "type": "measure", "severity": "major", "unit": "g", "min": "338",
                "max": "345", "text": "Between {min} and {max} {unit}; never above {max}.",
            }
        ],
    }
)  # fmt: skip
SHA = {path: source_sha(text) for path, text in texts(CAN).items()}


def danish(path, text, sha=None, status="draft"):
    return Translation(path, "da", text, sha or SHA[path], status)


KNOWN = [
    danish("title", "Fyld & fals en <dåse>", status="reviewed"),
    danish("purpose", "Alle dåser\ner fulde."),
    danish("steps.fill.text", "=Fyld; {{langsomt}}."),
    danish("checks.weight.text", "Højst {max} {unit}, mindst {min} {unit}."),
]


def of(received):
    return {one.path: one.text for one in received.translations}


def told(received):
    return [one.code for one in received.problems]


def changed(document, path, text):
    place = next(place for place in translating.text_places(document) if place.path == path)
    return translating.with_text(document, place, text)


# -- there and back ------------------------------------------------------------------------------------------


@BOTH
@effort(max_examples=examples(20), deadline=None)
@given(drawn=translating.translated())
def test_what_was_sent_comes_back_as_drafts(write, read, drawn):
    document, language, translations = drawn
    back = read(write(document, language, translations), document, language)
    best = best_of(document, language, translations)
    current = {path for path, one in best.items() if one.state in (State.DRAFT, State.REVIEWED)}
    outdated = {path for path, one in best.items() if one.state is State.OUTDATED and one.text}

    assert of(back) == {path: best[path].text for path in texts(document) if path in current}
    assert all(one.status == "draft" for one in back.translations)
    assert all(one.source_sha == source_sha(texts(document)[one.path]) for one in back.translations)
    assert all(problems(document, one) == [] for one in back.translations)
    assert set(told(back)) <= {"still_outdated", "placeholder_missing", "placeholder_unknown"}
    assert len(back.problems) >= len(outdated)
    assert len(current) + len(outdated) + back.untranslated == len(texts(document))


@BOTH
@effort(max_examples=examples(15), deadline=None)
@given(drawn=translating.reviewed())
def test_what_is_here_already_does_not_come_twice(write, read, drawn):
    document, language, translations = drawn
    back = read(write(document, language, translations), document, language, translations)

    assert (back.translations, back.problems, back.unchanged) == ((), (), len(texts(document)))


@effort(max_examples=examples(20), deadline=None)
@given(translating.translated())
def test_the_file_keeps_the_rules_of_the_core_of_xliff(drawn):
    document, language, translations = drawn

    assert xliff_core.breaches(write_xliff(document, language, translations)) == []


@pytest.mark.parametrize(
    ("old", "new", "breach"),
    [
        (b'version="2.1"', b'version="1.2"', "xliff: not version 2.1"),
        (b' srcLang="en"', b"", "xliff: no srcLang"),
        (b' trgLang="da"', b"", "xliff: a target without trgLang"),
        (b'<unit id="purpose"', b'<unit id="title"', "unit: id title twice"),
        (b'state="translated"', b'state="draft"', "segment: state draft"),
        (b'<ph id="1"', b'<ph id="2"', "ph in source: id 2 twice"),
        (b'dataRef="min"', b'dataRef="mini"', "ph: no data mini"),
        (b"<source>", b"<source><b/>", "b: not in the core"),
        (b'<segment state="reviewed">', b'<segment sops:state="new">', "segment: "),
    ],
)
def test_a_planted_breach_of_the_core_is_found(old, new, breach):
    data = write_xliff(CAN, "da", KNOWN)
    assert xliff_core.breaches(data) == []
    assert old in data

    assert any(one.startswith(breach) for one in xliff_core.breaches(data.replace(old, new)))


@BOTH
def test_nothing_is_sent_in_the_language_it_was_written_in(write, read):
    with pytest.raises(ValueError, match="written in en"):
        write(CAN, "en")


# -- what the translator was sent is not what is there now -----------------------------------------------------


@BOTH
def test_a_translation_of_an_earlier_version_is_kept_as_outdated_and_named(write, read):
    sent = write(CAN, "da", KNOWN)
    now = changed(CAN, "title", "Fill & seal a can")
    back = read(sent, now, "da")

    assert of(back) == {one.path: one.text for one in KNOWN}
    assert [(one.pointer, one.code) for one in back.problems] == [("/title", "outdated")]
    assert "title" in back.problems[0].message
    assert state_of(now, "da", back.translations)["title"] is State.OUTDATED


@BOTH
def test_a_text_whose_placeholders_changed_since_is_held_to_those_it_had(write, read):
    back = read(write(CAN, "da", KNOWN), changed(CAN, "checks.weight.text", "At least {min} {unit}."), "da")

    assert told(back) == ["outdated"]
    assert of(back)["checks.weight.text"] == "Højst {max} {unit}, mindst {min} {unit}."


@BOTH
def test_an_outdated_translation_that_nobody_touched_does_not_pass_for_a_new_one(write, read):
    known = [*KNOWN[1:], danish("title", "Fyld en flaske", sha=translating.ELSEWHERE, status="reviewed")]
    sent = write(CAN, "da", known)

    for back in (read(sent, CAN, "da"), read(sent, CAN, "da", known)):
        assert told(back) == ["still_outdated"]
        assert "title" not in of(back)


@BOTH
def test_an_outdated_translation_that_was_brought_up_to_date_is_taken(write, read):
    known = [danish("title", "Fyld en flaske", sha=translating.ELSEWHERE)]
    back = read(write(CAN, "da", known).replace(b"en flaske", "en dåse".encode()), CAN, "da", known)

    assert (back.translations, back.problems) == ((danish("title", "Fyld en dåse"),), ())


@pytest.mark.parametrize(
    ("write", "read", "old", "new"),
    [
        (write_xliff, read_xliff, b'state="initial" subState="sops:outdated"', b'state="translated"'),
        (write_csv, read_csv, b",outdated", b",draft"),
    ],
    ids=FORMATS,
)
def test_an_outdated_translation_that_still_fits_is_taken_once_it_is_marked_so(write, read, old, new):
    known = [danish("title", "Fyld en flaske", sha=translating.ELSEWHERE)]
    back = read(write(CAN, "da", known).replace(old, new), CAN, "da", known)

    assert (back.translations, back.problems) == ((danish("title", "Fyld en flaske"),), ())


@BOTH
def test_another_procedures_file_is_told_in_one_sentence_and_gives_only_what_is_the_same(write, read):
    steps = [{"id": name, "text": f"{name} it."} for name in ("mix", "bake")]
    other = normal({"title": "Bake", "purpose": CAN["purpose"], "language": "en", "steps": steps})
    sent = write(other, "da", [translation_of(other, path, "da", f"Dansk: {path}") for path in texts(other)])
    back = read(sent, CAN, "da")

    assert told(back) == ["other_document"]
    assert of(back) == {"purpose": "Dansk: purpose"}


@BOTH
def test_a_text_that_is_gone_is_named_and_the_others_are_taken(write, read):
    back = read(write(CAN, "da", KNOWN), normal({**CAN, "checks": []}), "da")

    assert told(back) == ["path_unknown"]
    assert "checks.weight.text" in back.problems[0].message
    assert len(back.translations) == 3


@BOTH
def test_a_unit_that_is_there_twice_is_named_and_taken_once(write, read):
    data = write(CAN, "da", KNOWN)
    cut = b'<unit id="purpose"' if write is write_xliff else b"purpose,sha256"
    back = read(data.replace(cut, cut.replace(b"purpose", b"title")), CAN, "da")

    assert told(back) == ["duplicate_unit"]
    assert of(back)["title"] == "Fyld & fals en <dåse>"
    assert "purpose" not in of(back)


# -- bad units among good ones ---------------------------------------------------------------------------------

BAD = {
    "a placeholder less": ("checks.weight.text", "Højst {max} {unit}.", ["placeholder_missing"]),
    "a placeholder more": ("title", "Fyld {min} dåser", ["placeholder_unknown"]),
    "a translated placeholder": (
        "checks.weight.text",
        "Højst {maks} {unit}, mindst {min}.",
        ["placeholder_missing", "placeholder_unknown"],
    ),
    "a lone brace": ("title", "Fyld {en dåse", ["brace_single"]),
    "too long": ("title", "x" * 121, ["too_long"]),
    "far too long": ("title", "x" * 100_000, ["too_long"]),
    "two lines": ("title", "Fyld\nen dåse", ["several_lines"]),
}


def with_target(data, path, text):
    """The file as somebody would have it who wrote another target for a path."""
    if data.startswith(b"<?xml"):
        unit = rb'(<unit id="%s".*?<target>).*?(</target>)' % path.encode()
        return re.sub(unit, lambda hit: hit[1] + html.escape(text).encode() + hit[2], data, count=1, flags=re.DOTALL)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    out = io.StringIO(newline="")
    csv.writer(out).writerows([*row[:3], text, *row[4:]] if row[0] == path else row for row in rows)
    return out.getvalue().encode()


@BOTH
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_unit_is_named_and_the_good_ones_are_taken(write, read, bad):
    path, text, codes = BAD[bad]
    back = read(with_target(write(CAN, "da", KNOWN), path, text), CAN, "da")

    assert told(back) == codes
    assert all(one.line and path in one.message for one in back.problems)
    assert of(back) == {one.path: one.text for one in KNOWN if one.path != path}


@BOTH
def test_a_placeholder_that_was_typed_by_hand_is_one(write, read):
    text = "Mellem {min} og {max} {unit}."

    assert (
        of(read(with_target(write(CAN, "da", KNOWN), "checks.weight.text", text), CAN, "da"))["checks.weight.text"]
        == text
    )


# -- any file at all -------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("data", [b"", b" ", b"\x00", b"\xff\xfe", b"PK\x03\x04", b"<", b"{}", b"path,target\n\x00"])
def test_what_is_no_file_of_translations_is_told(write, read, data):
    back = read(data, CAN, "da")

    assert back.translations == ()
    assert data.startswith(b"path") or len(back.problems) == 1


@BOTH
def test_a_file_of_fifty_megabytes_is_not_looked_at(write, read):
    back = read(b"x" * 50 * 2**20, CAN, "da")

    assert told(back) == ["too_large"]
    assert "50 MiB" in back.problems[0].message


@effort(max_examples=examples(15), deadline=None)
@given(documents())
def test_the_largest_file_is_far_larger_than_what_is_sent(document):
    """Even if every character took five bytes in the file, twice, a document of 1 MiB would come back."""
    sent = max(len(write(document, translating.other_languages(document)[0])) for write in (write_xliff, write_csv))

    assert sent < LARGEST / 100


@BOTH
@effort(max_examples=examples(40), deadline=None)
@given(data=st.data())
def test_a_spoilt_file_never_gives_what_could_not_be_stored(write, read, data):
    sent = bytearray(write(CAN, "da", KNOWN))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(sent) - 1))
        match data.draw(st.sampled_from(("flip", "cut", "insert", "double"))):
            case "flip":
                sent[at] = data.draw(st.integers(0, 255))
            case "cut":
                del sent[at : at + data.draw(st.integers(1, 200))]
            case "insert":
                sent[at:at] = data.draw(st.binary(max_size=20) | st.sampled_from((b"<", b'"', b";", b"\r\n", b"\0")))
            case "double":
                sent[at:at] = sent[at : at + data.draw(st.integers(1, 300))]
        if not sent:
            sent = bytearray(b" ")
    back = read(bytes(sent), CAN, "da")

    for one in back.translations:
        assert (one.language, one.status) == ("da", "draft")
        found = problems(CAN, one)
        outdated = one.source_sha != SHA[one.path]
        assert found == [] or (
            outdated and {problem.code for problem in found} <= {"placeholder_missing", "placeholder_unknown"}
        )
    for problem in back.problems:
        assert problem.message.endswith(".")
        assert problem.line is None or 1 <= problem.line <= sent.count(b"\n") + sent.count(b"\r") + 1


@BOTH
@effort(max_examples=examples(40), deadline=None)
@given(data=st.binary(max_size=300))
def test_no_bytes_are_too_strange_to_be_told(write, read, data):
    back = read(data, CAN, "da")

    assert back.translations == () or data


def test_a_received_file_says_what_it_holds_in_numbers():
    known = [*KNOWN[:1], replace(KNOWN[1], text="Alle dåser er fulde.")]
    back = read_csv(write_csv(CAN, "da", KNOWN[:3]), CAN, "da", known)

    assert (len(back.translations), back.unchanged, back.untranslated) == (2, 1, 1)
