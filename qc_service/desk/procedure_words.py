"""What the pages of procedures call things: states, classes, decisions, kinds, and the fields of the editor."""

from qc_service.texts import Text, later
from sops.diff import ChangeClass

CLASSES: dict[str, Text] = {
    ChangeClass.NONE: later("Nothing changed"),
    ChangeClass.WORDING: later("Wording"),
    ChangeClass.CHECK_CHANGED: later("Checks changed"),
    ChangeClass.SAFETY: later("Safety"),
    ChangeClass.WITHDRAWN: later("Withdrawn"),
}
NEW = "new"  # a version that takes no other's place
CHANGES: dict[str, Text] = {**CLASSES, NEW: later("New")}
CLASS_MEANS: dict[str, Text] = {
    ChangeClass.WORDING: later("People read it when they next can; who knew the version before may go on."),
    ChangeClass.CHECK_CHANGED: later("Everybody reads and signs it before they go on."),
    ChangeClass.SAFETY: later("Everybody reads and signs it before they go on. It is told first."),
}
DECISIONS: dict[str, Text] = {
    "submitted": later("sent it for review"),
    "reviewed": later("reviewed it"),
    "returned": later("returned it to its authors"),
    "approved": later("approved it"),
    "published": later("published it"),
    "withdrawn": later("withdrew it"),
    "discarded": later("discarded it"),
    "reopened": later("the approval fell away"),
}
METHODS: dict[str, Text] = {"pin": later("signed with PIN"), "password": later("signed with password")}
ROLES: dict[str, Text] = {"author": later("Author"), "reviewer": later("Reviewer"), "approver": later("Approver")}

SECTIONS: dict[str, Text] = {
    "head": later("Head"),
    "hazards": later("Hazards"),
    "tools": later("Tools"),
    "defects": later("Defects"),
    "steps": later("Steps"),
    "checks": later("Checks"),
}
ONE_OF: dict[str, Text] = {
    "head": later("Title and head"),
    "hazards": later("Hazard"),
    "tools": later("Tool"),
    "defects": later("Defect word"),
    "steps": later("Step"),
    "checks": later("Check"),
}
ADD: dict[str, Text] = {
    "hazards": later("Add a hazard"),
    "tools": later("Add a tool"),
    "defects": later("Add a defect word"),
    "steps": later("Add a step"),
    "checks": later("Add a check"),
}
KINDS: dict[str, Text] = {
    "confirm": later("OK or defect"),
    "measure": later("Measured value"),
    "count": later("Count"),
    "choose": later("Choice from a list"),
    "text": later("Words"),
    "photo": later("Photo"),
    "timer": later("Time"),
    "sign": later("Signature"),
}

LABELS: dict[str, Text] = {
    "id": later("Short name"),
    "code": later("Defect code"),
    "type": later("Kind of answer"),
    "text": later("Text"),
    "detail": later("Details"),
    "help": later("Help"),
    "control": later("What protects from it"),
    "step": later("Belongs to the step"),
    "severity": later("Severity"),
    "defect_codes": later("Defect codes"),
    "layout": later("On the screen"),
    "show_if": later("Asked"),
    "sampling": later("Units to look at"),
    "photo_on_defect": later("A defect needs a photo"),
    "hazards": later("Hazards"),
    "tools": later("Tools"),
    "photos": later("Pictures"),
    "title": later("Title"),
    "purpose": later("Purpose"),
    "scope": later("Where it applies"),
    "language": later("Written in"),
    "skill": later("Skill to be shown"),
    "unit": later("Unit"),
    "min": later("Lower limit"),
    "max": later("Upper limit"),
    "nominal": later("Nominal value"),
    "tolerance": later("Tolerance, plus or minus"),
    "samples": later("Samples"),
    "decimals": later("Decimals"),
    "accept": later("Samples that may be outside"),
    "gauge": later("Measured with"),
    "choices": later("Choices"),
    "several": later("Several may be chosen"),
    "max_length": later("Most characters"),
    "within": later("Longest time, in seconds"),
    "at_least": later("Shortest time, in seconds"),
    "role": later("Signed by"),
    "meaning": later("What the signature means"),
}
FEWEST_PHOTOS = later("Fewest photos")
HELPS: dict[str, Text] = {
    "id": later("Made from the text if you leave it empty. It stays the same for good: statistics go by it."),
    "code": later("Capital letters and digits, such as LEAK. It stays the same for good."),
    "control": later("What keeps it from hurting somebody."),
    "min": later("Give a lower limit, an upper limit or both; or a nominal value with a tolerance."),
    "accept": later("0: every sample must be within its limits."),
    "decimals": later("How many decimals the answer has."),
    "defect_codes": later("What can be wrong, so that defects are counted by their kind."),
    "layout": later("Up to four easy checks of one step can share a screen."),
}
STEP_KIND_HELP = later("Leave it empty where nothing has to be answered at the step itself.")

