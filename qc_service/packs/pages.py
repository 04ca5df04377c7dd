"""The pages of a pack, for somebody who reads it in a browser without the service."""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import jinja2

from qc_service.packs.contents import Said, Versions
from qc_service.signing import MEANINGS

_NOTHING: dict[str, Any] = {}
_LIMITS = ("min", "max", "nominal", "unit")


def pages(people: Mapping[str, tuple[str, str]]) -> jinja2.Environment:
    """The pages' templates, for people whose badges and names are known."""
    made = jinja2.Environment(loader=jinja2.PackageLoader("qc_service.packs"), autoescape=True, finalize=_empty)
    made.filters |= {
        "time": _time, "plain": _plain, "wanted": _wanted, "meaning": lambda one: MEANINGS.get(one, one),
        "person": partial(_person, people),
    }  # fmt: skip
    return made


def inspection(uuid: str, rows: Iterable[Said]) -> dict[str, Any]:
    """An inspection's rows by what they are."""
    found = _by_table(rows)
    return {
        "uuid": uuid, "row": _first(found, "inspection"), "record": _first(found, "inspection_record"),
        "variants": found.get("inspection_variant", []), "counted": "counted_inspection" in found,
        "answers": sorted(found.get("inspection_answer", []), key=lambda row: row["number"]),
        "nonconformities": sorted(found.get("nonconformity", []), key=lambda row: row["number"]),
        "dispositions": sorted(found.get("disposition", []), key=lambda row: row["number"]),
        "acts": sorted(found.get("inspection_act", []), key=lambda row: row["at"]), "signed": _signed(found),
    }  # fmt: skip


def in_index(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the index says of an inspection: little enough to be held for all of them."""
    left_out = ("findings", "missing")
    row = {name: value for name, value in told["row"].items() if name not in left_out}
    return {"uuid": told["uuid"], "row": row, "counted": told["counted"], "signed": told["signed"]}


def lot(rows: Iterable[Said]) -> dict[str, Any]:
    found = _by_table(rows)
    return {
        "row": _first(found, "lot"), "makers": sorted(found.get("lot_maker", []), key=lambda row: row["named_at"]),
        "holds": sorted(found.get("lot_hold", []), key=lambda row: row["at"]), "signed": _signed(found),
    }  # fmt: skip


def version(name: str, told: Versions) -> dict[str, Any]:
    found = _by_table(told.rows)
    publication, procedure = _first(found, "procedure_publication"), _first(found, "procedure")
    return {
        "id": name, "code": procedure.get("code"), "title": procedure.get("title"),
        "number": _first(found, "procedure_version").get("number"),
        "digest": _first(found, "procedure_draft").get("digest"), "effective_at": publication.get("effective_at"),
        "withdrawn_at": publication.get("withdrawn_at"), "signed": _signed(found),
    }  # fmt: skip


def _by_table(rows: Iterable[Said]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for table, _, image in rows:
        found.setdefault(table, []).append(image)
    return found


def _first(found: Mapping[str, list[dict[str, Any]]], table: str) -> dict[str, Any]:
    return found[table][0] if table in found else _NOTHING


def _signed(found: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return sorted(found.get("signature", []), key=lambda row: (row["signed_at"], row["id"]))


def _time(fixed: Any) -> str:
    """A stored time to the second, which is what people read."""
    return str(fixed)[:19].replace("T", " ") if isinstance(fixed, str) else ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _wanted(spec: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {spec[name]}" for name in _LIMITS if spec.get(name) is not None)


def _person(people: Mapping[str, tuple[str, str]], person_id: str) -> str:
    badge, name = people.get(person_id, (person_id, ""))
    return f"{name} ({badge})" if name else badge


def _empty(value: Any) -> Any:
    return "" if value is None or isinstance(value, jinja2.Undefined) else value
