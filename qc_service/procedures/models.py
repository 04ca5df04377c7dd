"""Procedures and their versions: what was written, who had a hand in it, what was decided, what is in force when.

A version's text is the last revision of its draft; once it is published no revision follows. Its state is never
stored: it follows from the decisions and, once published, from time.
"""

import peewee

from qc_service.db import Record, UtcField
from qc_service.procedures.deviation_models import Deviation, DeviationUse, StepReport
from qc_service.procedures.qualification_models import Acknowledgement, SkillRecord
from qc_service.procedures.translation_models import ProcedureTranslation, TranslationOverride
from qc_service.signing import Signature

__all__ = [  # all tables of the slice, for whoever holds the database against the trail
    "Acknowledgement", "Deviation", "DeviationUse", "Procedure", "ProcedureDecision", "ProcedureDraft",
    "ProcedureHand", "ProcedureLine", "ProcedurePublication", "ProcedureTranslation", "ProcedureVersion",
    "Signature", "SkillRecord", "StepReport", "TranslationOverride",
]  # fmt: skip


class Procedure(Record):
    """A procedure of the plant or, with a site, of that site alone. Its code is one in the whole plant."""

    id = peewee.TextField(primary_key=True)
    code = peewee.TextField(unique=True)
    title = peewee.TextField()
    site_id = peewee.TextField(null=True)
    owner_id = peewee.TextField(null=True)
    created_at = UtcField()
    updated_at = UtcField()


class ProcedureLine(Record):
    """A line that works by the procedure."""

    procedure_id = peewee.TextField()
    line_id = peewee.TextField()
    site_id = peewee.TextField()

    class Meta:
        primary_key = peewee.CompositeKey("procedure_id", "line_id")


class ProcedureVersion(Record):
    """A version and whom it is for: everybody, a site, or a line. Numbers run through all variants."""

    history = True

    id = peewee.TextField(primary_key=True)
    procedure_id = peewee.TextField()
    number = peewee.IntegerField()
    site_id = peewee.TextField(null=True)
    line_id = peewee.TextField(null=True)
    base_id = peewee.TextField(null=True)  # the version that it was started from
    author_id = peewee.TextField(null=True)  # null: a command's
    author = peewee.TextField()
    created_at = UtcField()


class ProcedureDraft(Record):
    """The version's text as it was written each time, as the canonical bytes that its digest is of."""

    trail = "digest"  # a document is long
    history = True
    guards = ("procedure_draft_open",)

    version_id = peewee.TextField()
    revision = peewee.IntegerField()
    document = peewee.TextField()
    digest = peewee.TextField()
    change_note = peewee.TextField(null=True)
    written_by = peewee.TextField(null=True)
    human_id = peewee.TextField(null=True)
    written_at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("version_id", "revision")


class ProcedureHand(Record):
    """Who is author, reviewer or approver of a version: one human being holds one part, says the database.

    `human_id` follows when two accounts turn out to be one human being's. A part that fell away by that, or an
    approval that did, is voided and stays to be read.
    """

    guards = (
        "procedure_hand_one_part", "procedure_hand_one_approver", "procedure_hand_human", "procedure_hand_moved",
        "procedure_hand_kept",
    )  # fmt: skip

    id = peewee.TextField(primary_key=True)
    version_id = peewee.TextField()
    role = peewee.TextField()
    person_id = peewee.TextField()
    human_id = peewee.TextField()
    voided_at = UtcField(null=True)


class ProcedureDecision(Record):
    """What was decided about a version. `round` is 2 after an approval that had to be taken back, and so on."""

    history = True
    guards = ("procedure_decision_approved", "procedure_decision_hand", "procedure_decision_once")

    id = peewee.TextField(primary_key=True)
    version_id = peewee.TextField()
    number = peewee.IntegerField()
    kind = peewee.TextField()
    round = peewee.IntegerField()
    revision = peewee.IntegerField()
    digest = peewee.TextField()
    person_id = peewee.TextField(null=True)  # null: a command, or what followed from a merge
    human_id = peewee.TextField(null=True)
    author = peewee.TextField()
    at = UtcField()
    change_class = peewee.TextField(null=True)
    effective_at = UtcField(null=True)
    gives_way = peewee.BooleanField(null=True)
    reason = peewee.TextField(null=True)
    signature_id = peewee.TextField(null=True)
    hand_id = peewee.TextField(null=True)  # of an approval: the approver's hand
    hand_role = peewee.TextField(null=True)


class ProcedurePublication(Record):
    """A published version. `scope` is '' for everybody, a site's id or a line's; withdrawn once, or never."""

    guards = ("procedure_publication_moment", "procedure_publication_fixed", "procedure_publication_kept")

    version_id = peewee.TextField(primary_key=True)
    procedure_id = peewee.TextField()
    scope = peewee.TextField()
    effective_at = UtcField()
    change_class = peewee.TextField()
    withdrawn_at = UtcField(null=True)
    gives_way = peewee.BooleanField(null=True)