WORDS: dict[str, dict[str, Text]] = {
    "severity": {"critical": later("critical"), "major": later("major"), "minor": later("minor")},
    "layout": {"single": later("by itself"), "group": later("with its neighbours")},
    "role": {
        "operator": later("operator"),
        "inspector": later("inspector"),
        "supervisor": later("supervisor"),
        "quality_manager": later("quality manager"),
        "auditor": later("auditor"),
        "admin": later("administrator"),
    },
    "photo_kind": {"good": later("Good"), "bad": later("Bad"), "shows": later("Shows")},
    "sampling_rule": {
        "all": later("every unit"),
        "every": later("the first unit, and then every so many"),
        "per_shift": later("so many units a shift"),
        "accept_zero": later("a sample of the lot in which no defect may be"),
    },
    "ok": {"ok": later("OK"), "defect": later("Defect")},
}
AS_THE_PROCEDURE = later("as in the whole procedure")

# What is most often wrong in a document, in words of the editor; all else is said as the language of documents says it.
PROBLEMS: dict[str, Text] = {
    "missing": later("This is missing. Fill it in."),
    "too_long": later("This is too long. Shorten it."),
    "several_lines": later("This must be one line. Take the line breaks out."),
    "control_character": later("This holds a character that cannot be kept, such as a tab. Take it out."),
    "not_an_id": later("Write small letters, digits, - and _, at most 40, a letter first."),
    "not_a_code": later("Write capital letters, digits, - and _, at most 32."),
    "not_a_hash": later("This is no picture. Upload one, or take its row out."),
    "not_a_choice": later("Choose one of the list."),
    "not_a_number": later("Write a number such as 338 or 0.10, with a comma or a point and no thousands sign."),
    "negative": later("Write zero or more."),
    "not_a_whole_number": later("Write a whole number."),
    "out_of_range": later("That number is too small or too large."),
    "wrong_length": later("There are too few or too many of these."),
    "duplicate_id": later("Another one is called so already. Give each its own name."),
    "reserved_id": later("Every check may be answered so. Take another name."),
    "no_limit": later("There is no limit, so every answer would pass. Give one."),
    "limits_twice": later("A tolerance and limits stand beside each other. Keep one of the two."),
    "nominal_missing": later("The tolerance needs a nominal value to go with."),
    "nominal_outside": later("The nominal value is outside the limits. Correct one of them."),
    "min_above_max": later("The lower limit is above the upper one. Correct one of them."),
    "too_many_decimals": later("This has more decimals than the answers. Raise the decimals, or round it."),
    "nothing_accepted": later("No choice is right, so every answer would be a defect. Mark at least one."),
    "accept_too_many": later("So many samples may be outside that all could be. Lower it."),
    "named_twice": later("The same is named twice here. Once is enough."),
    "unknown_hazard": later("There is no such hazard. Add it first, or leave it out here."),
    "unknown_tool": later("There is no such tool. Add it first, or leave it out here."),
    "unknown_step": later("There is no such step. Choose one of the list."),
    "unknown_defect": later("There is no word for that defect code. Add it first, or leave it out here."),
    "unknown_check": later("There is no such check. Choose one of the list."),
    "group_too_long": later("More than four checks would share a screen. Let one of them stand by itself."),
    "group_not_easy": later("This kind of answer needs a screen of its own."),
    "condition_on_itself": later("A check cannot wait for its own answer. Name an earlier one."),
    "condition_on_later": later(
        "The check that it waits for comes after it. Move one of them, or name an earlier one."
    ),
    "condition_on_condition": later("The check that it waits for has a condition itself. Name another."),
    "condition_circle": later("These conditions go round in a circle, so none is ever asked. Take one of them away."),
    "condition_on_kind": later("Only a check that is confirmed or chosen can be waited for."),
    "condition_never": later("The check that it waits for can never be answered so. Choose another answer."),
    "brace_single": later("A single brace stands in the text. Double it if it is meant to be read."),
    "placeholder_unknown": later("A placeholder in braces stands for nothing here. Correct its name."),
    "type_changed": later(
        "A published version has another kind of answer here. Make it a new check, so that its numbers stay comparable."
    ),
    "unknown_field": later("A field is there that no procedure has."),
    "too_large": later("The procedure is larger than 1 MiB. Split it into several."),
}
