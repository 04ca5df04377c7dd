"""A pack is spoilt in every way that there is, and its own script says where."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pack_life import CHECKER, check, manifest, seal

WHOLE = (0, "The pack is whole.\n")
SHOWN_ONLY = (".html", "README.txt", "check_pack.py", "people.json")  # what only the manifest vouches for


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def flip(path: Path) -> None:
    """One bit of the byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def lines(folder: Path, stream: str) -> tuple[Path, list[dict[str, Any]]]:
    path = folder / next(file for name, file, *_ in manifest(folder)["streams"] if name == stream)
    return path, [json.loads(line) for line in path.read_text().splitlines()]


def write_lines(path: Path, events: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(one, ensure_ascii=False, separators=(',', ':'))}\n" for one in events))


def line_stream(folder: Path) -> str:
    return next(name for name, *_ in manifest(folder)["streams"] if "/line/" in name)


def end_at(folder: Path, stream: str, events: list[dict[str, Any]]) -> None:
    """Write a stream's file anew, and in the manifest where it now ends."""
    path, _ = lines(folder, stream)
    write_lines(path, events)
    told = manifest(folder)
    told["streams"] = [
        [name, file, len(events), events[-1]["hash"]] if name == stream else [name, file, seq, held]
        for name, file, seq, held in told["streams"]
    ]
    (folder / "manifest.json").write_text(json.dumps(told))
    seal(folder)


def rechain(events: list[dict[str, Any]]) -> None:
    """A whole new chain, as somebody makes it who knows how."""
    held = bytes(32)
    for one in events:
        body = one.get("body")
        digest = bytes.fromhex(one["body_sha256"]) if body is None else hashlib.sha256(body.encode()).digest()
        head = json.dumps(one["head"], ensure_ascii=False, separators=(",", ":")).encode()
        held = hashlib.sha256(b"qc1\0" + held + head + digest).digest()
        one["hash"] = held.hex()


def rows(folder: Path, name: str) -> list[list[Any]]:
    return json.loads((folder / name).read_text())


def change_rows(folder: Path, name: str, change: Callable[[str, dict[str, Any]], bool | None]) -> None:
    """`change` sees each row, and says False of one that is to go."""
    kept = [row for row in rows(folder, name) if change(row[0], row[2]) is not False]
    (folder / name).write_text(json.dumps(kept))
    seal(folder)


def broken(folder: Path, *places: str, anchor: Path | None = None) -> str:
    status, said = check(folder, anchor)
    assert status == 1, said
    for place in places:
        assert place in said, said
    return said


# --- a whole pack, and one whose files are spoilt ---


def test_a_whole_pack_is_whole_with_and_without_its_anchor(home):
    assert check(home.folder) == WHOLE
    assert check(home.folder, home.anchor) == WHOLE


def test_the_script_is_one_page_of_python_that_asks_for_nothing_else(home):
    text = CHECKER.read_text()
    assert len(text.splitlines()) <= 60
    imported = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported == {"hashlib", "json", "sys", "pathlib"}
    assert (home.folder / "check_pack.py").read_text() == text


def test_a_flipped_bit_in_any_file_is_named(home):
    for name in files(home.folder):
        if name in ("check_pack.py", "manifest.json"):
            continue
        before = (home.folder / name).read_bytes()
        flip(home.folder / name)
        broken(home.folder, f"{name}: it is missing, or not what the manifest names")
        (home.folder / name).write_bytes(before)
    assert check(home.folder) == WHOLE


def test_a_flipped_bit_is_found_behind_a_new_manifest_in_all_that_is_proved(home):
    original = (home.folder / "manifest.json").read_bytes()
    unseen = []
    for name in files(home.folder):
        if name in ("check_pack.py", "manifest.json"):
            continue
        before = (home.folder / name).read_bytes()
        flip(home.folder / name)
        seal(home.folder)
        unseen += [name] if check(home.folder) == WHOLE else []
        (home.folder / name).write_bytes(before)
        (home.folder / "manifest.json").write_bytes(original)
    assert [name for name in unseen if not name.endswith(SHOWN_ONLY)] == []
    assert "index.html" in unseen  # it is for reading, as README.txt says


