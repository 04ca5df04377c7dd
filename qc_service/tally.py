"""What the trail says of each row, kept in a temporary file: the rows of a plant do not fit into memory."""

from collections.abc import Iterator
from typing import NamedTuple

from pysqlite3 import dbapi2 as sqlite3

from qc_service.images import Said, digest

_BATCH = 5000

# `said` is written in the order of reading and sorted once, which is several times quicker than keeping it sorted.
_TABLES = """
CREATE TABLE name (number INTEGER PRIMARY KEY, text BLOB NOT NULL);
CREATE TABLE said (tbl INTEGER, key BLOB, stream INTEGER, seq INTEGER, digest BLOB);
CREATE TABLE last (
    tbl INTEGER, key BLOB, stream INTEGER, seq INTEGER, digest BLOB, PRIMARY KEY (tbl, key, stream)) WITHOUT ROWID;
CREATE TABLE held (
    tbl INTEGER, key BLOB, digest BLOB, times INTEGER, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
"""
_SAY = "INSERT INTO said VALUES (?, ?, ?, ?, ?)"
_SORT = "INSERT OR REPLACE INTO last SELECT * FROM said ORDER BY tbl, key, stream, rowid"
_HOLD = "INSERT INTO held VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1"
_CLAIMS = """
SELECT text, seq, digest FROM last JOIN name ON number = stream WHERE tbl = ? AND key = ? ORDER BY stream"""
_DIFFERENT = """
SELECT EXISTS (
    SELECT 1 FROM held LEFT JOIN last
    ON last.tbl = held.tbl AND last.key = held.key AND last.digest IS NOT NULL
    WHERE held.tbl = ? AND (last.digest IS NOT held.digest OR times > 1))
OR EXISTS (
    SELECT 1 FROM last WHERE tbl = ? AND digest IS NOT NULL GROUP BY key HAVING count(*) > 1)"""
_GONE = """
SELECT last.key, text, seq FROM last JOIN name ON number = stream
LEFT JOIN held ON held.tbl = last.tbl AND held.key = last.key
WHERE last.tbl = ? AND last.digest IS NOT NULL AND times IS NULL"""
_TWICE = "SELECT key, times FROM held WHERE tbl = ? AND times > 1"
_NAMED = "SELECT text FROM name WHERE EXISTS (SELECT 1 FROM last WHERE tbl = number AND digest IS NOT NULL)"


class Claim(NamedTuple):
    """The last that a stream says of a row; without a digest, that the row is gone or another stream's."""

    stream: str
    seq: int
    digest: bytes | None


class Tally:
    """Filled by reading all streams, each in its order, then by reading the tables; then the two are compared."""

    def __init__(self) -> None:
        # a database without a name is a file of SQLite's own, gone when it is closed
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -48000"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.executescript(_TABLES)
        self._file.execute("BEGIN")
        self._said: list[tuple[int, bytes, int, int, bytes | None]] = []
        self._held: list[tuple[int, bytes, bytes]] = []
        self._tables: dict[str, int] = {}
        self._names = 0
        self._stream = 0

    def begin(self, stream: str) -> None:
        self._stream = self._name(stream)

    def say(self, seq: int, said: list[Said]) -> None:
        """What the next event of the stream says; it stands in place of what earlier ones said."""
        for table, key, content in said:
            held = None if content is None else digest(content)
            self._said.append((self._table(table), _raw(key), self._stream, seq, held))
        if len(self._said) >= _BATCH:
            self._flush()

    def sort(self) -> None:
        """All streams are read."""
        self._flush()
        self._file.execute(_SORT)
        self._file.execute("DROP TABLE said")

    def hold(self, table: str, key: str, content: str) -> None:
        """The table has this row."""
        self._held.append((self._table(table), _raw(key), digest(content)))
        if len(self._held) >= _BATCH:
            self._flush()

    def differs(self, table: str) -> bool:
        """Is any row of the table, now that it is read, not what exactly one stream says of it?"""
        self._flush()
        number = self._table(table)
        return bool(self._file.execute(_DIFFERENT, (number, number)).fetchone()[0])

    def claims(self, table: str, key: str) -> list[Claim]:
        found = self._file.execute(_CLAIMS, (self._table(table), _raw(key)))
        return [Claim(_text(stream), seq, held) for stream, seq, held in found]

    def gone(self, table: str) -> Iterator[tuple[str, str, int]]:
        """(key, stream, seq) of each row that the trail has and the table has not."""
        for key, stream, seq in self._file.execute(_GONE, (self._table(table),)):
            yield _text(key), _text(stream), seq

    def twice(self, table: str) -> Iterator[tuple[str, int]]:
        for key, times in self._file.execute(_TWICE, (self._table(table),)):
            yield _text(key), times

    def tables(self) -> set[str]:
        """Names of the tables that the trail says have rows."""
        return {_text(row[0]) for row in self._file.execute(_NAMED)}

    def close(self) -> None:
        self._file.close()

    def _flush(self) -> None:
        self._file.executemany(_SAY, self._said)
        self._file.executemany(_HOLD, self._held)
        self._said.clear()
        self._held.clear()

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
