"""Two sites that know nothing of each other, each with one of everything, and everybody who may ask for it.

Whatever site B calls its own carries one word, so that a reply which gives any of it away is recognised.
"""

from dataclasses import dataclass, field
from typing import Any

from qc_service import audit, clock
from qc_service.alerts.models import Alert
from qc_service.counts.models import ProductionCount
from qc_service.db import connected
from qc_service.flags.models import Flag, Watch
from qc_service.lines.models import Site
from qc_service.people import access, credentials, signin, staff
from qc_service.policy import POLICY, ROLES, SCOPES
from tests.pictures import JPEG, jpeg, sha256
from tests.plant import Plant, count, hour
from tests.site_floor import floor_of
from tests.site_lots import lots_of
from tests.site_procedures import procedure_of

PASSWORD = "three plums on a shed roof"
PIN = "739154"
BEFORE, AFTER = range(1, 26), range(26, 46)  # lots before the fix and since


@dataclass
class Premises:
    """One site: the names and ids of one of everything that belongs to it."""

    word: str
    site: str
    site_id: str
    line: str
    product: str
    count: str
    fix: str
    evidence: str
    alert: str
    flag: str
    person: str
    badge: str
    device: str
    key: str
    procedure: str
    in_force: str  # the numbers of the procedure's versions by their state
    draft: str
    in_review: str
    approved: str
    sha256: str  # of a photo
    deviation: str  # one that is granted
    asked: str  # one that is asked for
    report: str
    lot: str
    inspection: str
    nonconformity: str
    asked_void: str  # the address of one that somebody asked to void
    gauge: str
    call: str

    @property
    def secrets(self) -> set[str]:
        """What nobody of another site may come to read."""
        names = ("site", "site_id", "line", "product", "count", "fix", "evidence", "alert", "flag", "person", "badge",
                 "device", "key", "procedure", "sha256", "deviation", "asked", "report", "lot", "inspection",
                 "asked_void", "nonconformity", "gauge", "call")  # fmt: skip
        return {self.word, *(getattr(self, name) for name in names)}


@dataclass
class Principal:
    """Somebody who sends requests, and what they were granted where."""

    name: str
    token: str = ""
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    person_id: str = ""
    badge: str = ""
    everywhere: bool = False
    page_token: str = ""

    @property
    def kind(self) -> str:
        return "anonymous" if not self.token else "person" if self.roles else "key"

    def may(self, action: str) -> bool:
        """What the policy table says, read anew: not by the code that is being tested."""
        rule = POLICY[action]
        if self.kind == "key":
            return rule.scope is not None and bool({rule.scope, "*"} & self.scopes)
        return bool(set(rule.roles) & self.roles)

    def headers(self, *, desk: bool) -> dict[str, str]:
        if not self.token:
            return {}
        if desk:  # a key is no cookie, but somebody may try
            return {"Cookie": f"qc_session={self.token}"}
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class TwoSites:
    plant: Plant
    a: Premises
    b: Premises
    people: dict[str, Principal] = field(default_factory=dict)  # of site A, by role
    everywhere: dict[str, Principal] = field(default_factory=dict)  # with that role in every site
    with_scope: dict[str, Principal] = field(default_factory=dict)  # a key of site A with just that scope
    without_scope: dict[str, Principal] = field(default_factory=dict)  # a key of site A with every other scope
    anonymous: Principal = field(default_factory=lambda: Principal("anonymous"))


def build(app: Any) -> TwoSites:
    credentials.init_people(app.config["QC"])
    with connected():
        plant = Plant(app)
        town = TwoSites(plant, _premises(plant, "a", "heron"), _premises(plant, "b", "kittiwake"))
        site_id = town.a.site_id
        for number, role in enumerate(ROLES):
            town.people[role] = person(f"A-{number}", role, site_id=site_id)
            town.everywhere[role] = person(f"E-{number}", role, site_id=None)
        for scope in SCOPES:
            town.with_scope[scope] = _key(f"only {scope}", [scope], site_id)
            town.without_scope[scope] = _key(f"not {scope}", [one for one in SCOPES if one != scope], site_id)
        town.with_scope["*"] = _key("everything", ["*"], site_id)
    return town


