import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.channels.conftest import notice
from workers.channels import mail
from workers.channels.message import Permanent, one_line

SENDER = mail.address("qc@example.com")
TO = mail.address("ana@example.com", "Ana Kovač")
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
    "MIME-Version", "Content-Type",
]  # fmt: skip


def sent(**changes):
    """The mail as whoever receives it reads it."""
    raw = mail.compose(notice(**changes), TO, SENDER).as_bytes()
    assert all(len(line) <= 78 for line in raw.splitlines())
    return email.message_from_bytes(raw, policy=email.policy.default)


def bodies(found):
    return found.get_body(("plain",)).get_content(), found.get_body(("html",)).get_content()


def test_the_mail_says_what_is_wrong_why_you_get_it_and_where_to_look():
    found = sent()
    text, html = bodies(found)

    assert found["Subject"] == "Line 1, scrap: 96 of 3,120 since the fix (3.1%). Not holding: relapsed."
    assert (found["From"], found["To"]) == ("qc@example.com", "Ana Kovač <ana@example.com>")
    assert found["Date"] == "Wed, 18 Nov 2026 06:00:00 +0000"
    assert (found["Message-ID"], found["Auto-Submitted"]) == ("<ntf_01@example.com>", "auto-generated")
    assert found["In-Reply-To"] is None
    for part in (
        "96 of 3,120",
        "The fix promised 1.5%.",
        "https://qc.example.com/alerts/alr_01",
        "Line L1, site S1",
    ):
        assert part in text
        assert part in html
    assert "You get this because you are a supervisor or quality manager of site S1." in text
    assert '<a href="https://qc.example.com/alerts/alr_01">' in html


@pytest.mark.parametrize(
    ("reason", "begins"),
    [
        ("resolved", "Resolved: "),
        ("updated", "Worse: "),
        ("woken", "Snooze over: "),
        ("reminder", "Still firing: "),
    ],
)
def test_the_subject_says_what_is_new(reason, begins):
    assert sent(reason=reason)["Subject"].startswith(f"{begins}Line 1, scrap")


def test_news_of_the_end_gives_the_reason():
    text, html = bodies(sent(reason="resolved", resolve_reason="The scale was read wrongly."))
    assert "The scale was read wrongly." in text
    assert "The scale was read wrongly." in html
    assert "The fix promised" not in text


def test_a_later_mail_stands_in_the_thread_of_the_first():
    found = sent(reason="resolved", thread="<ntf_00@example.com>")
    assert found["In-Reply-To"] == found["References"] == "<ntf_00@example.com>"


def test_every_try_is_the_same_mail():
    first, second = (mail.compose(notice(), TO, SENDER).as_bytes() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "text", ["Linka 1, zmetky: 96 z 3 120 od opravy (3,1 %). Nedrží: " + "žluťoučký kůň " * 9, "ž" * 290]
)
def test_a_sentence_in_any_letters_arrives_whole(text):
    assert sent(sentence=text)["Subject"] == text.strip()


HOSTILE = [
    "a\r\nBcc: evil@example.com",
    "a\nX-Evil: 1\n\nbody",
    "a\x0bBcc: e@x\x0cBcc: e@x\x1cBcc: e@x\x85Bcc: e@x\u2028Bcc: e@x",
    "=?utf-8?q?a=0d=0aBcc:_evil@example.com?=",
    "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=",
    "x" * 5000,
    "\x00\x1b[31m\u202e",
    "ž" * 400 + "\r\n.\r\nMAIL FROM:<e@x>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_typed_adds_no_header(text):
    found = sent(sentence=text, line=text, site=text, explanation=text, name="x")
    assert list(found.keys()) == HEADERS
    assert "\n" not in found["Subject"]
    assert "=?" not in found["Subject"]
    assert len(found["Subject"]) <= 310


@given(st.text(max_size=300))
def test_no_text_at_all_adds_a_header(text):
    found = sent(sentence=f"a{text}", explanation=text, resolve_reason=text)
    assert list(found.keys()) == HEADERS
    assert not found.defects


def test_what_people_typed_is_no_mark_up():
    text = '<script>alert(1)</script><a href="https://evil.example">x</a>&amp;'
    _, html = bodies(sent(sentence=text, explanation=text, line=text, site=text))
    assert "<script" not in html
    assert 'evil.example"' not in html
    assert html.count("<a ") == 1
    assert "&amp;amp;" in html


@pytest.mark.parametrize(
    "text",
    [
        "", "ana", "ana@", "@example.com", "ana@example.com, bo@example.com",
        "ana@example.com\r\nRCPT TO:<bo@x>", "ana@example.com\n", "Ana <ana@example.com>",
        "ana@exa mple.com", "añá@example.com", "<ana@example.com>", "a@b@c",
    ],
)  # fmt: skip
def test_what_is_no_single_mailbox_is_no_address(text):
    with pytest.raises(Permanent):
        mail.address(text)


def test_a_name_cannot_break_out_of_its_quotes():
    to = mail.address("ana@example.com", 'Ana" <evil@example.com>, "\r\nBcc: e@x')
    raw = mail.compose(notice(), to, SENDER).as_bytes()
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert [one.addr_spec for one in found["To"].addresses] == ["ana@example.com"]
    assert found["Bcc"] is None


def test_one_line_is_short_and_printable():
    assert one_line(" a \t b\r\nc ") == "a b c"
    assert one_line("x" * 400) == "x" * 299 + "…"
