"""Records that wait until their name is asked for: the latest in memory, older ones on disk."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterator

from cswitch.formats.names import named, twice
from cswitch.formats.record import Record

_LATEST = 1 << 16
_CACHE = -65536  # KiB


class ByName:
    """The records of one file by name.

    While they are asked for in the order in which they come, none is kept. Those that come too
    early wait; when they are many, in a temporary file that no other program sees.
    """

    def __init__(self, path: str, records: Iterator[Record]) -> None:
        self._path = path
        self._records = records
        self._latest: dict[str, Record] = {}
        self._disk: sqlite3.Connection | None = None

    def take(self, name: str) -> Record | None:
        """The record of a name; each can be taken once.

        Raises:
            InputError: A record has no name, or one of a name that waits already; this may be
                found only when more records have come, or by `left`.
        """
        found = self._pop(name)
        while found is None and (record := next(self._records, None)) is not None:
            if record.id == name:
                found = record
            else:
                self._put(record)
        return found

    def left(self) -> tuple[Record, int] | None:
        """Of the records that nobody took, the first one, and how many there are.

        Raises:
            InputError: Two of them have one name.
        """
        for record in self._records:
            self._put(record)
        if self._disk is None:
            records = iter(self._latest.values())
            count = len(self._latest)
        else:
            self._move(self._disk)
            records = (_load(row[0]) for row in self._disk.execute("SELECT record FROM waiting"))
            [count] = self._disk.execute("SELECT count(*) FROM waiting").fetchone()
        first = min(records, key=lambda record: record.line, default=None)
        return None if first is None else (first, count)

    def _put(self, record: Record) -> None:
        name = named(record, self._path)
        before = self._latest.setdefault(name, record)
        if before is not record:
            raise twice(name, self._path, record.line, before.line)
        if len(self._latest) == _LATEST:
            self._disk = self._disk or _file()
            self._move(self._disk)

    def _pop(self, name: str) -> Record | None:
        record = self._latest.pop(name, None)
        if record is not None or self._disk is None:
            return record
        return _one(self._disk, "DELETE FROM waiting WHERE name = ? RETURNING record", name)

    def _move(self, disk: sqlite3.Connection) -> None:
        """Move what waits in memory to the file."""
        rows = [(_key(name), _dump(record)) for name, record in sorted(self._latest.items())]
        before = disk.total_changes
        disk.executemany("INSERT INTO waiting VALUES (?, ?) ON CONFLICT DO NOTHING", rows)
        if disk.total_changes - before < len(rows):
            for name, record in self._latest.items():
                other = _one(disk, "SELECT record FROM waiting WHERE name = ?", name)
                if other is not None and other.line != record.line:
                    raise twice(name, self._path, record.line, other.line)
        self._latest = {}


def _file() -> sqlite3.Connection:
    # Without a name, it is a file of this connection alone and goes with it. None of it has to
    # outlive a crash.
    disk = sqlite3.connect("")
    for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = {_CACHE}"):
        disk.execute(f"PRAGMA {setting}")
    disk.execute("CREATE TABLE waiting (name BLOB PRIMARY KEY, record BLOB) WITHOUT ROWID")
    return disk


def _one(disk: sqlite3.Connection, query: str, name: str) -> Record | None:
    row = disk.execute(query, (_key(name),)).fetchone()
    return None if row is None else _load(row[0])


def _key(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")  # JSON may have half a character


def _dump(record: Record) -> bytes:
    return pickle.dumps((record.text, record.line, record.id, dict(record.metadata)))


def _load(packed: bytes) -> Record:
    return Record(*pickle.loads(packed))
