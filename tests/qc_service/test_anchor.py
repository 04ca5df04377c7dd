"""Anchors: a short proof of all that history contained, and what is said of a file that is none."""

import io

import pytest

from qc_service.audit import COMMAND, StreamHead, change, lock_streams
from qc_service.db import write
from qc_service.lines.service import create_line, create_site
from qc_service.verify import verify
from qc_service.verify.anchor import merkle_root, read_anchor, write_anchor

# The leaves and roots that the reference implementations of RFC 6962 are tested with.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_root_is_the_one_of_the_standard(size):
    assert merkle_root([bytes.fromhex(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


@pytest.fixture
def anchor(database, tmp_path):
    site = create_site(COMMAND, "S1")
    create_line(COMMAND, site, "L1")
    with write():
        lock_streams(["site/nowhere"])  # locked, and nothing written: not yet a part of history
    write_anchor(tmp_path / "anchor")
    return tmp_path / "anchor"


def test_an_anchor_names_every_stream_with_its_last_event(anchor):
    title, date, root, streams, *lines = anchor.read_text().splitlines()
    assert (title, streams) == ("qc anchor 1", "streams 2")
    assert date.startswith("date 20")
    assert root == f"root {merkle_root([line.encode() for line in lines]).hex()}"
    heads = {(head.stream, head.seq, bytes(head.hash).hex()) for head in StreamHead.select() if head.seq}
    assert {(stream, int(seq), held) for stream, seq, held in map(str.split, lines)} == heads
    assert lines == sorted(lines)


def test_an_anchor_can_be_written_to_a_stream(anchor):
    out = io.StringIO()
    root = write_anchor(out)
    assert out.getvalue().splitlines()[2:] == anchor.read_text().splitlines()[2:]
    assert f"root {root}\n" in out.getvalue()


def test_an_anchor_of_nothing_holds_for_ever(database, tmp_path):
    write_anchor(tmp_path / "anchor")
    create_site(COMMAND, "S1")
    assert list(verify(tmp_path / "anchor")) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("place", range(4, 6))
def test_a_line_that_was_taken_out_does_not_fit_the_root(anchor, place):
    lines = anchor.read_text().splitlines(keepends=True)
    del lines[place]
    anchor.write_text("".join(lines))
    assert [finding.kind for finding in verify(anchor)] == ["anchor"]
    assert "its root does not fit its lines" in read_anchor(anchor).fault


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("place", [0, 60, 100, 200, -3])
def test_a_changed_file_is_noticed(anchor, place):
    raw = bytearray(anchor.read_bytes())
    raw[place] ^= 1
    anchor.write_bytes(raw)
    assert {finding.kind for finding in verify(anchor)} == {"anchor"}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe\x00", b"qc anchor 1\n", b"qc anchor 2\ndate x\nroot y\nstreams 0\n",
        b"qc anchor 1\ndate x\nroot y\nlines 0\n", b"qc anchor 1\ndate x\nroot y\nstreams 1\nplant 1\n",
        b"qc anchor 1\ndate x\nroot y\nstreams 1\nplant 1 zz\n",
        b"qc anchor 1\ndate x\nroot y\nstreams 1\nplant 1 00\n",
        b"qc anchor 1\ndate x\nroot y\nstreams 1\nplant -1 " + b"0" * 64 + b"\n",
        b"qc anchor 1\ndate x\nroot y\nstreams 1\nplant " + b"9" * 30 + b" " + b"0" * 64 + b"\n",
    ],
)  # fmt: skip
def test_a_file_that_is_no_anchor_is_said_to_be_none(database, tmp_path, content):
    (tmp_path / "anchor").write_bytes(content)
    assert [str(finding) for finding in verify(tmp_path / "anchor")] == [
        "the anchor — the file is no anchor: it is not of the form that `qc audit anchor` writes"
    ]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_missing_file_is_an_error_at_once(database, tmp_path):
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "nowhere")


def test_a_stream_that_is_gone_is_named(anchor):
    with change(COMMAND, "site.looked_at"):
        pass
    lines = anchor.read_text().splitlines()
    root = merkle_root([line.encode() for line in (*lines[4:], "site/gone 3 " + "0" * 64)]).hex()
    text = [*lines[:2], f"root {root}", "streams 3", *lines[4:], "site/gone 3 " + "0" * 64, ""]
    anchor.write_text("\n".join(text))
    (found,) = verify(anchor)
    assert str(found).startswith("stream site/gone — history is shorter than the anchor of ")
    assert str(found).endswith("that saw event 3, the last is 0")
