"""What people typed is only ever text: on pages, charts and in mails."""

import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.people import credentials, staff
from tests.desk_client import ONE_ENGINE, browser, page_token, sign_in
from tests.plant import Plant, count, hour
from tests.two_sites import PASSWORD

pytestmark = pytest.mark.volume

# --- what people typed ------------------------------------------------------------------------------------------

PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "'><iframe src=//evil>",
    "</title><script>alert(1)</script>", "</textarea><script>alert(1)</script>", "</option></select><b id=p>",
    "<a href=javascript:alert(1)>x</a>", "javascript:alert(1)", '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "` onclick=alert(1) `", "{{ 7 * 7 }}{% raw %}", "${7*7}#{7*7}", "%(count)s %s %d", "&lt;script&gt;&amp;&quot;",
    "&#60;script&#62;", "<!-- --><b id=p>", "<![CDATA[<script>]]>", "]]><script>alert(1)</script>",
    "<?xml version='1.0'?><x/>", "<style>*{display:none}</style>", "<meta http-equiv=refresh content=0;url=//evil>",
    "<base href=//evil/>", "<form action=//evil><input name=csrf>", "<math><mtext></form><form><mglyph>",
    "\u202e\u2066gnirts", "\u2028\u2029<b id=p>", "\uff1cscript\uff1e", "<sCrIpT/src=//evil></ScRiPt ><x\n\ty>",
]  # fmt: skip
assert len(PAYLOADS) == 30


