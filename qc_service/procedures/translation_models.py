"""Translations of procedures, and the agreement of two people to publish without all of them."""

import peewee

from qc_service.db import JsonField, Record, UtcField


class ProcedureTranslation(Record):
    """One text of a procedure in one language, as it was written or reviewed: the highest number counts.

    It belongs to a source text by its hash, not to a version: an unchanged text keeps its translation.
    """

    history = True

    id = peewee.TextField(primary_key=True)
    procedure_id = peewee.TextField()
    path = peewee.TextField()
    language = peewee.TextField()
    source_sha = peewee.TextField()
    number = peewee.IntegerField()
    text = peewee.TextField()
    status = peewee.TextField()  # draft · reviewed
    origin = peewee.TextField()  # typed · imported · shipped
    person_id = peewee.TextField(null=True)  # null: a command
    human_id = peewee.TextField(null=True)
    author = peewee.TextField()
    at = UtcField()


class TranslationOverride(Record):
    """A version may be published with gaps in its translations, asked by one human being and confirmed by another."""

    version_id = peewee.TextField(primary_key=True)
    reason = peewee.TextField()
    languages = JsonField()
    gaps = JsonField()
    asked_by = peewee.TextField()
    asked_human = peewee.TextField()
    asked_at = UtcField()
    asked_signature = peewee.TextField()
    confirmed_by = peewee.TextField(null=True)
    confirmed_human = peewee.TextField(null=True)
    confirmed_at = UtcField(null=True)
    confirmed_signature = peewee.TextField(null=True)
