"""A person in front of the desk's pages: follows links, fills in forms, and reads what is said."""

import io
import re
from html import unescape

from tests.plant import count, hour

PASSWORD = "three plums on a shed roof"
PEOPLE = {
    "P-1": ("Ana Ortiz", "operator"), "P-3": ("Sofia Lindqvist", "supervisor"),
    "P-4": ("Quang Tran", "quality_manager"), "P-5": ("Aisha Rahman", "auditor"), "P-6": ("Milan Novak", "admin"),
}  # fmt: skip


class Desk:
    """A browser in front of the pages, and somebody who reads them."""

    def __init__(self, app, badge="P-3"):
        self.client = app.test_client()
        self.answer = None
        if badge:
            self.post("/sign-in", badge=badge, password=PASSWORD)
            assert self.answer.status_code == 303, self.text

    def get(self, path, **query):
        self.answer = self.client.get(path, query_string=query or None, headers={"Accept": "text/html"}, buffered=True)
        return self.answer

    def post(self, path, **form):
        """Send a form, as its page has it: with the page's own token."""
        token = re.search(r'name="csrf" value="(\w+)"', self.answer.text) if self.answer is not None else None
        if token is None and path != "/sign-in":
            token = re.search(r'name="csrf" value="(\w+)"', self.client.get("/inbox").text)
        data = {**({"csrf": token[1]} if token else {}), **form}
        self.answer = self.client.post(path, data=data)
        return self.answer

    def follow(self):
        """Go where the last answer leads."""
        assert self.answer.status_code in (302, 303), self.text
        return self.get(self.answer.headers["Location"])

    def send(self, body, name="counts.csv", **form):
        self.get("/counts/upload")
        return self.post("/counts/upload", file=(io.BytesIO(body), name), **form)

    @property
    def text(self):
        """What a person reads, in one line."""
        return readable(self.answer.text)

    @property
    def headline(self):
        return readable(re.search(r"<h1>(.*?)</h1>", self.answer.text, re.DOTALL)[1])

    @property
    def errors(self):
        """Each error of the page by the field it stands beside; the list on top leads to the same ones."""
        beside = {
            name: readable(text)
            for name, text in re.findall(r'id="([\w-]+)-error">(.*?)</p>', self.answer.text, re.DOTALL)
        }
        listed = dict(re.findall(r'<li><a href="#([\w-]+)">(.*?)</a></li>', self.answer.text))
        assert {name: "Error: " + unescape(text) for name, text in listed.items()} == beside
        return {name: text.removeprefix("Error: ") for name, text in beside.items()}

    @property
    def fields(self):
        """What stands in the fields of the page's form."""
        found = dict(
            re.findall(
                r'<input type="(?:text|hidden|datetime-local)"[^>]*?name="(\w+)" value="([^"]*)"', self.answer.text
            )
        )
        found |= dict(re.findall(r'<textarea id="\w+" name="(\w+)"[^>]*>(.*?)</textarea>', self.answer.text, re.DOTALL))
        for name, inside in re.findall(r'<select id="\w+" name="(\w+)".*?>(.*?)</select>', self.answer.text, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', inside)
            found[name] = chosen[1] if chosen else ""
        found |= dict(re.findall(r'type="radio"[^>]*name="(\w+)" value="(\w+)" checked', self.answer.text))
        return {name: unescape(value) for name, value in found.items()}

    @property
    def rows(self):
        """The rows of the page's table."""
        body = re.search(r"<tbody>(.*)</tbody>", self.answer.text, re.DOTALL)[1]
        return [readable(row) for row in re.findall(r"<tr.*?>(.*?)</tr>", body, re.DOTALL)]


def readable(text):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def line_with_fix(plant, code="L1", rate=11, lots=20, promise=0.05, name=None):
    """A line with ten bad ones of a hundred before its fix, and `rate` of a hundred since."""
    if code != "L1":
        plant.line(code, "S1", name or f"Line {code}")
    row = {"line": code, "source": f"erp-{code}"}
    plant.ingest([count(i, 100, 10, **row) for i in range(30)])
    fix = plant.fix(line=code, in_effect_at=hour(30)[0], promise={"rate": promise}, owner="P-4")
    plant.ingest([count(i, 100, rate, **row) for i in range(30, 30 + lots)])
    plant.work()
    return fix


def alert_of(plant, line="L1"):
    [alert] = plant.call("GET", f"/v1/alerts?line={line}&state=all").json["data"]
    return alert