class Skeleton(HTMLParser):
    """A page as a browser builds it: its elements and the names of their attributes, and nothing that is said."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts, self.links, self.said = [], [], []

    def handle_starttag(self, tag, attrs) -> None:
        self.parts.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "srcset", "action")]
        self.said += [value or "" for _, value in attrs]

    def handle_data(self, data) -> None:
        self.said.append(data)

    def handle_comment(self, data) -> None:
        self.parts.append(("comment", (data,)))

    def handle_pi(self, data) -> None:
        self.parts.append(("instruction", (data,)))

    def unknown_decl(self, data) -> None:
        self.parts.append(("declaration", (data,)))


def skeleton(text):
    parser = Skeleton()
    parser.feed(text)
    parser.close()
    return parser


def fits_code(text):
    """What a code may hold of it."""
    return printable(text.replace("/", ""))[:60]


def printable(text):
    return "".join(char if char.isprintable() else " " for char in text).strip()[:100]


def told(plant, number, payload):
    """A line whose every text is the payload, with a fix that does not hold; the addresses of what shows it."""
    line, code = f"L{number}", fits_code(payload)
    plant.line(line, "S1", payload)
    row = {"line": line, "source": printable(payload)[:60], "lot": printable(payload), "shift": printable(payload)[:60],
           "inspected": 100, "defective": 10, "defects": [{"code": code, "units": 10}]}  # fmt: skip
    names = {i: f"{number} {i} {printable(payload)}" for i in range(1, 19)}
    first = plant.ingest([count(i, external_id=names[i], **row) for i in range(1, 9)])
    fix = plant.fix(
        line=line, defect_code=code, title=payload, cause=payload, action=payload, owner=payload[:64],
        in_effect_at=hour(9)[0], promise={"rate": 0.02},
        baseline={"exclude": [{"external_id": names[3], "why": payload}]},
    )  # fmt: skip
    later = plant.ingest([count(i, external_id=names[i], **row) for i in range(9, 19)])
    assert {one["status"] for one in first + later} == {"created"}
    plant.work()
    [alert] = plant.call("GET", f"/v1/alerts?line={line}").json["data"]
    plant.call("POST", f"/v1/alerts/{alert['id']}/comment", {"text": payload})
    evidence = alert["evidence"]["id"]
    return [
        f"/fixes/{fix['id']}", f"/fixes/{fix['id']}?print", f"/evidence/{evidence}", f"/alerts/{alert['id']}",
        f"/fixes/{fix['id']}/chart.svg", f"/fixes/{fix['id']}/chart.svg?width=360",
        f"/evidence/{evidence}/chart.svg?width=720", f"/fixes/{fix['id']}/spark.svg",
    ]  # fmt: skip


@pytest.fixture
def typed(app, postbox, monkeypatch):
    """The plant, a function that signs in somebody with that name, and the mails that were sent."""
    app.config["QC"] = replace(app.config["QC"], smtp_url=postbox.url)
    with connected():
        credentials.init_people(app.config["QC"])
        plant = Plant(app)
    plant.line("first", "S1")

    def somebody(number, name):
        with connected():
            staff.add_person(
                audit.COMMAND, f"B-{number}", name, ["supervisor"], password=PASSWORD,
                email="one@example.com" if number == 0 else None,
            )  # fmt: skip
        client = browser(app)
        assert sign_in(client, f"B-{number}").status_code == 303
        return client

    return plant, somebody, postbox


@ONE_ENGINE
def test_what_people_typed_is_only_ever_text(typed):
    """Whatever is typed where, a page has the very elements that it has with plain words."""
    plant, somebody, postbox = typed
    plain = somebody(0, "Plain words")
    addresses = told(plant, 0, "Plain words")
    right = {place: plain.get(address) for place, address in enumerate(addresses)}
    plain_mail = skeleton(_html_part(postbox.mails[-1]))

    for number, payload in enumerate(PAYLOADS, 1):
        reader = somebody(number, payload)
        for place, address in enumerate(told(plant, number, payload)):
            page = reader.get(address)
            assert page.status_code == 200, (address, payload)
            if page.mimetype == "image/svg+xml":
                _only_drawing(page.text, payload)
            else:
                _same_page(page.text, right[place].text, payload)
        mail = skeleton(_html_part(postbox.mails[-1]))
        assert mail.parts == plain_mail.parts, payload
        assert all(link.startswith("http://127.0.0.1:8000/alerts/alr_") for link in mail.links)

    for address in ("/", "/inbox", "/fixes/new", "/counts/new", "/inbox?tab=watching"):
        found = skeleton(reader.get(address).text)
        assert {tag for tag, _ in found.parts} <= ELEMENTS, address
        assert not any(name.startswith("on") or name == "style" for _, names in found.parts for name in names)
        assert all(link.startswith(("/", "#")) for link in found.links), address


ELEMENTS = {
    "html", "head", "meta", "title", "link", "body", "a", "header", "nav", "ul", "li", "div", "span", "form", "input",
    "button", "main", "p", "h1", "h2", "h3", "table", "caption", "thead", "tbody", "tr", "th", "td", "img", "ol",
    "time", "details", "summary", "dl", "dt", "dd", "fieldset", "legend", "label", "select", "option", "textarea",
    "picture", "source", "br",
}  # fmt: skip
DRAWING = {"svg", "title", "desc", "rect", "g", "path", "circle", "text"}


def _same_page(text, right, payload):
    found, plain = skeleton(text), skeleton(right)
    assert found.parts == plain.parts, payload
    assert [link for link in found.links if not link.startswith(("/", "#"))] == []
    assert {tag for tag, _ in found.parts} <= ELEMENTS


def _only_drawing(text, payload):
    root = ET.fromstring(text)  # noqa: S314 - our own drawing; that it can be read is what is tested
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in DRAWING, payload
        assert not any(name.startswith("on") or "href" in name for name in element.attrib), payload


def _html_part(envelope):
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert "\n" not in mail["Subject"]
    return mail.get_body(("html",)).get_content()


@ONE_ENGINE
def test_what_was_typed_into_a_form_comes_back_as_text(app, house):
    client = browser(app)
    sign_in(client)
    token = page_token(client)
    for payload in PAYLOADS:
        fields = ("line", "measure", "defect_code", "title", "cause", "action", "owner", "in_effect_at", "promise",
                  "promise_rate", "promise_reduction", "baseline_lots", "exclude", "lot", "product", "period_start",
                  "inspected", "defect_code_1", "defect_units_1")  # fmt: skip
        form = {"csrf": token, **dict.fromkeys(fields, payload)}
        upload = {
            "csrf": token,
            "file": (io.BytesIO(f'external_id,line\n"{payload.replace(chr(34), "")}",L1'.encode()), payload),
        }
        pages = [
            client.post("/fixes/new", data=form), client.post("/fixes/confirm", data=form),
            client.post("/fixes/confirm", data={**form, "step": "change"}), client.post("/counts/new", data=form),
            client.post("/counts/upload", data=upload), client.get("/fixes/new", query_string={"line": payload}),
            client.get("/inbox", query_string={"tab": payload}), client.get(f"/fixes/{payload.replace('/', '')}"),
            browser(app).post("/sign-in", data={"badge": payload, "password": "", "next": payload}),
        ]  # fmt: skip
        for page in pages:
            assert page.status_code in (200, 308, 404, 422), payload
            found = skeleton(page.text)
            assert {tag for tag, _ in found.parts} <= ELEMENTS, payload
            assert not any(name.startswith("on") or name == "style" for _, names in found.parts for name in names), (
                payload
            )
            assert all(link.startswith(("/", "#")) for link in found.links), payload
