"""What the trail says of each row, and what the tables hold, in a file: a plant's rows do not fit into memory.

Where there are many they are dealt out to shares by a hash of their key, each of them small enough to be sorted in
memory; for that is where the engine sorts, however much there is.
"""

import tempfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from pysqlite3 import dbapi2 as sqlite3

from qc_service.verify.images import Said, digest

_EVENTS_OF_SHARE = 15_000
_MOST_SHARES = 256
_BATCH = 20_000

_SHARE = """
CREATE TABLE said_{0} (tbl INTEGER, key BLOB, stream INTEGER, seq INTEGER, digest BLOB);
CREATE TABLE held_{0} (tbl INTEGER, key BLOB, digest BLOB);
"""
_TABLES = """
CREATE TABLE name (number INTEGER PRIMARY KEY, text BLOB NOT NULL);
CREATE TABLE claim (tbl INTEGER, key BLOB, stream INTEGER, seq INTEGER, digest BLOB);
CREATE TABLE wrong (tbl INTEGER, key BLOB, times INTEGER, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
CREATE INDEX claim_key ON claim (tbl, key);
CREATE TEMP TABLE last (
    tbl INTEGER, key BLOB, stream INTEGER, seq INTEGER, digest BLOB, PRIMARY KEY (tbl, key, stream)) WITHOUT ROWID;
CREATE TEMP TABLE stands (
    tbl INTEGER, key BLOB, digest BLOB, times INTEGER, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
"""
# Of one share: the last that each stream says of a row; the rows that stand; and where these are not one to one.
_COMPARE = """
DELETE FROM last;
DELETE FROM stands;
INSERT OR REPLACE INTO last SELECT * FROM said_{0} ORDER BY rowid;
INSERT INTO stands SELECT tbl, key, digest, 1 FROM held_{0} WHERE true
    ON CONFLICT DO UPDATE SET times = times + 1, digest = NULL;
INSERT INTO wrong
    SELECT stands.tbl, stands.key, times FROM stands LEFT JOIN last
    ON last.tbl = stands.tbl AND last.key = stands.key AND last.digest IS NOT NULL
    WHERE last.digest IS NOT stands.digest OR times > 1
    UNION
    SELECT last.tbl, last.key, times FROM last LEFT JOIN stands USING (tbl, key)
    WHERE last.digest IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1 OR times IS NULL;
INSERT INTO claim SELECT last.* FROM last JOIN wrong USING (tbl, key);
DROP TABLE said_{0};
DROP TABLE held_{0};
"""
_CLAIMS = "SELECT text, seq, digest FROM claim JOIN name ON number = stream WHERE tbl = ? AND key = ? ORDER BY stream"
_GONE = """
SELECT key, text, seq FROM wrong JOIN claim USING (tbl, key) JOIN name ON number = stream
WHERE tbl = ? AND times IS NULL AND digest IS NOT NULL"""
_TWICE = "SELECT key, times FROM wrong WHERE tbl = ? AND times > 1"
_WRONG = "SELECT text FROM name WHERE EXISTS (SELECT 1 FROM wrong WHERE tbl = number)"


_PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -16000")


class Claim(NamedTuple):
    """The last that a stream says of a row; without a digest, that the row is gone or another stream's."""

    stream: str
    seq: int
    digest: bytes | None


class Tally:
    """Filled with what all streams say, each in its order, and with what all tables hold; then the two are compared."""

    def __init__(self, events: int) -> None:
        self._shares = min(1 + events // _EVENTS_OF_SHARE, _MOST_SHARES)
        with tempfile.NamedTemporaryFile(prefix="qc-verify-") as file:  # without a name as soon as it is open
            self._file = sqlite3.connect(file.name, isolation_level=None, check_same_thread=False)
            for pragma in _PRAGMAS:
                self._file.execute(f"PRAGMA {pragma}")
            self._file.executescript(_TABLES + "".join(_SHARE.format(number) for number in range(self._shares)))
        self._file.execute("BEGIN")
        self._said: list[list[tuple[int, bytes, int, int, bytes | None]]] = [[] for _ in range(self._shares)]
        self._held: list[list[tuple[int, bytes, bytes]]] = [[] for _ in range(self._shares)]
        self._waiting = 0
        self._tables: dict[str, int] = {}
        self._names = 0
        self._stream = 0

    def begin(self, stream: str) -> None:
        self._stream = self._name(stream)

    def say(self, seq: int, said: list[Said]) -> None:
        """What the next event of the stream says; it stands in place of what earlier ones said."""
        for table, key, content in said:
            raw = _raw(key)
            held = None if content is None else digest(content)
            self._said[zlib.crc32(raw) % self._shares].append((self._table(table), raw, self._stream, seq, held))
        self._count(len(said))

    def hold(self, table: str, key: str, content: str) -> None:
        """The table has this row."""
        raw = _raw(key)
        self._held[zlib.crc32(raw) % self._shares].append((self._table(table), raw, digest(content)))
        self._count(1)

    def compare(self) -> set[str]:
        """Names of the tables with a row that is not what exactly one stream says of it."""
        self._flush()
        for number in range(self._shares):
            for statement in _COMPARE.format(number).split(";"):
                self._file.execute(statement)
        return {_text(row[0]) for row in self._file.execute(_WRONG)}

    def claims(self, table: str, key: str) -> list[Claim]:
        """What is said of a row, if anything about it is wrong."""
        found = self._file.execute(_CLAIMS, (self._table(table), _raw(key)))
        return [Claim(_text(stream), seq, held) for stream, seq, held in found]

    def wrong(self, table: str, key: str) -> bool:
        found = self._file.execute("SELECT 1 FROM wrong WHERE tbl = ? AND key = ?", (self._table(table), _raw(key)))
        return found.fetchone() is not None

    def gone(self, table: str) -> Iterator[tuple[str, str, int]]:
        """(key, stream, seq) of each row that the trail has and the table has not."""
        for key, stream, seq in self._file.execute(_GONE, (self._table(table),)):
            yield _text(key), _text(stream), seq

    def twice(self, table: str) -> Iterator[tuple[str, int]]:
        for key, times in self._file.execute(_TWICE, (self._table(table),)):
            yield _text(key), times

    def close(self) -> None:
        self._file.close()

    def _count(self, more: int) -> None:
        self._waiting += more
        if self._waiting >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        for number in range(self._shares):
            self._file.executemany(f"INSERT INTO said_{number} VALUES (?, ?, ?, ?, ?)", self._said[number])  # noqa: S608
            self._file.executemany(f"INSERT INTO held_{number} VALUES (?, ?, ?)", self._held[number])  # noqa: S608
            self._said[number].clear()
            self._held[number].clear()
        self._waiting = 0

    def _table(self, table: str) -> int:
        number = self._tables.get(table)
        if number is None:
            number = self._tables[table] = self._name(table)
        return number

    def _name(self, text: str) -> int:
        self._names += 1
        self._file.execute("INSERT INTO name VALUES (?, ?)", (self._names, _raw(text)))
        return self._names


def _raw(text: str) -> bytes:
    """Damaged text has no form in UTF-8, and must be told from other text all the same."""
    return text.encode("utf-8", "surrogatepass")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")
