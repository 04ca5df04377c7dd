"""A notice as a mail. What people typed is only ever text in it: it breaks no header and is no mark-up."""

from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from html import escape
from typing import Any

from qc_service.texts import later
from qc_service.words import Words
from workers.channels.message import Message, Permanent, one_line


class _Policy(EmailPolicy):
    """Folds a subject with the elder `Header`: the newer way loses blanks between words outside ASCII."""

    def fold(self, name: str, value: Any) -> str:
        folded: str = super().fold(name, value)
        if name.lower() == "subject":
            folded = f"{name}: {Header(str(value), header_name=name).encode(linesep=self.linesep)}{self.linesep}"
        return folded

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")


POLICY = _Policy(linesep="\r\n", cte_type="7bit")  # no server on the way has to understand anything newer

_SUBJECTS = {
    "first": later("%(sentence)s"),
    "updated": later("Worse: %(sentence)s"),
    "resolved": later("Resolved: %(sentence)s"),
    "reminder": later("Still firing: %(sentence)s"),
    "woken": later("Snooze over: %(sentence)s"),
    "news": later("%(sentence)s"),
}
_OPENINGS = {
    "first": later("This fires now."),
    "updated": later("You were told of this before. It got worse."),
    "resolved": later("You were told of this before. It is resolved."),
    "reminder": later("You were told of this before. It still fires."),
    "woken": later("This was put off. The time is over, and it still fires."),
}
SEVERITIES = {
    "info": later("info"),
    "warning": later("warning"),
    "error": later("error"),
    "critical": later("critical"),
}
_WHY = later(
    "You get this because you are a supervisor or quality manager of site %(site)s. "
    "Whoever is told that something fires is also told when it is resolved."
)


def message_id(message: Message, sender: Address) -> str:
    """The same for every try, so that a copy is recognised as one."""
    return f"<{message.id}@{sender.domain}>"


def address(text: str, name: str = "") -> Address:
    """One mailbox and nothing else; the text of the error is for a person."""
    try:
        plain = Address(addr_spec=text)
        return Address(one_line(name, 60), plain.username, plain.domain.encode("idna").decode())
    except (ValueError, IndexError, MessageError) as error:
        raise Permanent("that is no e-mail address") from error


def compose(message: Message, to: Address, sender: Address) -> EmailMessage:
    words = Words(message.language)
    mail = EmailMessage(policy=POLICY)
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = subject(message, words)
    mail["Date"] = format_datetime(message.asked_at)  # of the notice, not of the try
    mail["Message-ID"] = message_id(message, sender)
    if message.thread:
        mail["In-Reply-To"] = mail["References"] = message.thread
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"  # no "I am on holiday" to a machine
    mail.set_content("\n\n".join(_paragraphs(message, words)) + "\n")
    mail.add_alternative(_html(message, words), subtype="html")
    mail.set_boundary(f"=_{message.id}")  # else a random one, and two tries would differ
    return mail


def subject(message: Message, words: Words) -> str:
    """`=?` would begin an encoded word, in which anything can hide."""
    text = one_line(message.sentence).replace("=?", "= ?")
    return words.say(_SUBJECTS[message.reason], sentence=text)


def _paragraphs(message: Message, words: Words) -> list[str]:
    if message.reason == "news":
        told = (message.sentence, message.explanation, words.say("Open it: %(url)s", url=message.url), message.why)
        return [text.strip() for text in told if text and text.strip()]
    found = [message.sentence, words.say(_OPENINGS[message.reason]), message.explanation or ""]
    if message.reason == "resolved":
        found[2] = message.resolve_reason or ""
    found += [_place(message, words), words.say("Open it: %(url)s", url=message.url)]
    found.append(words.say(_WHY, site=one_line(message.site)))
    return [text.strip() for text in found if text.strip()]


def _place(message: Message, words: Words) -> str:
    told = {"site": one_line(message.site), "severity": SEVERITIES.get(message.severity, message.severity)}
    if not message.line:  # it is about lots of a site
        return words.say("Site %(site)s. Severity: %(severity)s.", **told)
    return words.say("Line %(line)s, site %(site)s. Severity: %(severity)s.", line=one_line(message.line), **told)


def _html(message: Message, words: Words) -> str:
    title, *rest = (escape(text) for text in _paragraphs(message, words))
    url = escape(message.url)
    link = f'<a href="{url}">{url}</a>'
    body = "".join(f"<p>{text.replace(url, link)}</p>" for text in rest)
    style = "font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; max-width: 40em"
    return (
        f'<!doctype html><html lang="{escape(message.language)}"><body style="{style}">'
        f'<p style="font-size: 20px"><strong>{title}</strong></p>{body}</body></html>'
    )
