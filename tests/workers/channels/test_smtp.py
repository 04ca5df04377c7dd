import email
import email.policy
import smtplib
import ssl
import time

import pytest

from tests.workers.channels.conftest import SILENT
from workers.channels import smtp
from workers.channels.message import Permanent, Retryable, Unknown

ANA = "ana@example.com"


@pytest.fixture
def send(notice, settings_with):
    def sent(url, address=ANA, **changes):
        return smtp.send(notice(**changes), address, settings_with(url))

    return sent


def test_a_mail_arrives_as_it_was_written(postbox, send):
    outcome = send(postbox.url, explanation=".\r\n..\r\n.hidden dots\r\n\r\nEnd — žlutá.")

    envelope = postbox.mails[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("qc@example.com", [ANA])
    found = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert ".\n..\n.hidden dots\n\nEnd — žlutá." in found.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert envelope.content.isascii()
    assert (outcome.detail, outcome.message_id) == ("250 OK", "<ntf_01@example.com>")


def test_without_a_server_nobody_is_mailed(send):
    with pytest.raises(Permanent, match="no mail server is configured"):
        send(None)


@pytest.mark.parametrize(
    "url",
    [
        "smtp://127.0.0.1", "smtp://user:p%41ss@127.0.0.1:25", "smtp:///?from=qc@example.com",
        "smtp://127.0.0.1:port?from=qc@example.com", "imap://127.0.0.1?from=qc@example.com",
        "smtp://user:hun/ter2@127.0.0.1:25?from=qc@example.com", "smtp://127.0.0.1?from=nobody", "nonsense",
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_can_be_mended_and_is_not_repeated(send, url):
    with pytest.raises(Retryable, match="QC_SMTP_URL") as refused:
        send(url)
    assert "hun" not in str(refused.value)
    assert "p%41ss" not in str(refused.value)


def test_the_setting_is_taken_apart():
    server = smtp.server_of("smtp://ana%40x:p%40ss@mail.example.com?from=qc@example.com")
    assert (server.host, server.port, server.encrypted) == ("mail.example.com", 587, False)
    assert (server.user, server.password) == ("ana@x", "p@ss")
    assert "p@ss" not in repr(server)
    server = smtp.server_of("smtps://mail.example.com?from=qc@example.com")
    assert (server.port, server.encrypted, server.user) == (465, True, None)


@pytest.mark.parametrize("address", ["bo", "bo@x, cy@x", "bo@x\r\nRCPT TO:<cy@x>"])
def test_what_is_no_mailbox_is_refused_before_anybody_is_called(send, address):
    with pytest.raises(Permanent):
        send("smtp://127.0.0.1:9?from=qc@example.com", address)


def test_a_server_that_is_not_there_is_tried_again(send):
    with pytest.raises(Retryable, match=r"127\.0\.0\.1:9 cannot be used: Connection refused"):
        send("smtp://127.0.0.1:9?from=qc@example.com")


@pytest.mark.parametrize(
    ("word", "answer", "kind"),
    [
        ("", b"421 busy\r\n", Retryable),
        ("", b"554 no mail here\r\n", Retryable),  # about the server, not about the mail
        ("", b"", Retryable),
        ("EHLO", b"", Retryable),
        ("MAIL", b"452 full\r\n", Retryable),
        ("MAIL", b"550 who are you\r\n", Permanent),
        ("RCPT", b"450 come later\r\n", Retryable),
        ("RCPT", b"550 5.1.1 no such mailbox\r\n", Permanent),
        ("RCPT", b"", Retryable),
        ("DATA", b"451 later\r\n", Retryable),
        ("DATA", b"554 no\r\n", Permanent),
        ("DATA", b"", Retryable),
        (".", b"451 later\r\n", Retryable),
        (".", b"552 too large\r\n", Permanent),
        (".", b"", Unknown),
    ],
)
def test_what_an_answer_means(server, send, word, answer, kind):
    server.answers[word] = answer
    with pytest.raises(kind) as refused:
        send(server.url)
    assert type(refused.value) is kind


@pytest.mark.parametrize(("word", "kind"), [("", Retryable), ("EHLO", Retryable), ("RCPT", Retryable), (".", Unknown)])
def test_silence_is_borne_for_a_moment_only(server, send, monkeypatch, word, kind):
    monkeypatch.setattr(smtp, "TIMEOUT", 1.0)
    server.answers[word] = None
    began = time.monotonic()
    with pytest.raises(kind, match="no answer in time"):
        send(server.url)
    assert time.monotonic() - began < SILENT / 2


@pytest.mark.parametrize("word", ["", "MAIL"])
def test_a_server_that_drips_is_left_too(server, send, monkeypatch, word):
    monkeypatch.setattr(smtp, "WHOLE", 0.3)
    server.answers[word] = "drip"
    began = time.monotonic()
    with pytest.raises(Retryable):
        send(server.url)
    assert time.monotonic() - began < SILENT / 2


def test_a_farewell_that_fails_changes_nothing(server, send):
    server.answers["QUIT"] = b""
    assert send(server.url).detail == "250 queued as 7"


def test_no_line_of_the_mail_ends_it_early(server, send):
    send(server.url, sentence="Hello.", explanation="a\r\n.\r\nMAIL FROM:<evil@example.com>\r\nb")
    after = server.heard[server.heard.index("DATA") + 1 :]
    assert "..\r\n" in after
    assert "MAIL FROM:<evil@example.com>\r\n" in after
    assert after[-2:] == [".", "quit"]


def test_a_domain_outside_ascii_is_sent_as_the_net_spells_it(server, send):
    send(server.url, "ana@žlutá.example")
    assert "rcpt TO:<ana@xn--lut-gla59e.example>" in server.heard


def test_a_password_is_given_to_no_server_in_the_clear(server, send, monkeypatch):
    monkeypatch.setattr(smtp, "_loopback", lambda _host: False)
    server.answers["EHLO"] = b"250-here\r\n250 AUTH PLAIN\r\n"
    with pytest.raises(Retryable, match="offers no encryption"):
        send(server.url.replace("//", "//ana:hunter2@"))
    assert not any("AUTH" in line for line in server.heard)


def test_a_refused_password_can_be_mended_and_is_not_repeated(server, send):
    server.answers |= {"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n", "AUTH": b"535 bad: AGFuYQBodW50ZXIy\r\n"}
    with pytest.raises(Retryable, match=r"refused the user name or password \(535\)") as refused:
        send(server.url.replace("//", "//ana:hunter2@"))
    assert "AGFuYQ" not in str(refused.value)


class Session:
    """A session that offers encryption."""

    def __init__(self):
        self.context = None

    def ehlo_or_helo_if_needed(self):
        pass

    def has_extn(self, name):
        return name == "starttls"

    def starttls(self, context):
        self.context = context

    def login(self, user, password):
        self.logged_in = user, password


@pytest.mark.parametrize(("user", "verified"), [("ana:hunter2@", True), ("", False)])
def test_a_certificate_is_verified_where_a_password_is_at_stake(user, verified):
    session = Session()
    smtp._secure(session, smtp.server_of(f"smtp://{user}mail.example.com?from=qc@example.com"))
    assert session.context.check_hostname is verified
    assert (session.context.verify_mode is ssl.CERT_REQUIRED) is verified
    assert hasattr(session, "logged_in") is bool(user)


def test_smtps_is_encrypted_from_the_first_byte_for_the_host_that_was_named(server, send, monkeypatch):
    made = []
    plain = smtplib.SMTP

    def session(*, context, **more):
        made.append((plain(**more), context))
        return made[0][0]

    monkeypatch.setattr(smtplib, "SMTP_SSL", session)
    send(server.url.replace("smtp://", "smtps://"))
    used, context = made[0]
    assert (used._host, used.timeout) == ("127.0.0.1", smtp.TIMEOUT)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(("host", "here"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("mail.x", False)])
def test_what_is_this_machine(host, here):
    assert smtp._loopback(host) is here
