"""Gauges: what is measured with, how often it was held against a standard, and which lots it measured."""

import peewee

from qc_service.db import Record, UtcField


class Gauge(Record):
    """A gauge of a site. Whether it is good for use follows from its calibrations and blocks, and from time."""

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    code = peewee.TextField()
    name = peewee.TextField()
    unit = peewee.TextField()
    created_at = UtcField()


class GaugeCalibration(Record):
    """It was held against a standard: how it was found, and, where it was good, until which day that lasts."""

    history = True

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    gauge_id = peewee.TextField()
    result = peewee.TextField()
    calibrated_at = UtcField()
    due_on = peewee.TextField(null=True)  # a day in the site's time zone, the last on which it may be used
    note = peewee.TextField(null=True)
    recorded_by = peewee.TextField()
    person_id = peewee.TextField(null=True)
    at = UtcField()


class GaugeBlock(Record):
    """Somebody blocked the gauge (odd numbers) or let it be used again (even ones)."""

    history = True

    gauge_id = peewee.TextField()
    number = peewee.IntegerField()
    site_id = peewee.TextField()
    kind = peewee.TextField()
    reason = peewee.TextField()
    said_by = peewee.TextField()
    person_id = peewee.TextField(null=True)
    at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("gauge_id", "number")


class GaugeUse(Record):
    """A check of an inspection was measured with it; `fault` is what was wrong with it then."""

    history = True

    uuid = peewee.TextField()
    check_id = peewee.TextField()
    site_id = peewee.TextField()
    lot_id = peewee.TextField()
    gauge = peewee.TextField()  # as it was named
    gauge_id = peewee.TextField(null=True)
    fault = peewee.TextField(null=True)
    at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("uuid", "check_id")
