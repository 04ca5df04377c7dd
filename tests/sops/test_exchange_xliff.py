"""XLIFF files as translation tools, and enemies, hand them in."""

import pytest

from sops.document import normal
from sops.exchange import read_xliff, write_xliff
from sops.translations import Translation, source_sha, texts

CAN = normal(
    {
        "title": "Fill a can",
        "purpose": "Every can is full. None is too full.",
        "language": "en",
        "steps": [{"id": "fill", "text": "Fill within {within} s.", "type": "timer", "within": "90"}],
    }
)
SHA = {path: source_sha(text) for path, text in texts(CAN).items()}
HEAD = '<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="en" trgLang="da"><file id="f">'
TITLE = '<unit id="title"><segment><source>Fill a can</source><target>Fyld en dåse</target></segment></unit>'
PURPOSE = "Every can is full. None is too full."


def file(*units, head=HEAD, before=""):
    return f'<?xml version="1.0"?>{before}{head}{"".join(units)}</file></xliff>'.encode()


def unit(path, inside):
    return f'<unit id="{path}">{inside}</unit>'


def read(data, known=()):
    return read_xliff(data, CAN, "da", known)


def told(received):
    return [one.code for one in received.problems]


def of(received):
    return {one.path: one.text for one in received.translations}


# -- what tools do ---------------------------------------------------------------------------------------------


def test_a_file_that_lost_our_attributes_is_understood_by_its_source_texts():
    assert read(file(TITLE)).translations == (Translation("title", "da", "Fyld en dåse", SHA["title"], "draft"),)


def test_a_placeholder_is_written_as_an_element_that_tools_protect():
    sent = write_xliff(CAN, "da", [Translation("steps.fill.text", "da", "{within} s", SHA["steps.fill.text"], "draft")])

    assert b'<originalData><data id="within">{within}</data></originalData>' in sent
    assert b'<source>Fill within <ph id="1" canDelete="no" dataRef="within" equiv="{within}"/> s.</source>' in sent
    assert b'<target><ph id="1" canDelete="no" dataRef="within" equiv="{within}"/> s</target>' in sent


def test_a_placeholder_is_known_by_its_data_and_by_its_equivalent():
    source = "<source>Fill within {within} s.</source>"
    data = '<originalData><data id="d">{within}</data></originalData>'
    with_data = f'{data}<segment>{source}<target>I <ph id="1" dataRef="d"/> s.</target></segment>'
    without = f'<segment>{source}<target>I <ph id="1" equiv="{{within}}"/> s.</target></segment>'

    for inside in (with_data, without):
        assert of(read(file(unit("steps.fill.text", inside)))) == {"steps.fill.text": "I {within} s."}


def test_a_text_in_several_segments_is_joined_again():
    inside = (
        "<segment><source>Every can is full.</source><target>Hver dåse er fuld.</target></segment>"
        "<ignorable><source> </source></ignorable>"
        "<segment><source>None is too full.</source><target>Ingen er for fuld.</target></segment>"
    )
    back = read(file(unit("purpose", inside)))

    assert (of(back), told(back)) == ({"purpose": "Hver dåse er fuld. Ingen er for fuld."}, [])


def test_segments_are_read_in_the_order_of_their_targets():
    inside = (
        '<segment><source>Every can is full.</source><target order="3">To.</target></segment>'
        "<ignorable><source> </source></ignorable>"
        '<segment><source>None is too full.</source><target order="1">Et.</target></segment>'
    )

    assert of(read(file(unit("purpose", inside)))) == {"purpose": "Et. To."}


@pytest.mark.parametrize("order", ["0", "99999999999999999999", "-1", "x", "²"])
def test_an_order_that_cannot_be_is_none(order):
    inside = (
        f'<segment><source>Every can is full. </source><target order="{order}">Et. </target></segment>'
        "<segment><source>None is too full.</source><target>To.</target></segment>"
    )

    assert of(read(file(unit("purpose", inside)))) == {"purpose": "Et. To."}


def test_a_text_that_is_translated_in_part_is_named():
    inside = (
        "<segment><source>Every can is full.</source><target>Hver dåse er fuld.</target></segment>"
        "<segment><source>None is too full.</source></segment>"
    )
    back = read(file(TITLE, unit("purpose", inside)))

    assert (of(back), told(back)) == ({"title": "Fyld en dåse"}, ["segment_missing"])
    assert "purpose" in back.problems[0].message


def test_notes_matches_and_marks_of_a_tool_are_no_text():
    inside = (
        '<mtc:matches xmlns:mtc="urn:oasis:names:tc:xliff:matches:2.0"><mtc:match ref="#1"><source>Fill a can</source>'
        "<target>Fyld en flaske</target></mtc:match></mtc:matches><notes><note>Kort!</note></notes>"
        '<segment><source>Fill a can</source><target>Fyld <mrk id="m" type="term">en<!-- ! --></mrk><?x y?>'
        "<![CDATA[ dåse]]></target></segment>"
    )

    assert of(read(file(unit("title", inside)))) == {"title": "Fyld en dåse"}


@pytest.mark.parametrize(
    "inside", ['<pc id="1">en</pc>', '<x:b xmlns:x="urn:x">en</x:b>', '<sc id="1"/>en<ec startRef="1"/>']
)
def test_formatting_is_named_and_not_taken(inside):
    wrong = unit("purpose", f"<segment><source>{PURPOSE}</source><target>Fyld {inside}</target></segment>")
    back = read(file(TITLE, wrong))

    assert (of(back), told(back)) == ({"title": "Fyld en dåse"}, ["inline_unknown"])


