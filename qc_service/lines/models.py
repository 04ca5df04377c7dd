"""Where things are made: sites, their lines, and the products made there."""

import peewee

from qc_service.db import Record, UtcField


class Site(Record):
    id = peewee.TextField(primary_key=True)
    code = peewee.TextField(unique=True)
    name = peewee.TextField()
    time_zone = peewee.TextField()
    create_on_first_use = peewee.BooleanField()
    created_at = UtcField()
    updated_at = UtcField()


class Line(Record):
    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    code = peewee.TextField()
    name = peewee.TextField()
    phone = peewee.TextField(null=True)  # of its supervisors: whom to ring where the network is down
    created_at = UtcField()
    updated_at = UtcField()


class Product(Record):
    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    code = peewee.TextField()
    name = peewee.TextField()
    created_at = UtcField()
    updated_at = UtcField()
