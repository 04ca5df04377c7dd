"""Every text of the floor by its name, so that the modules in the browser hold none.

`{name}` is filled in by the tablet. A test holds the names against those that the modules use.
"""

from functools import lru_cache
from typing import Any

from qc_service.texts import Text, later
from qc_service.words import NAMES, Words
from sops.numbers import DECIMAL_SIGN

TEXTS: dict[str, Text] = {
    "app.name": later("Quality control"),
    # everywhere
    "back": later("Back"),
    "change": later("Change it"),
    "change.of": later("Change: {check}"),
    "continue": later("Continue"),
    "skip": later("To the page’s content"),
    "waiting": later("Waiting: {count}"),
    "all_sent": later("All sent"),
    "offline": later("No network"),
    "line_and_unit": later("{line} · {unit}"),
    "version": later("{code} · version {version}"),
    "no_secure": later(
        "This address is not secure, so nothing can be kept without a network. Ask IT for the tablet’s HTTPS address."
    ),
    "storage_refused": later("The browser may clear this tablet’s memory. Install the app, or ask IT."),
    "storage_full": later("This tablet’s memory is nearly full. Bring it to where there is a network."),
    "not_translated": later("{language} – not translated yet"),
    "outdated": later("Translation of an earlier version – text changed"),
    "draft_text": later("Translation not reviewed yet"),
    # enrolment
    "enrol.title": later("Set up this tablet"),
    "enrol.how": later(
        "Ask a supervisor to open “Tablets” at a desk and to show you the code, and scan it with this tablet’s camera."
    ),
    "enrol.type": later("Or type the code that stands under it"),
    "enrol.done": later("Use this tablet"),
    "enrol.refused": later("This code is not valid. Ask a supervisor to show a new one."),
    "enrol.no_network": later("There is no network. A tablet is set up with one."),
    "line.title": later("Where does this tablet stand?"),
    "line.scan": later("Scan the station’s label, or tap the line."),
    "line.unknown": later("{line} is no line at which this tablet may stand."),
    "line.none": later("There is no line yet. A supervisor makes one at a desk."),
    # station home
    "home.title": later("Line {line}"),
    "home.inspect": later("Inspect"),
    "home.inspect.of": later("Check what a colleague made"),
    "home.resume": later("Go on: {lot}"),
    "home.resume.of": later("Check {n} of {of} · begun {time}"),
    "home.sent": later("My inspections"),
    "home.scan": later("Have a badge card? Scan it to sign in."),
    "home.fetched": later("Fetched {time}"),
    "home.another_line": later("Another line"),
    # who are you
    "who.title": later("Who are you?"),
    "who.scan": later("Scan your badge, or tap your name."),
    "who.unknown": later("Nobody with the badge {badge} may inspect at this line."),
    "who.nobody": later("Nobody of this line may inspect yet."),
    "who.pin": later("PIN of {name}"),
    "who.sign_out": later("Sign out"),
    "who.wrong": later("Badge or PIN is wrong. After a few wrong tries you must wait."),
    "who.unchecked_card": later("No network: your card is checked when the tablet sends."),
    "who.card_wrong": later("This card lets nobody in. Sign in with your PIN, or ask a supervisor for a new card."),
    "who.unchecked": later("No network: your PIN is checked when the tablet sends."),
    "who.must_change": later("Somebody else chose this PIN. Choose your own, of 6 digits:"),
    "who.new_pin": later("Your new PIN"),
    "who.take_over": later("{name} takes over from {other}"),
    "who.signed": later("Signed in: {name}, {badge}"),
    # records of which it is not certain whose they were
    "yours.title": later("Were these yours?"),
    "yours.why": later(
        "They were sent under your name, and it is not certain that it was you. If not, a supervisor looks at it."
    ),
    "yours.yes": later("Yes, mine"),
    "yours.no": later("No, not mine"),
    "yours.not": later("Not this one"),
    "yours.send": later("Send my answer"),
    "yours.later": later("Later"),
    "yours.said": later("Thank you. Your answer has arrived."),
    "yours.not_sent": later("Your answer was not sent. Try again, or press Later."),
    # lot and unit
    "unit.title": later("What do you inspect?"),
    "unit.scan": later("Scan the label, or tap the lot."),
    "unit.type": later("Type the lot’s code"),
    "unit.own": later("You made it: somebody else has to check it"),
    "unit.unknown": later("{lot} is not known on this tablet. It is checked when it is sent."),
    "unit.no_lot": later("The unit {unit} is in no lot that this tablet knows. Scan or type the lot."),
    "unit.whole": later("The whole lot"),
    "unit.which": later("Lot {lot}: which unit?"),
    "unit.procedure": later("Which procedure?"),
    "unit.no_package": later("The procedure of this lot is not on this tablet yet. Connect it to the network first."),
    "unit.not_qualified": later("You have not read the procedure in force, so your check would wait for a supervisor."),
    "unit.how_many": later("How many units do you inspect?"),
    "unit.in_other_tab": later("This inspection is open in another tab."),
    # reading a code with the camera
    "scan.scan": later("Scan"),
    "scan.title": later("Scan the code"),
    "scan.hold": later("Hold the code in front of the camera."),
    "scan.reading": later("Reading the photo…"),
    "scan.none": later("No code is to be seen in the photo. Go nearer, hold still, and take another."),
    "scan.several": later("There are several codes. Which one?"),
    "scan.no_network": later("There is no network, and a photo of a code needs it. Type or tap instead."),
    "scan.no_camera": later("The camera cannot be used. Allow it in the browser’s settings, or type or tap instead."),
    "scan.failed": later("The service cannot read photos of codes right now. Type or tap instead."),
    "scan.other_site": later("This code is of another site: {site}."),
    "scan.is.lot": later("This is the label of a lot: {lot}. It is not asked for here."),
    "scan.is.unit": later("This is the label of a unit: {unit}. It is not asked for here."),
    "scan.is.line": later("This is the label of a station: {line}. It is not asked for here."),
    "scan.is.badge": later("This is a badge: {badge}. It is not asked for here."),
    "scan.is.card": later("This is a badge card. Scan it where the tablet asks who you are."),
    "scan.is.tablet": later("This code sets up a tablet. It is not asked for here."),
    "scan.is.address": later("This code opens a page of {host}. It names no lot, unit, station or badge."),
    "scan.is.nothing": later("This code names no lot, unit, station or badge that could be here. Type it instead."),
    # a check
    "check.title": later("Check {n} of {of}"),
    "check.ok": later("OK"),
    "check.defect": later("Defect"),
    "check.not_applicable": later("Not applicable…"),
    "check.cannot_check": later("Can’t check…"),
    "check.why_not_applicable": later("Why does it not apply?"),
    "check.why_cannot": later("Why can it not be checked?"),
    "check.next": later("Next"),
    "check.not_saved": later("This answer could not be kept. Try again, and do not go on before it is."),
    "reason.not_part": later("This product does not have it"),
    "reason.other_variant": later("Another variant is made"),
    "reason.no_access": later("Can’t reach it"),
    "reason.no_sight": later("Can’t see it"),
    "reason.no_tool": later("The tool is missing or broken"),
    "reason.no_time": later("There was no time"),
    # measuring and counting
    "number.within": later("within limits"),
    "number.above": later("above by {by}"),
    "number.below": later("below by {by}"),
    "number.sample": later("Sample {n} of {of}"),
    "number.again": later("Measure again"),
    "number.as_defect": later("Save as defect"),
    "number.save": later("Save"),
    "number.delete": later("Delete the last digit"),
    "number.sign": later("Plus or minus"),
    "number.implausible": later("{value} is far from what is usual here. Is it right?"),
    "number.decimals": later("At most {count} decimals."),
    "number.whole": later("A whole number."),
    "number.value": later("Value"),
    # others
    "text.label": later("Your words"),
    "timer.start": later("Start the clock"),
    "timer.stop": later("Stop the clock"),
    "timer.seconds": later("{seconds} s"),
    "sign.sign": later("Sign as {name}"),
    "photo.take": later("Take a photo"),
    "photo.use": later("Use these photos"),
    "photo.count": later("Photos: {count}"),
    "photo.bad": later("This is no picture that can be read. Take another."),
    # the defect sheet
    "defect.title": later("What is wrong?"),
    "defect.other": later("Something else"),
    "defect.units": later("Units with it"),
    "defect.what_now": later("What happens to it?"),
    "defect.rework": later("Rework"),
    "defect.scrap": later("Scrap"),
    "defect.hold": later("Hold"),
    "defect.photo": later("Photo of the defect"),
    # check your answers
    "review.title": later("Check your answers"),
    "review.ok": later("{count} checks OK"),
    "review.show_all": later("Show all"),
    "review.fast": later("Answered very quickly. Look again?"),
    "review.missing": later("Not answered yet: {count}"),
    "review.statement": later("I inspected this myself."),
    "review.signed": later("Signed: {name}, {badge}"),
    "review.submit": later("Submit inspection"),
    "review.saving": later("Saving…"),
    # sent
    "sent.title": later("My inspections"),
    "sent.safe": later("Saved on this tablet. It sends itself."),
    "sent.waiting": later("waiting"),
    "sent.sent": later("sent {time}"),
    "sent.help": later("needs help"),
    "sent.receipt": later("Receipt {receipt}"),
    "sent.none": later("Nothing here yet."),
    "sent.now": later("Send now"),
    "sent.copy": later("Save a copy"),
    "sent.next": later("Next inspection"),
    "sent.reconnect": later("Ask a supervisor to reconnect this tablet. {count} records are safe here."),
    "sent.recheck": later("Check the changed ones again: {count}"),
    "sent.recheck.reason": later("Checks had changed since; these were checked again."),
    "sent.of_others": later("Of others: {count}"),
    "sent.refused": later("The service could not take this record ({code}). A supervisor can see that it is here."),
    "sent.variant": later(
        "Another record was sent under the number of this one. Yours is kept for a supervisor to compare."
    ),
    # stop the line, call a supervisor
    "stop.button.stop": later("Stop the line"),
    "stop.button.help": later("Call a supervisor"),
    "stop.ask.stop": later("Stop {line}?"),
    "stop.ask.help": later("Call a supervisor to {line}?"),
    "stop.yes.stop": later("Stop {line}"),
    "stop.yes.help": later("Call"),
    "stop.cancel": later("Cancel"),
    "stop.title.stop": later("{line} is to stop"),
    "stop.title.help": later("A supervisor is called to {line}"),
    "stop.sending": later("Sending…"),
    "stop.taken": later("The service has it and is telling the supervisors."),
    "stop.told": later("Told: {names}"),
    "stop.telling": later("Being told: {names}"),
    "stop.not_told": later("Not reached by mail: {names}"),
    "stop.told_nobody": later("Nobody could be told by mail. It is shown at the supervisors’ desks."),
    "stop.answered": later("Coming: {names} ({time})"),
    "stop.ended.stop": later("{name} says the line runs again ({time}): {reason}"),
    "stop.ended.help": later("{name} says it is settled ({time}): {reason}"),
    "stop.not_sent": later("Not sent, no network."),
    "stop.not_taken": later("Not sent: the service did not take it ({code})."),
    "stop.cord": later("Pull the cord."),
    "stop.cord_or_phone": later("Pull the cord or call {phone}."),
    "stop.fetch": later("Fetch a supervisor."),
    "stop.fetch_or_phone": later("Fetch a supervisor or call {phone}."),
    "stop.kept": later(
        "It is kept on this tablet and sent when there is a network. Too late for an alarm, it is history."
    ),
    "stop.late": later("It reached the service late and is kept as history. Nobody was alarmed."),
    "stop.no_news": later("No network: what is shown may be old."),
    # the lock
    "idle.warning": later("This tablet locks itself in a minute. Your work is kept."),
    "idle.stay": later("I am still here"),
}


@lru_cache(maxsize=16)
def catalogue(language: str) -> dict[str, Any]:
    """All texts in one language, with what the tablet needs to write its numbers."""
    say = Words(language).say
    return {
        "language": language, "decimal": DECIMAL_SIGN[language], "languages": dict(NAMES),
        "texts": {name: say(text) for name, text in TEXTS.items()},
    }  # fmt: skip