def _premises(plant: Plant, letter: str, word: str) -> Premises:
    """A site whose fix does not hold, so that it has a flag, an alert and frozen evidence."""
    site, line, product = f"{word}-works", f"{word}-line", f"{word}-part"
    made = plant.call("POST", "/v1/sites", {"code": site, "name": f"The {word} works", "time_zone": "Asia/Jakarta"})
    assert made.status_code == 201, made.json
    plant.line(line, site, f"Where {word} parts are made")
    more = {"line": line, "site": site, "product": product, "lot": f"{word} lot", "source": f"{word}-erp"}
    defects = [{"code": f"{word.upper()}-CRACK", "units": 1}]
    plant.ingest([count(i, 100, 10, external_id=f"{word}-{i}", defects=defects, **more) for i in BEFORE])
    fix = plant.fix(
        line=line, site=site, title=f"New {word} nozzle", cause=f"Worn {word}", action=f"Changed the {word}",
        owner=f"{word} owner", in_effect_at=hour(AFTER[0])[0], promise={"rate": 0.02},
        baseline={"exclude": [{"external_id": f"{word}-3", "why": f"A {word} flew in"}]},
    )  # fmt: skip
    plant.ingest([count(i, 100, 11, external_id=f"{word}-{i}", **more) for i in AFTER])
    site_id = Site.get(Site.code == site).id
    told = staff.add_person(
        audit.COMMAND, f"{letter.upper()}-{word}", f"Somebody {word}", ["operator"], site_id=site_id,
        password=PASSWORD, pin=PIN, email=f"{word}@example.com",
    )  # fmt: skip
    plant.work()
    alert, flag = Alert.get(Alert.site_id == site_id), Flag.get(Flag.site_id == site_id)
    spoken = plant.call("POST", f"/v1/alerts/{alert.id}/comment", {"text": f"Looked at the {word}"})
    assert spoken.status_code == 200, spoken.json
    watch = Watch.get(Watch.fix_id == fix["id"])
    procedure = procedure_of(word, site, site_id, line)
    floor = floor_of(word, site_id, line, procedure["procedure"], procedure["in_force"])
    made = lots_of(word, site_id, line, procedure["procedure"], procedure["in_force"])
    return Premises(
        word, site, site_id, line, product, ProductionCount.get(ProductionCount.site_id == site_id).id, fix["id"],
        watch.evidence_id, alert.id, flag.id, told.id, told.code,
        key=access.create_key(audit.COMMAND, f"The {word} key", ["counts:write"], site_id=site_id)[0].id,
        **procedure, **floor, **made,
        sha256=_photo(plant, word, site),
    )  # fmt: skip


def photo_of(word: str) -> bytes:
    """A photo with the word written into it by the camera."""
    return jpeg(comment=f"Taken at the {word}")


def _photo(plant: Plant, word: str, site: str) -> str:
    data = photo_of(word)
    put = plant.call("PUT", f"/v1/media/{sha256(data)}?site={site}", data=data, headers={"Content-Type": JPEG})
    assert put.status_code == 201, put.json
    return sha256(data)


def person(code: str, *roles: str, site_id: str | None) -> Principal:
    made = staff.add_person(audit.COMMAND, code, f"Name of {code}", roles, site_id=site_id, password=PASSWORD)
    signed = signin.sign_in_at_desk(code, PASSWORD, "10.0.0.7", clock.now())
    where = "" if site_id else " everywhere"
    return Principal(
        "+".join(roles) + where, signed.token, frozenset(roles), person_id=made.id, badge=code, everywhere=not site_id
    )


def _key(name: str, scopes: list[str], site_id: str | None) -> Principal:
    _, token = access.create_key(audit.COMMAND, name, scopes, site_id=site_id)
    return Principal(f"key with {name}", token, scopes=frozenset(scopes))
