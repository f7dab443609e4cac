"""The number words of a language, read and spelled by one grammar.

A language's ``numbers.tsv`` has a row per word: ``value, kind, use, word``. The kind is
``number`` (stands for its value), ``scale`` (multiplies what stands before it) or ``link`` (and).
The use says where the word may stand: ``any``, ``final`` (nothing smaller follows), ``joined``
(something smaller follows) or ``times`` (a scale follows). The first row that fits is how a
number is spelled; all rows are understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import regex

from cswitch.errors import InputError
from cswitch.normalize.rules import row_line
from cswitch.resources import read_table

COLUMNS = ("value", "kind", "use", "word")
KINDS = ("number", "scale", "link")
USES = ("any", "final", "joined", "times")
LARGEST = 10**12

_FIGURES = regex.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Word:
    """One row of the table; a word of several words has spaces."""

    value: Fraction
    kind: str
    use: str
    text: str


class NumberWords:
    """Number words of one language.

    Args:
        table: The language's ``numbers.tsv``; a language may have none.
        fold: Makes one text of all spellings of a word.
    """

    def __init__(self, table: Path, fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._words = _read(table) if table.exists() else ()
        self._known: dict[tuple[str, ...], list[Word]] = {}
        for word in self._words:
            self._known.setdefault(tuple(fold(word.text).split()), []).append(word)
        self._parts = {part for key in self._known for part in key}
        self._longest = max(map(len, self._known), default=0)

    def parse(self, words: Sequence[str]) -> int | None:
        """The number that all the words together stand for, if they are one number."""
        keys = self._fold(" ".join(words)).split()
        if all(map(_FIGURES.fullmatch, keys)):
            return None
        return next(filter(lambda value: value is not None, map(_whole, self._splits(keys))), None)

    def spell(self, number: int) -> str:
        """A number in words.

        Raises:
            InputError: There are no number words, or the number is negative or too large.
        """
        if not self._words:
            raise InputError(
                "the language has no number words", remedy="Add its numbers.tsv to normalizers/"
            )
        if not 0 <= number < LARGEST:
            raise InputError(f"{number} cannot be spelled", remedy=f"Give 0 to {LARGEST - 1}")
        return self._spell(number, "final")

    def to_figures(self, text: str) -> str:
        """A line in which the longest numbers are written in figures."""
        tokens = text.split(" ")
        keys = [self._fold(token) for token in tokens]
        if self._parts.isdisjoint(part for key in keys for part in key.split()):
            return text
        written: list[str] = []
        start = 0
        while start < len(tokens):
            value, start = self._longest_number(tokens, keys, start)
            written.append(value)
        return " ".join(written)

    def _longest_number(self, tokens: list[str], keys: list[str], start: int) -> tuple[str, int]:
        end = start
        while end < len(tokens) and self._countable(keys[end]):
            end += 1
        for stop in range(end, start, -1):
            if (value := self.parse(tokens[start:stop])) is not None:
                return str(value), stop
        return tokens[start], start + 1

    def _countable(self, key: str) -> bool:
        parts = key.split()
        return bool(parts) and all(
            part in self._parts or _FIGURES.fullmatch(part) for part in parts
        )

    def _splits(self, keys: Sequence[str]) -> Iterator[list[Word]]:
        """The ways to read words as entries of the table."""
        if not keys:
            yield []
        for length in range(1, min(len(keys), self._longest) + 1):
            for word in self._entries(tuple(keys[:length])):
                for rest in self._splits(keys[length:]):
                    yield [word, *rest]

    def _entries(self, key: tuple[str, ...]) -> list[Word]:
        if len(key) == 1 and _FIGURES.fullmatch(key[0]):
            return [Word(Fraction(key[0]), "number", "times", key[0])]
        return self._known.get(key, [])

    def _spell(self, number: int, use: str) -> str:
        if (word := self._find(number, "number", use)) is not None:
            return word
        if number < 100:
            unit = number % 10
            return f"{self._spell(number - unit, 'joined')} {self._spell(unit, use)}"
        scale = next(value for value in self._scales() if value <= number)
        count, rest = divmod(number, scale)
        joined = "joined" if rest else use
        whole = self._find(number - rest, "number", joined)
        if whole is None:
            whole = f"{self._spell(count, 'times')} {self._find(scale, 'scale', joined)}"
        return f"{whole} {self._spell(rest, use)}" if rest else whole

    def _scales(self) -> list[int]:
        scales = {int(word.value) for word in self._words if word.kind == "scale"}
        return sorted(scales, reverse=True)

    def _find(self, value: int, kind: str, use: str) -> str | None:
        fitting = [word for word in self._words if word.value == value and word.kind == kind]
        return next(
            (word.text for wanted in (use, "any") for word in fitting if word.use == wanted), None
        ) or next((word.text for word in fitting if use == "times" and word.use == "final"), None)


def _whole(words: list[Word]) -> int | None:
    value = _value(words)
    return int(value) if value is not None and value.denominator == 1 else None


def _value(words: list[Word], counts: bool = False) -> Fraction | None:
    """Split at the largest scale: what stands before it counts it, what follows is less.

    Args:
        words: Entries of the table.
        counts: Whether a scale follows.
    """
    scales = [place for place, word in enumerate(words) if word.kind == "scale"]
    if not scales:
        return _sum(words, counts)
    place = max(scales, key=lambda place: words[place].value)
    scale = words[place].value
    after = words[place + 1 :]
    if after and after[0].kind == "link":
        after = after[1:]
        if not after:
            return None
    count = _value(words[:place], counts=True) if place else Fraction(1)
    rest = _value(after) if after else Fraction(0)
    if not count or rest is None or rest >= scale:
        return None
    return count * scale + rest


def _sum(words: list[Word], counts: bool) -> Fraction | None:
    """Tens and units: each word fills the zeros of the one before it."""
    if not words or any(word.kind == "link" for word in words):
        return None
    if words[-1].use == "times" and not counts:
        return None
    for left, right in pairwise(words):
        if left.use in ("final", "times") or not 0 < right.value < _zeros(left.value):
            return None
    return sum((word.value for word in words), Fraction(0))


def _zeros(value: Fraction) -> int:
    unit = 1
    while value and value % (unit * 10) == 0:
        unit *= 10
    return unit


def _read(path: Path) -> tuple[Word, ...]:
    words = []
    for index, (value, kind, use, text) in enumerate(read_table(path, COLUMNS)):
        if kind not in KINDS or use not in USES or not _FIGURES.fullmatch(value):
            raise InputError(
                f"'{value} {kind} {use}' is not a number, a kind and a use",
                path=path,
                line=row_line(path, index),
                remedy=f"Kinds are {', '.join(KINDS)}; uses are {', '.join(USES)}",
            )
        words.append(Word(Fraction(value), kind, use, text))
    return tuple(words)