def test_a_dropped_file_is_named(home):
    for name in files(home.folder):
        if name == "check_pack.py":
            continue
        before = (home.folder / name).read_bytes()
        (home.folder / name).unlink()
        broken(home.folder, name)
        (home.folder / name).write_bytes(before)


def test_a_file_that_is_dropped_from_the_manifest_too_is_missed_by_what_names_it(home):
    for name in files(home.folder):
        proved = name.startswith(("records/", "variants/", "photos/", "procedures/", "inspections/", "lots/", "chain/"))
        if name.endswith(SHOWN_ONLY) or not proved:
            continue
        told, before = (home.folder / "manifest.json").read_bytes(), (home.folder / name).read_bytes()
        (home.folder / name).unlink()
        seal(home.folder)
        broken(home.folder)
        (home.folder / name).write_bytes(before)
        (home.folder / "manifest.json").write_bytes(told)


def test_a_file_that_was_put_in_is_named(home):
    (home.folder / "records" / "new.json").write_text("{}")
    broken(home.folder, "records/new.json: it is missing, or not what the manifest names")
    seal(home.folder)
    broken(home.folder, "records/new.json: no row names it")


def test_a_manifest_that_is_no_manifest_is_said_to_be_none(home):
    for text in ("", "[]", '{"files": {}}', '{"files": {}, "streams": [["a"]]}'):
        (home.folder / "manifest.json").write_text(text)
        broken(home.folder)


# --- forgeries behind a new manifest ---


def test_a_record_that_is_forged_with_its_hash_is_not_what_the_trail_says(home):
    name = home.told["first"]
    path = home.folder / f"records/{name}.json"
    path.write_text(path.read_text().replace('"lot": "A"', '"lot": "Z"'))
    seal(home.folder)
    broken(home.folder, f"inspection_record {name}: its bytes are missing, or are others")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    def rehash(table: str, row: dict[str, Any]) -> None:
        row.update({"body": digest, "sha256": digest} if table == "inspection_record" else {})

    change_rows(home.folder, f"inspections/{name}.rows.json", rehash)
    said = broken(home.folder, f"inspection_record {name}: the trail says otherwise")
    assert "its bytes" not in said


def test_a_forged_judgement_answer_or_signature_is_named(home):
    name = f"inspections/{home.told['third']}.rows.json"
    original = (home.folder / name).read_bytes()
    for table, column, value in (
        ("inspection", "state", "accepted"), ("inspection_answer", "outcome", "ok!"),
        ("signature", "printed_name", "Somebody"), ("inspection_act", "reason", "Because of the weather."),
    ):  # fmt: skip
        change_rows(home.folder, name, lambda one, row: row.update({column: value} if one == table else {}))  # noqa: B023
        broken(home.folder, f"{name}: {table} ", "the trail says otherwise")
        (home.folder / name).write_bytes(original)


def test_a_signature_that_is_moved_to_another_event_is_named_twice_over(home):
    name = f"inspections/{home.told['third']}.rows.json"
    change_rows(home.folder, name, lambda one, row: row.update({"event_id": "evt_x"} if one == "signature" else {}))
    broken(home.folder, "it was signed in another event", "the trail says otherwise")


@pytest.mark.parametrize("table", ["inspection_act", "signature", "inspection_answer", "inspection_record"])
def test_a_row_that_is_left_out_is_missed(home, table):
    change_rows(home.folder, f"inspections/{home.told['third']}.rows.json", lambda one, _: one != table)
    broken(home.folder, f"{table} ", "the pack leaves it out")


def test_a_maker_who_is_left_out_is_missed(home):
    [name] = [name for name in files(home.folder) if name.startswith("lots/")]
    change_rows(home.folder, name, lambda one, _: one != "lot_maker")
    broken(home.folder, "lot_maker ", "the pack leaves it out")