@pytest.mark.parametrize("code", ["1B", "0000", "D800", "110000", "zz", ""])
def test_a_character_that_xml_cannot_hold_is_refused(code):
    inside = f'<segment><source>Fill a can</source><target>Fyld<cp hex="{code}"/></target></segment>'

    assert told(read(file(unit("title", inside)))) == ["control_character"]


def test_an_altered_source_text_is_named_and_the_translation_taken():
    sent = write_xliff(CAN, "da", [Translation("title", "da", "Fyld en dåse", SHA["title"], "draft")])
    back = read(sent.replace(b"<source>Fill a can", b"<source>Fill a tin"))

    assert (of(back), told(back)) == ({"title": "Fyld en dåse"}, ["source_altered"])


def test_white_space_that_a_tool_changed_in_a_source_text_is_nothing():
    sent = write_xliff(CAN, "da", [Translation("title", "da", "Fyld en dåse", SHA["title"], "draft")])

    assert told(read(sent.replace(b"<source>Fill a can", b"<source>\n  Fill a\n  can"))) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_a_file_may_be_in_any_encoding_that_it_names(encoding):
    named = "utf-8" if encoding == "utf-8-sig" else encoding
    text = file(TITLE).decode().replace('version="1.0"', f'version="1.0" encoding="{named}"', 1)

    assert of(read(text.encode(encoding))) == {"title": "Fyld en dåse"}


def test_a_regional_language_is_the_language():
    assert of(read(file(TITLE, head=HEAD.replace('"da"', '"da-DK"')))) == {"title": "Fyld en dåse"}


def test_version_2_0_is_the_same_to_us():
    assert of(read(file(TITLE, head=HEAD.replace("2.1", "2.0")))) == {"title": "Fyld en dåse"}


# -- what is refused -------------------------------------------------------------------------------------------


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "before",
    [
        "<!DOCTYPE xliff>",
        BOMB,
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>',
    ],
)
def test_a_document_type_is_refused_before_anything_is_read(before):
    inside = "<segment><source>Fill a can</source><target>&c;&e;</target></segment>"
    back = read(file(unit("title", inside), before=before))

    assert (told(back), back.translations) == (["document_type"], ())


def test_an_entity_that_nobody_declared_ends_the_reading():
    back = read(file(TITLE, unit("purpose", "<segment><source/><target>&e;</target></segment>")))

    assert (of(back), told(back)) == ({"title": "Fyld en dåse"}, ["not_xml"])


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (HEAD.replace('trgLang="da"', 'trgLang="ca"'), "wrong_language"),
        (HEAD.replace('trgLang="da"', ""), "wrong_language"),
        (HEAD.replace('srcLang="en"', 'srcLang="da"'), "wrong_language"),
        (HEAD.replace("document:2.0", "document:1.2").replace('"2.1"', '"1.2"'), "version_unknown"),
        (HEAD.replace("document:2.0", "document:2.2").replace('"2.1"', '"2.2"'), "version_unknown"),
        (HEAD.replace('version="2.1"', ""), "version_unknown"),
        (HEAD.replace("urn:oasis:names:tc:xliff:document:2.0", "urn:x"), "not_xliff"),
    ],
)
def test_a_file_for_something_else_is_refused_as_a_whole(head, code):
    back = read(file(TITLE, head=head))

    assert (told(back), back.translations) == ([code], ())


def test_a_web_page_is_no_xliff():
    back = read(b"<html><body>Sign in</body></html>")

    assert told(back) == ["not_xliff"]
    assert "<html>" in back.problems[0].message


def test_a_file_that_was_cut_gives_what_came_before():
    sent = file(TITLE, unit("purpose", "<segment><source/><target>Hver dåse"))
    back = read(sent[: sent.index(b"Hver") + 3])

    assert (of(back), told(back)) == ({"title": "Fyld en dåse"}, ["not_xml"])
    assert back.problems[0].line == 1


def test_elements_within_each_other_without_end_are_refused():
    deep = "<group>" * 100_000

    assert told(read(file(TITLE, deep))) == ["too_deep"]


def test_ten_thousand_bad_units_are_not_all_told():
    units = [
        unit(f"steps.s{number}.text", "<segment><source/><target>x</target></segment>") for number in range(10_000)
    ]
    units += [
        unit("steps.fill.text", f"<segment><source>Fill</source><target>{number}</target></segment>")
        for number in range(20_000)
    ]
    back = read(file(*units))

    assert len(back.problems) == 501
    assert told(back)[-1] == "too_many_problems"


def test_a_file_without_end_is_read_up_to_fifty_thousand_units():
    back = read(file(TITLE, *["<unit/>"] * 60_000))

    assert (told(back), of(back)) == (["too_many_units"], {"title": "Fyld en dåse"})


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<segment/>",
        "<segment><target>Fyld</target></segment>",
        "<source>Fill a can</source><target>Fyld</target>",
        "<segment><source>Fill a can<target>Fyld</target></source></segment>",
        "<segment><source>Fill a can</source></segment>",
        "<segment><source>Fill a can</source><target/></segment>",
        "<segment><source>Fill a can</source><target> </target></segment>",
        "<unit id='title'><segment><source>Fill a can</source></segment></unit>",
        "<originalData><data>x</data></originalData>",
        "text<notes>text</notes>",
    ],
)
def test_a_unit_that_is_put_together_wrongly_harms_no_other(inside):
    purpose = unit("purpose", f"<segment><source>{PURPOSE}</source><target>Fuld.</target></segment>")

    assert of(read(file(unit("title", inside), purpose)))["purpose"] == "Fuld."


def test_a_unit_without_its_source_is_named():
    back = read(file(unit("title", "<segment><source/><target>Fyld</target></segment>")))

    assert (told(back), back.translations) == (["source_missing"], ())


def test_elements_outside_a_unit_are_no_texts():
    assert read(file("<segment><source>a</source><target>b</target></segment>", TITLE)).problems == ()
