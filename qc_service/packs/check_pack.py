"""Checks the evidence pack that it lies in, with nothing but Python: python3 -I check_pack.py [--anchor FILE]."""
import hashlib
import json
import sys
from pathlib import Path

BYTES = {"inspection_record": "records/{uuid}.json", "inspection_variant": "variants/{uuid}.{sha256}.json",
         "procedure_draft": "procedures/{version_id}.document.json", "media_place": "photos/{sha256}.*"}
PLAIN, SORTED = (json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=s).encode for s in (False, True))
broken, last, own = [], {}, set()  # what is wrong; what the trail says last of each row; whose rows must be here

def need(fine, place, words):
    broken.extend([] if fine else [ascii(f"{place}: {words}")[1:-1]])
def sha(data):
    return hashlib.sha256(data).hexdigest()

def check_event(place, event, name, held):
    head, body, digest = event["head"], event.get("body"), event.get("body_sha256")
    chained = b"qc1\0" + bytes.fromhex(held) + PLAIN(head).encode() + bytes.fromhex(digest or sha(body.encode()))
    need([*head[:2], event["hash"]] == [*name, sha(chained)], place, "it was changed, or is not the one of this place")
    for table, key, row in json.loads(body)["rows"] if body else ():
        last[table, key] = (row, head[2])  # the plant's stream comes first, then the site's, then its lines'
    return event["hash"]

def check_row(place, table, key, row):
    said, event = last.pop((table, key), (None, ""))
    named, digest = [row.get("digest", row.get("sha256"))] * (table in BYTES), {"sha256": sha(SORTED(row).encode())}
    files = list(here.glob(BYTES[table].format(**row))) if table in BYTES else []
    need(SORTED(said) in (SORTED(row), SORTED(digest)), place, "the trail says otherwise")
    need(table != "signature" or row["event_id"] == event, place, "it was signed in another event")
    need([sha(file.read_bytes()) for file in files] == named, place, "its bytes are missing, or are others")
    own.update([*files, *(row.get(name) for name in ("uuid", "lot_id", "version_id", "photo"))])

try:
    here, place = Path(__file__).resolve().parent, "the anchor, or manifest.json"
    lines = Path(sys.argv[2]).read_text().splitlines()[4:] if sys.argv[1:2] == ["--anchor"] else []
    anchor = {one[0]: one[1:] for one in (line.rsplit(" ", 2) for line in lines)}
    there = {file.relative_to(here).as_posix(): file for file in here.rglob("*") if file.is_file()}
    manifest = json.loads(there.pop("manifest.json").read_bytes())
    for name in sorted(there.keys() | manifest["files"].keys()):
        fits = name in there and sha(there[name].read_bytes()) == manifest["files"].get(name)
        need(fits, name, "it is missing, or not what the manifest names")
    for stream, place, end, end_hash in sorted(manifest["streams"]):
        chain, (number, seen) = ["0" * 64], anchor.get(stream, ("0", "0" * 64))
        for line in there[place].open("rb"):
            chain += [check_event(f"event {len(chain)} of {stream}", json.loads(line), [stream, len(chain)], chain[-1])]
        need([end, end_hash] == [len(chain) - 1, chain[-1]], stream, "it does not end as the manifest says")
        need(chain[int(number) :][:1] == [seen], stream, f"it has not the event {number} that the anchor saw")
    for place in sorted(name for name in there if name.endswith(".rows.json")):
        for table, key, row in json.loads(there[place].read_bytes()):
            check_row(f"{place}: {table} {key}", table, key, row)
    for (table, key), (row, _) in last.items():
        owner = next((row[name] for name in ("uuid", "record_id", "lot_id", "id", "sha256") if name in (row or ())), "")
        need(owner not in own or table in ("media_bytes", "media_copy"), f"{table} {key}", "the pack leaves it out")
    for name in [name for name in there if "/" in name and not name.endswith((".html", ".rows.json", ".jsonl"))]:
        need(there[name] in own, name, "no row names it")
except (ValueError, LookupError, TypeError, AttributeError, OSError) as error:
    need(None, place, f"it cannot be read: {error!r}")
print("\n".join(broken) or "The pack is whole.")
sys.exit(bool(broken))
