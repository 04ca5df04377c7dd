"""A browser's part of the desk, spoken over HTTP: cookies kept, page tokens read, signed in."""

import re

import pytest

from tests.two_sites import PASSWORD

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
PLAIN, SECURE = "http://localhost", "https://localhost"


def browser(app, base=PLAIN):
    """A client that keeps its cookies, as a browser does."""
    client = app.test_client()
    client.base = base
    return client


def sign_in(client, badge="P-3", password=PASSWORD, **more):
    return client.post("/sign-in", data={"badge": badge, "password": password, **more}, base_url=client.base)


def page_token(client, path="/inbox"):
    return re.search(r'name="csrf" value="(\w+)"', client.get(path, base_url=client.base).text)[1]


def cookies(response):
    """The name of each cookie that is set, with its attributes."""
    found = {}
    for header in response.headers.getlist("Set-Cookie"):
        first, *rest = (part.strip() for part in header.split(";"))
        found[first.partition("=")[0]] = {part.partition("=")[0].lower(): part.partition("=")[2] for part in rest}
    return found


def at_desk(app, badge):
    client = browser(app)
    assert sign_in(client, badge).status_code == 303
    return client


def get(desk, path, **query):
    return desk.get(path, query_string=query or None, base_url=desk.base)


def post(desk, path, **form):
    form.setdefault("csrf", page_token(desk, "/reading"))
    return desk.post(path, data=form, base_url=desk.base)