def test_a_procedure_that_is_forged_with_its_digest_is_named(home):
    [path] = (home.folder / "procedures").glob("*.document.json")
    path.write_text(path.read_text().replace('"max":"345"', '"max":"999"'))
    text, digest = path.read_text(), hashlib.sha256(path.read_bytes()).hexdigest()
    [name] = [name for name in files(home.folder) if name.startswith("procedures/") and name.endswith(".rows.json")]

    def forge(table: str, row: dict[str, Any]) -> None:
        row.update({"document": text, "digest": digest} if table == "procedure_draft" else {})

    change_rows(home.folder, name, forge)
    broken(home.folder, "procedure_draft ", "the trail says otherwise")


# --- the chain ---


def test_two_events_that_are_swapped_are_both_named(home):
    stream = line_stream(home.folder)
    path, events = lines(home.folder, stream)
    events[3], events[4] = events[4], events[3]
    write_lines(path, events)
    seal(home.folder)
    broken(home.folder, f"event 4 of {stream}: ", f"event 5 of {stream}: ")


def test_an_event_that_is_taken_out_or_changed_is_named(home):
    stream = line_stream(home.folder)
    path, events = lines(home.folder, stream)
    write_lines(path, [*events[:2], *events[3:]])
    seal(home.folder)
    broken(home.folder, f"event 3 of {stream}: ", f"{stream}: it does not end as the manifest says")
    for place in range(10):
        spoilt = json.loads(json.dumps(events))
        spoilt[5]["head"][place] = 7 if place == 1 else "x"
        write_lines(path, spoilt)
        seal(home.folder)
        broken(home.folder, f"event 6 of {stream}: ")


def test_an_event_with_a_new_hash_breaks_the_one_after_it(home):
    stream = line_stream(home.folder)
    path, events = lines(home.folder, stream)
    events[5]["head"][6] = "person:somebody"
    rechain(changed := events[:6])
    write_lines(path, [*changed, *events[6:]])
    seal(home.folder)
    broken(home.folder, f"event 7 of {stream}: ")


def test_what_is_no_event_is_named(home):
    path, events = lines(home.folder, line_stream(home.folder))
    for garbage in ("{", "[]", "{}", '{"head": null, "hash": 1}', '{"head": [], "hash": "zz", "body": 5}'):
        path.write_text(f"{garbage}\n{json.dumps(events[0])}\n")
        seal(home.folder)
        broken(home.folder, f"{path.relative_to(home.folder).as_posix()}: it cannot be read")


@pytest.mark.parametrize("which", ["line", "plant"])
def test_a_tail_that_is_cut_off_is_seen_by_the_anchor_alone(home, which):
    stream = line_stream(home.folder) if which == "line" else "plant"
    _, events = lines(home.folder, stream)
    assert "body" not in events[-1]  # else a row of the pack would miss it
    end_at(home.folder, stream, events[:-1])
    assert check(home.folder) == WHOLE
    broken(home.folder, f"{stream}: it has not the event {len(events)} that the anchor saw", anchor=home.anchor)


def test_a_tail_that_is_cut_off_with_what_the_pack_rests_on_is_missed_at_once(home):
    stream = line_stream(home.folder)
    _, events = lines(home.folder, stream)
    last = max(place for place, one in enumerate(events) if "body" in one)
    end_at(home.folder, stream, events[:last])
    broken(home.folder, "the trail says otherwise")


def test_a_history_that_is_written_anew_is_seen_by_the_anchor_alone(home):
    stream, name = line_stream(home.folder), home.told["third"]
    _, events = lines(home.folder, stream)
    for one in events:
        if "body" in one:
            one["body"] = one["body"].replace("I looked at the wrong seam.", "I looked at the right seam.")
    rechain(events)
    rows_file = f"inspections/{name}.rows.json"
    change_rows(home.folder, rows_file, lambda one, row: row.update(
        {"reason": "I looked at the right seam."} if one == "inspection_act" and "reason" in row else {}
    ))  # fmt: skip
    end_at(home.folder, stream, events)
    said = check(home.folder)
    assert said == WHOLE, said
    broken(home.folder, f"{stream}: it has not the event {len(events)} that the anchor saw", anchor=home.anchor)
