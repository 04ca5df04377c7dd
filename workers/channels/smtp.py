"""Mail over SMTP. Every wait is bounded, and so is the whole of a try: no worker is held for long."""

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.headerregistry import Address
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from qc_service.config import Settings
from workers.channels import mail
from workers.channels.message import Message, NotSent, Outcome, Permanent, Retryable, Unknown, one_line

TIMEOUT = 10.0  # seconds of each wait for the server
WHOLE = 25.0  # seconds of a try: a server that drips its answers is not waited for
FORM = "smtp://user:password@host:port?from=qc@example.com"
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as the setting names it."""

    host: str
    port: int
    encrypted: bool  # from the first byte
    sender: Address
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def server_of(url: str) -> Server:
    """The setting taken apart. What is wrong with it is said without repeating it: it may hold a password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORTS[parts.scheme]
        sender = mail.address(parse_qs(parts.query)["from"][0])
    except (ValueError, KeyError, Permanent) as error:
        raise Retryable(f"QC_SMTP_URL cannot be used: write {FORM}") from error
    if not host:
        raise Retryable("QC_SMTP_URL names no host")
    user, password = (part and unquote(part) for part in (parts.username, parts.password))
    return Server(host, port, parts.scheme == "smtps", sender, user or None, password or "")


def send(message: Message, address: str, settings: Settings) -> Outcome:
    """One mail to one mailbox."""
    if settings.smtp_url is None:
        raise Permanent("no mail server is configured: set QC_SMTP_URL")
    server = server_of(settings.smtp_url)
    to = mail.address(address, message.name)
    content = mail.compose(message, to, server.sender).as_bytes()
    with _connected(server) as smtp:
        _envelope(smtp, server.sender.addr_spec, to.addr_spec)
        reply = _data(smtp, content)
    return Outcome(reply, mail.message_id(message, server.sender))


@contextlib.contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    """A session up to where mail can be given in; what goes wrong before that can be tried again."""
    smtp, done = _session(server), threading.Event()
    threading.Thread(target=_watch, args=[smtp, done], daemon=True, name="qc-mail-watch").start()
    try:
        code, reply = smtp.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, reply)
        _secure(smtp, server)
        yield smtp
    except NotSent:
        raise
    except smtplib.SMTPResponseException as error:
        raise Retryable(f"the mail server said {said(error.smtp_code, error.smtp_error)}") from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        where = f"{server.host}:{server.port}"
        raise Retryable(f"the mail server {where} cannot be used: {_why(error)}") from error
    finally:
        done.set()
        _leave(smtp)


def _session(server: Server) -> smtplib.SMTP:
    """Not connected yet, so that the watch covers the greeting too."""
    name = server.sender.domain  # a name of our own, since asking the resolver for one can take long
    smtp = smtplib.SMTP(local_hostname=name, timeout=TIMEOUT)
    if server.encrypted:
        context = ssl.create_default_context()
        smtp = smtplib.SMTP_SSL(local_hostname=name, timeout=TIMEOUT, context=context)
    smtp._host = server.host  # type: ignore[attr-defined]  # noqa: SLF001 - else no certificate is for this host
    return smtp


def _secure(smtp: smtplib.SMTP, server: Server) -> None:
    smtp.ehlo_or_helo_if_needed()
    safe = server.encrypted or _loopback(server.host)
    if not server.encrypted and smtp.has_extn("starttls"):
        context = ssl.create_default_context()
        if server.user is None:  # who could forge a certificate could as well hide that encryption is offered
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        safe = True
    if server.user is None:
        return
    if not safe:
        raise Retryable("the mail server offers no encryption, so it is not given the password")
    try:
        smtp.login(server.user, server.password or "")
    except smtplib.SMTPAuthenticationError as error:
        raise Retryable(f"the mail server refused the user name or password ({error.smtp_code})") from error


def _loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _envelope(smtp: smtplib.SMTP, sender: str, to: str) -> None:
    _accepted(*smtp.mail(sender), 250)
    _accepted(*smtp.rcpt(to), 250, 251, 252)


def _data(smtp: smtplib.SMTP, content: bytes) -> str:
    """From the final dot on, silence is no refusal: the mail may have been taken."""
    code, reply = smtp.docmd("DATA")
    _accepted(code, reply, 354)
    try:
        smtp.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
        code, reply = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise Unknown(f"the mail server fell silent after it had the mail: {_why(error)}") from error
    _accepted(code, reply, 250)
    return said(code, reply)


def _accepted(code: int, reply: bytes, *wanted: int) -> None:
    if code in wanted:
        return
    text = f"the mail server said {said(code, reply)}"
    raise Permanent(text) if 500 <= code <= 599 else Retryable(text)


def said(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return one_line(f"{code} {text}", 200)


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "no answer in time"
    return one_line(getattr(error, "strerror", None) or str(error) or type(error).__name__, 150)


def _watch(smtp: smtplib.SMTP, done: threading.Event) -> None:
    """Cuts the line of a try that takes too long in all."""
    pause = WHOLE
    while not done.wait(pause):
        pause = 0.5  # once more, in case there was no line to cut yet
        with contextlib.suppress(OSError, AttributeError):
            smtp.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def _leave(smtp: smtplib.SMTP) -> None:
    """Whatever the farewell brings, what was said before counts."""
    with contextlib.suppress(smtplib.SMTPException, OSError, AttributeError):
        smtp.sock.settimeout(min(TIMEOUT, 2.0))  # type: ignore[union-attr]
        smtp.quit()
    smtp.close()
