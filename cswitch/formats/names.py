"""The names of a file's utterances: each has one, and no two the same; 16 bytes for a name.

The latest names are kept as they are. Of an older one two numbers are left: 64 bits of its hash,
and its line with 24 bits of another hash. Two names are taken for one only if they agree in all
88 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cswitch.errors import InputError
from cswitch.formats.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LATEST = 1 << 16
_BITS = 24


class Names:
    """The names that were seen in a file, and where."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._latest: dict[str, int] = {}
        self._hashes: NDArray[Any] | None = None  # of the older names, ascending
        self._places: NDArray[Any] | None = None  # beside them, lines and second hashes

    def add(self, record: Record) -> str:
        """Remember the name of a record, and return it.

        Raises:
            InputError: It has no name, or one that was seen before; this may be found only when
                more names have come, or by `check`.
        """
        name = named(record, self._path)
        before = self._latest.setdefault(name, record.line)
        if before != record.line:
            raise twice(name, self._path, record.line, before)
        if len(self._latest) == _LATEST:
            self.check()
            self._grow_old()
        return name

    def __contains__(self, name: str) -> bool:
        return name in self._latest or self._older(name) is not None

    def check(self) -> None:
        """Compare the latest names with the older ones.

        Raises:
            InputError: A name was seen before.
        """
        if self._hashes is None:
            return
        import numpy as np

        hashes = self._hashes_of_latest()
        found = np.searchsorted(self._hashes, hashes)
        found[found == len(self._hashes)] = 0
        names = list(self._latest)
        for place in np.flatnonzero(self._hashes[found] == hashes).tolist():
            before = self._older(names[place])
            if before is not None:
                raise twice(names[place], self._path, self._latest[names[place]], before)

    def _older(self, name: str) -> int | None:
        """The line of an older name."""
        if self._hashes is None or self._places is None:
            return None
        first = self._hashes.searchsorted(hash(name), "left")
        last = self._hashes.searchsorted(hash(name), "right")
        second = _second_hash(name)
        for place in self._places[first:last].tolist():
            if place % (1 << _BITS) == second:
                return int(place >> _BITS)
        return None

    def _grow_old(self) -> None:
        import numpy as np

        hashes = self._hashes_of_latest()
        places = np.array(
            [line << _BITS | _second_hash(name) for name, line in self._latest.items()]
        )
        order = hashes.argsort()
        hashes, places = hashes[order], places[order]
        if self._hashes is not None and self._places is not None:
            into = self._hashes.searchsorted(hashes)
            hashes = np.insert(self._hashes, into, hashes)
            places = np.insert(self._places, into, places)
        self._hashes, self._places = hashes, places
        self._latest = {}

    def _hashes_of_latest(self) -> NDArray[Any]:
        import numpy as np

        return np.fromiter(map(hash, self._latest), np.int64, len(self._latest))


def named(record: Record, path: str) -> str:
    """The name of a record.

    Raises:
        InputError: It has none.
    """
    if record.id is None:
        raise InputError(
            "the utterance has no name",
            path=path,
            line=record.line,
            remedy="Name all utterances or none",
        )
    return record.id


def twice(name: str, path: str, line: int, before: int | None = None) -> InputError:
    """The error of a name that another line has already, perhaps known which."""
    where = "there twice" if before is None else f"in line {before} already"
    return InputError(
        f"the utterance '{name}' stands {where}",
        path=path,
        line=line,
        remedy="Give each utterance a name of its own",
    )


def _second_hash(name: str) -> int:
    return hash(f" {name}") % (1 << _BITS)
