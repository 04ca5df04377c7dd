"""People who write, review, approve and read procedures over HTTP, as they do at a desk."""

import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.lines.service import ensure_site
from qc_service.people import credentials, signin, staff

PASSWORD = "three plums on a shed roof"
SIGNED = {"password": PASSWORD}

VERSIONS = "/procedures/CAN/versions"

DOCUMENT: dict[str, Any] = {
    "title": "Fill and seal a can",
    "purpose": "Every can leaves tight and full.",
    "language": "en",
    "steps": [{"id": "seal", "text": "Close the lid and crimp it all round."}],
    "checks": [
        {"id": "tight", "step": "seal", "type": "confirm", "text": "Closed all round?", "severity": "critical",
         "defect_codes": ["LEAK"]},
        {"id": "weight", "step": "seal", "type": "measure", "text": "Filled weight", "unit": "g", "min": "338",
         "max": "345", "nominal": "340", "samples": 3, "decimals": 0, "severity": "major"},
    ],
}  # fmt: skip


def document(top: str = "345", **changes: Any) -> dict[str, Any]:
    """A document whose weight may be at most `top`."""
    made = copy.deepcopy(DOCUMENT)
    made["checks"][1]["max"] = top
    return {**made, **changes}


@dataclass
class Somebody:
    """A person at a desk."""

    life: "Life"
    badge: str
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **kwargs: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})}
        if body is not None:
            kwargs["json"] = body
        return self.life.app.test_client(use_cookies=False).open(
            f"/v1{path}", method=method, headers=headers, buffered=True, **kwargs
        )

    def done(self, method: str, path: str, body: Any = None, **kwargs: Any) -> Any:
        answer = self(method, path, body, **kwargs)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text[:600]}"
        return answer.json

    def refused(self, method: str, path: str, body: Any = None, **kwargs: Any) -> tuple[int, str]:
        answer = self(method, path, body, **kwargs)
        assert answer.status_code >= 400, f"{method} {path}: {answer.text[:600]}"
        return answer.status_code, answer.json["code"]


class Life:
    """The plant, its people by badge, and the ways that a version goes."""

    def __init__(self, app: Any) -> None:
        self.app = app
        credentials.init_people(app.config["QC"])

    def somebody(self, badge: str, *roles: str, site: str | None = None) -> Somebody:
        with connected():
            site_id = ensure_site(audit.COMMAND, site).id if site else None
            staff.add_person(
                audit.COMMAND, badge, f"Name of {badge}", roles or ("quality_manager", "supervisor"),
                site_id=site_id, password=PASSWORD,
            )  # fmt: skip
            signed = signin.sign_in_at_desk(badge, PASSWORD, "10.0.0.7", clock.now())
        return Somebody(self, badge, signed.token)

    def draft(self, who: Somebody, code: str = "CAN", doc: Any = None, **more: Any) -> int:
        """A new version of a procedure, which is made if it is not there."""
        if who("GET", f"/procedures/{code}/versions").status_code == 404:
            who.done("POST", "/procedures", {"code": code, "title": code})
        body = {"document": doc or document(), "change_note": "as agreed", **more}
        return who.done("POST", f"/procedures/{code}/versions", body)["version"]

    def in_review(self, who: Somebody, code: str = "CAN", doc: Any = None, **more: Any) -> int:
        number = self.draft(who, code, doc, **more)
        who.done("POST", f"/procedures/{code}/versions/{number}/submit", {})
        return number

    def approved(self, author: Somebody, approver: Somebody, code: str = "CAN", doc: Any = None, **more: Any) -> int:
        number = self.in_review(author, code, doc, **more)
        approver.done("POST", f"/procedures/{code}/versions/{number}/approve", SIGNED)
        return number

    def published(
        self, author: Somebody, approver: Somebody, code: str = "CAN", doc: Any = None, *, at: Any = None, **more: Any
    ) -> int:
        number = self.approved(author, approver, code, doc, **more)
        body = {**SIGNED, "effective_at": clock.iso(at)} if at else SIGNED
        approver.done("POST", f"/procedures/{code}/versions/{number}/publish", body)
        return number


def in_force(who: Somebody, query: str = "") -> int | None:
    """The version of CAN in force, at the place and time of the query."""
    answer = who("GET", f"/procedures/CAN{query}")
    assert answer.status_code in (200, 404), answer.text
    return answer.json.get("version")


def later(seconds: float) -> datetime:
    """So many seconds from now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)
