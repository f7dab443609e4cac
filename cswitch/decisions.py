"""A user's own decisions about two texts: they win over everything else that is known.

A list has lines ``accept TAB text TAB text`` (the two are renderings of each other) and
``reject TAB text TAB text`` (they are different words).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from cswitch.errors import InputError
from cswitch.files import atomic_write, read_lines

ACCEPT, REJECT = "accept", "reject"

Decision = tuple[str, str, str]
"""``accept`` or ``reject``, and two texts."""


def read(path: str | Path) -> Iterator[Decision]:
    """The decisions of a list.

    Raises:
        InputError: A line has no such columns.
    """
    for number, line in enumerate(read_lines(path), start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 3 or cells[0] not in (ACCEPT, REJECT) or not all(cells):
            raise InputError(
                "the line is not 'accept' or 'reject', a text and a text",
                path=path,
                line=number,
                remedy="Separate the columns with single tabs, or use cswitch lexicon add",
            )
        yield cells[0], cells[1], cells[2]


def write(decisions: Iterable[Decision], path: str | Path) -> None:
    """Write a list."""
    with atomic_write(path) as out:
        out.writelines("\t".join(decision) + "\n" for decision in decisions)


class Decisions:
    """The decisions of a list, asked for by text.

    Args:
        path: The list.
        fold: Makes one text of all spellings that a decision about one of them is about.
    """

    def __init__(self, path: str | Path, fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._accepted: dict[frozenset[str], bool] = {}
        self._parts: set[str] = set()
        for verdict, one, other in read(path):
            pair = self._pair(one, other)
            self._accepted[pair] = verdict == ACCEPT
            self._parts.update(part for key in pair if " " in key for part in key.split(" "))
        said = sorted((sorted(pair), verdict) for pair, verdict in self._accepted.items())
        self.digest = hashlib.sha256(repr(said).encode()).hexdigest()[:12]

    def accepted(self, left: str, right: str) -> bool | None:
        """What the user said of two texts; None if nothing."""
        return self._accepted.get(self._pair(left, right))

    def partners(self, text: str) -> Iterator[str]:
        """The folded texts that are accepted for a text, itself among them."""
        key = self._fold(text)
        for pair, verdict in self._accepted.items():
            if verdict and key in pair:
                yield from pair

    def joins(self, key: str) -> bool:
        """Whether a folded token is a part of a text of several words."""
        return key in self._parts

    def _pair(self, left: str, right: str) -> frozenset[str]:
        return frozenset((self._fold(left), self._fold(right)))
