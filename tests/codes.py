"""Codes as somebody scans them, each with what it says: for the service and for the tablet alike."""

from typing import Any

GS = "\x1d"
HOST = "https://qc.plant.example"
SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
TOKEN = "qcd_01m8297pv7hztkg0shm0mhn3fa_" + "k" * 43


def nothing(why: str) -> dict[str, Any]:
    return {"kind": "nothing", "why": why}


def address(host: str) -> dict[str, Any]:
    return {"kind": "address", "host": host}


def bare(code: str) -> dict[str, Any]:
    return {"kind": "bare", "code": code}


def lot(code: str, site: str | None = None) -> dict[str, Any]:
    return {"kind": "lot", **({"site": site} if site else {}), "lot": code}


def unit(code: str, of: str | None = None, site: str | None = None) -> dict[str, Any]:
    return {"kind": "unit", **({"site": site} if site else {}), **({"lot": of} if of else {}), "unit": code}


def card(badge: str, secret: str = SECRET) -> dict[str, Any]:
    return {"kind": "card", "badge": badge, "secret": secret}


EXAMPLES: list[tuple[str, dict[str, Any]]] = [
    # ours
    (f"{HOST}/c/l/S1/A-7", lot("A-7", "S1")),
    (f"{HOST}/c/u/S1/A-7/0001", unit("0001", "A-7", "S1")),
    (f"{HOST}/c/s/S1/L1", {"kind": "line", "site": "S1", "line": "L1"}),
    (f"{HOST}/c/b/P-17", {"kind": "badge", "badge": "P-17"}),
    (f"{HOST}/floor#enrol=qcd_0a.b", address("qc.plant.example")),  # no token has a dot
    (f"{HOST}/floor#enrol=qcd_0ab_C-d", {"kind": "tablet", "token": "qcd_0ab_C-d"}),
    (TOKEN, {"kind": "tablet", "token": TOKEN}),
    # a badge card, and what is nearly one
    (f"QCB1:P-17:{SECRET}", card("P-17")),
    (f"]Q1QCB1:P-17:{SECRET}\r\n", card("P-17")),
    (f"qcb1:P-17:{SECRET.lower()}", card("P-17")),
    (f"QCB1:P:17:{SECRET}", card("P:17")),
    (f"QCB1:Åse 🐟:{SECRET}", card("Åse 🐟")),
    (f"QCB1:{'x' * 64}:{SECRET}", card("x" * 64)),
    (f"QCB1:{'x' * 65}:{SECRET}", nothing("signs")),
    (f"QCB1::{SECRET}", nothing("signs")),
    (f"QCB1:P/17:{SECRET}", nothing("signs")),
    (f"QCB1:P-17:{SECRET[:-1]}", nothing("signs")),
    (f"QCB1:P-17:{SECRET[:-1]}1", nothing("signs")),
    (f"QCB1ÆP-17Æ{SECRET}", nothing("signs")),
    ("QCB1:P-17", nothing("signs")),
    (f"CB1:P-17:{SECRET}", nothing("signs")),
    (f":{SECRET}", nothing("signs")),
    (f"A:{SECRET[:-1]}", bare(f"A:{SECRET[:-1]}")),
    ("QCB10", bare("QCB10")),
    ("QCB1", bare("QCB1")),
    (f"  {HOST}/c/l/S1/A-7\r\n", lot("A-7", "S1")),
    (f"HTTPS://{HOST[8:]}/c/l/S1/A-7", lot("A-7", "S1")),
    (f"{HOST}/c/l/S1/A-7?from=mail#top", lot("A-7", "S1")),
    (f"]Q1{HOST}/c/l/S1/A-7", lot("A-7", "S1")),
    # names that need escaping
    (f"{HOST}/c/l/S1/A%207", lot("A 7", "S1")),
    (f"{HOST}/c/l/Hall%20A/Caf%C3%A9", lot("Café", "Hall A")),
    (f"{HOST}/c/l/S1/Café", lot("Café", "S1")),
    (f"{HOST}/c/l/S1/%F0%9F%90%9F", lot("🐟", "S1")),
    (f"{HOST}/c/l/S1/100%25+1", lot("100%+1", "S1")),
    (f"{HOST}/c/l/S1/%3Cb%3E%22", lot('<b>"', "S1")),
    (f"{HOST}/c/l/S1/..", lot("..", "S1")),  # a name, and no way up
    (f"{HOST}/c/l/S1/{'%F0%9F%90%9F' * 64}", lot("🐟" * 64, "S1")),
    (f"{HOST}/c/l/S1/A%2FB", nothing("signs")),
    (f"{HOST}/c/l/S1/A%zz", nothing("signs")),
    (f"{HOST}/c/l/S1/A%", nothing("signs")),
    (f"{HOST}/c/l/S1/%ff", nothing("signs")),
    (f"{HOST}/c/l/S1/%ed%a0%80", nothing("signs")),
    (f"{HOST}/c/l/S1/%00", nothing("signs")),
    (f"{HOST}/c/l/S1/A%0AB", nothing("signs")),
    (f"{HOST}/c/l/S1/%20A", nothing("signs")),
    (f"{HOST}/c/l/S1/A%C2%A0", nothing("signs")),
    (f"{HOST}/c/l/S1/{'x' * 64}", lot("x" * 64, "S1")),
    (f"{HOST}/c/l/S1/{'x' * 65}", nothing("signs")),
    # nearly ours
    (f"{HOST}/c/l/S1", nothing("signs")),
    (f"{HOST}/c/l/S1/A/", nothing("signs")),
    (f"{HOST}/c/l//A", nothing("signs")),
    (f"{HOST}/c/l/S1/A/1", nothing("signs")),
    (f"{HOST}/c/x/S1/A", nothing("signs")),
    (f"{HOST}/c/constructor/S1/A", nothing("signs")),
    (f"{HOST}/c/", nothing("signs")),
    # other addresses, and ours under another name
    ("http://10.0.0.7:8000/c/l/S1/A-7", lot("A-7", "S1")),
    ("https://somebody:else@old.plant.example/c/l/S1/A-7", lot("A-7", "S1")),
    (f"{HOST}/p/CAN?line=L1", address("qc.plant.example")),
    ("https://id.gs1.example/01/09506000134352/10/A-7", address("id.gs1.example")),
    ("https://shop.example", address("shop.example")),
    ("https://qc.plant.example@evil.example/", address("evil.example")),
    (f"https://{'h' * 90}/", address("h" * 60)),
    ("ftp://qc.plant.example/c/l/S1/A-7", address("qc.plant.example")),
    ("https:///c/l/S1/A-7", address("")),
    ("javascript://qc.plant.example/c/l/S1/A", address("qc.plant.example")),
    ("/c/l/S1/A-7", nothing("signs")),
    # as ERPs print them
    ("A-7", bare("A-7")),
    ("4006381333931", bare("4006381333931")),
    ("10A-7", bare("10A-7")),
    ("WIFI:S:plant;T:WPA;;", bare("WIFI:S:plant;T:WPA;;")),
    ("A (B)", bare("A (B)")),
    ("]C0A-7", bare("A-7")),
    ("x" * 64, bare("x" * 64)),
    ("🐟" * 64, bare("🐟" * 64)),
    ("x" * 65, nothing("signs")),
    ("A/7", nothing("signs")),
    ("A\x007", nothing("signs")),
    ("A\n7", nothing("signs")),
    ("\ud800", nothing("signs")),
    ("\ufeffA", nothing("signs")),
    ("", nothing("empty")),
    (" \r\n", nothing("empty")),
    ("x" * 2001, nothing("long")),
    # GS1
    ("(01)09501101530003(10)A-7(21)0001", unit("0001", "A-7")),
    ("(21)0001(10)A-7", unit("0001", "A-7")),
    ("(10)A-7", lot("A-7")),
    ("(21)0001", unit("0001")),
    ("(01)09501101530003(17)270101", nothing("gs1")),
    ("(10)", nothing("gs1")),
    ("(10)A(10)B", nothing("gs1")),
    (f"(10){'x' * 21}", nothing("gs1")),
    ("(10)A/7", nothing("gs1")),
    ("(8008)2611221430(10)A-7", lot("A-7")),
    (f"]C1010950110153000310A-7{GS}210001", unit("0001", "A-7")),
    (f"]d2210001{GS}10A-7", unit("0001", "A-7")),
    ("]Q310A-7", lot("A-7")),
    (f"{GS}010950110153000310A-7", lot("A-7")),
    (f"10A-7{GS}17270101210001", unit("0001", "A-7")),
    (f"3102001750{GS}10A-7", lot("A-7")),
    (f"240X{GS}10A-7{GS}", lot("A-7")),
    (f"41095011015300041099{GS}", lot("99")),
    (f"]C101🐟{GS}10A-7", nothing("gs1")),
    ("\u017fmb://plant.example/x", nothing("signs")),
    (f"]C101095011015300{GS}10A-7", nothing("gs1")),
    (f"A{GS}B", nothing("gs1")),
    (f"1{GS}10A-7", nothing("gs1")),
    ("]C1", nothing("gs1")),
    ("]C117270101", nothing("gs1")),
]  # fmt: skip
