"""Who has read a version, and who has shown the skill that a procedure asks for."""

import peewee

from qc_service.db import Record, UtcField


class Acknowledgement(Record):
    """A human being has read and understood a version, in the language in which it was shown."""

    history = True

    id = peewee.TextField(primary_key=True)
    version_id = peewee.TextField()
    person_id = peewee.TextField()
    human_id = peewee.TextField()
    at = UtcField()
    language = peewee.TextField()
    signature_id = peewee.TextField()


class SkillRecord(Record):
    """A person showed the skill; another human being saw it and signed."""

    history = True

    id = peewee.TextField(primary_key=True)
    procedure_id = peewee.TextField()
    version_id = peewee.TextField()
    person_id = peewee.TextField()
    human_id = peewee.TextField()
    shown_at = UtcField()
    expires_at = UtcField(null=True)
    confirmed_by = peewee.TextField()
    confirmed_human = peewee.TextField()
    confirmed_at = UtcField()
    signature_id = peewee.TextField()
