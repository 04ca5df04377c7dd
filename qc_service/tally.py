"""What the trail says of each row, kept in a temporary file: the rows of a plant do not fit into memory."""

from collections.abc import Iterator
from typing import NamedTuple

from pysqlite3 import dbapi2 as sqlite3

from qc_service.images import Said, digest

_BATCH = 5000

_TABLES = """
CREATE TABLE stream (number INTEGER PRIMARY KEY, name BLOB NOT NULL);
CREATE TABLE said (
    tbl BLOB NOT NULL, key BLOB NOT NULL, stream INTEGER NOT NULL, seq INTEGER NOT NULL, digest BLOB,
    PRIMARY KEY (tbl, key, stream)) WITHOUT ROWID;
CREATE TABLE held (
    tbl BLOB NOT NULL, key BLOB NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
"""
_SAY = "INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?, ?)"
_HOLD = "INSERT INTO held VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1"
_CLAIMS = """
SELECT name, seq, digest FROM said JOIN stream ON number = stream WHERE tbl = ? AND key = ? ORDER BY seq"""
_GONE = """
SELECT said.key, name, seq FROM said JOIN stream ON number = stream LEFT JOIN held USING (tbl, key)
WHERE said.tbl = ? AND digest IS NOT NULL AND times IS NULL"""
_TWICE = "SELECT key, times FROM held WHERE tbl = ? AND times > 1"
_NAMED = "SELECT DISTINCT tbl FROM said WHERE digest IS NOT NULL"


class Claim(NamedTuple):
    """The last that a stream says of a row; without a digest, that the row is gone or another stream's."""

    stream: str
    seq: int
    digest: bytes | None


class Tally:
    """Filled by reading all streams, each in its order; then asked row by row."""

    def __init__(self) -> None:
        # a database without a name is a file of SQLite's own, gone when it is closed
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -48000"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.executescript(_TABLES)
        self._file.execute("BEGIN")
        self._waiting: list[tuple[bytes, bytes, int, int, bytes | None]] = []
        self._seen: list[tuple[bytes, bytes]] = []
        self._stream = 0

    def begin(self, stream: str) -> None:
        self._stream += 1
        self._file.execute("INSERT INTO stream VALUES (?, ?)", (self._stream, _raw(stream)))

    def say(self, seq: int, said: list[Said]) -> None:
        """What the next event of the stream says; it stands in place of what earlier ones said."""
        stream = self._stream
        for table, key, content in said:
            held = None if content is None else digest(content)
            self._waiting.append((_raw(table), _raw(key), stream, seq, held))
        if len(self._waiting) >= _BATCH:
            self.settle()

    def hold(self, table: str, key: str) -> None:
        """The table has this row."""
        self._seen.append((_raw(table), _raw(key)))
        if len(self._seen) >= _BATCH:
            self.settle()

    def settle(self) -> None:
        self._file.executemany(_SAY, self._waiting)
        self._file.executemany(_HOLD, self._seen)
        self._waiting.clear()
        self._seen.clear()

    def claims(self, table: str, key: str) -> list[Claim]:
        found = self._file.execute(_CLAIMS, (_raw(table), _raw(key)))
        return [Claim(_text(stream), seq, held) for stream, seq, held in found]

    def gone(self, table: str) -> Iterator[tuple[str, str, int]]:
        """(key, stream, seq) of each row that the trail has and the table has not."""
        self.settle()
        for key, stream, seq in self._file.execute(_GONE, (_raw(table),)):
            yield _text(key), _text(stream), seq

    def twice(self, table: str) -> Iterator[tuple[str, int]]:
        self.settle()
        for key, times in self._file.execute(_TWICE, (_raw(table),)):
            yield _text(key), times

    def tables(self) -> set[str]:
        """Names of the tables that the trail says have rows."""
        self.settle()
        return {_text(row[0]) for row in self._file.execute(_NAMED)}

    def close(self) -> None:
        self._file.close()


def _raw(text: str) -> bytes:
    """Damaged text has no form in UTF-8, and must be told from other text all the same."""
    return text.encode("utf-8", "surrogatepass")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")
