"""The number words of a language, read and spelled by one grammar.

A language's ``numbers.tsv`` has a row per word: ``value, kind, use, word``. The kind is
``number`` (stands for its value), ``homonym`` (a number, but alone more often another word: Hindi
दो, give), ``scale`` (multiplies what stands before it, or 1), ``plural`` (a scale that must be
multiplied: Telugu వందలు, hundreds), ``foreign`` (a scale of another system, understood but never
spelled: million beside lakh) or ``link`` (and). The use says where the word may stand: ``any``,
``final`` (nothing smaller follows), ``joined`` (something smaller follows) or ``times`` (a scale
follows). A word that begins with a hyphen is written together with the word before it: ``-শো`` as
in উনিশশো. The first row that fits is how a number is spelled; all rows are understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import regex

from cswitch.errors import InputError
from cswitch.normalize.rules import row_line
from cswitch.resources import read_table

COLUMNS = ("value", "kind", "use", "word")
SCALES = ("scale", "plural", "foreign")
NUMBERS = ("number", "homonym")
KINDS = (*NUMBERS, *SCALES, "link")
USES = ("any", "final", "joined", "times")
LARGEST = 10**12
LONGEST = 32  # words; no number below LARGEST has as many
BOUND = "-"

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
        self._spelled: dict[Fraction, list[Word]] = {}
        self._known: dict[tuple[str, ...], list[Word]] = {}
        self._bound: dict[str, list[Word]] = {}
        for word in self._words:
            if word.text.startswith(BOUND):
                _add(word, self._bound.setdefault(fold(word.text.removeprefix(BOUND)), []))
            else:
                self._spelled.setdefault(word.value, []).append(word)
                _add(word, self._known.setdefault(tuple(fold(word.text).split()), []))
        spelled = {"scale", "plural"}
        scales = {int(word.value) for word in self._words if word.kind in spelled}
        self._scales = sorted(scales, reverse=True)
        self._ends = tuple(self._bound)
        self._parts = {part for key in self._known for part in key}
        self._longest = max(map(len, self._known), default=0)
        # Most words of a text are no numbers, and they come again and again.
        self._countable = lru_cache(maxsize=1 << 16)(self._may_count)

    def may_count(self, words: Sequence[str]) -> bool:
        """Whether all of some folded words may be parts of a number: a cheap first look."""
        return all(map(self._countable, words))

    def parse(self, words: Sequence[str]) -> int | None:
        """The number that all the words together stand for, if they are one number."""
        keys = self._fold(" ".join(words)).split()
        if all(map(_FIGURES.fullmatch, keys)):
            return None
        return next(filter(lambda value: value is not None, map(_whole, self._splits(keys))), None)

    def spell(self, number: int) -> str:
        """A number in words.

        Raises:
            InputError: A word is missing, or the number is negative or too large.
        """
        if not self._words:
            raise InputError(
                "the language has no number words", remedy="Add its numbers.tsv to normalizers/"
            )
        if not 0 <= number < LARGEST:
            raise InputError(f"{number} cannot be spelled", remedy=f"Give 0 to {LARGEST - 1}")
        return self._spell(number, "final")

    def scale(self, number: int) -> int:
        """The largest scale that a number is a multiple of: 1000 for 3000, 1 for 3."""
        return next((scale for scale in self._scales if number and number % scale == 0), 1)

    def to_figures(self, text: str) -> str:
        """A line in which the longest numbers are written in figures."""
        tokens = text.split(" ")
        keys = [self._fold(token) for token in tokens]
        if not any(map(self._countable, keys)):
            return text
        written: list[str] = []
        start = 0
        while start < len(tokens):
            value, start = self._longest_number(tokens, keys, start)
            written.append(value)
        return " ".join(written)

    def _longest_number(self, tokens: list[str], keys: list[str], start: int) -> tuple[str, int]:
        end = start
        while end < min(len(tokens), start + LONGEST) and self._countable(keys[end]):
            end += 1
        if end == start + 1 and self._homonym(keys, start):
            return tokens[start], end
        for stop in range(end, start, -1):
            if (value := self.parse(tokens[start:stop])) is not None:
                return str(value), stop
        return tokens[start], start + 1

    def _may_count(self, key: str) -> bool:
        """Whether all of a token may be part of a number."""
        parts = key.split()
        return bool(parts) and all(map(self._counts, parts))

    def _counts(self, part: str) -> bool:
        if part in self._parts or _FIGURES.fullmatch(part):
            return True
        return part.endswith(self._ends) and any(self._readings((part,)))

    def _homonym(self, keys: list[str], place: int) -> bool:
        """Whether a token that no number follows is another word, as no number precedes it."""
        words = self._known.get((keys[place],), [])
        alone = place == 0 or not self._countable(keys[place - 1])
        return alone and any(word.kind == "homonym" for word in words)

    def _splits(self, keys: Sequence[str]) -> Iterator[list[Word]]:
        """The ways to read words as entries of the table."""
        if not keys:
            yield []
        for length in range(1, min(len(keys), self._longest) + 1):
            for words in self._readings(tuple(keys[:length])):
                for rest in self._splits(keys[length:]):
                    yield [*words, *rest]

    def _readings(self, key: tuple[str, ...]) -> Iterator[list[Word]]:
        """The ways to read words as one entry, or a word as entries written together."""
        if len(key) == 1 and _FIGURES.fullmatch(key[0]):
            yield [Word(Fraction(key[0]), "number", "times", key[0])]
        for word in self._known.get(key, ()):
            yield [word]
        if len(key) == 1 and key[0].endswith(self._ends):
            for cut in range(1, len(key[0])):
                for word in self._bound.get(key[0][cut:], ()):
                    for words in self._readings((key[0][:cut],)):
                        yield [*words, word]

    def _spell(self, number: int, use: str) -> str:
        if (word := self._find(number, NUMBERS, use)) is not None:
            return word
        if number < 100:
            unit = number % 10
            if not unit:
                raise InputError(
                    f"there is no word for {number}", remedy="Add it to the language's numbers.tsv"
                )
            return f"{self._spell(number - unit, 'joined')} {self._spell(unit, use)}"
        scale = next(value for value in self._scales if value <= number)
        count, rest = divmod(number, scale)
        joined = "joined" if rest else use
        whole = self._find(number - rest, NUMBERS, joined)
        if whole is None:
            whole = f"{self._spell(count, 'times')} {self._find(scale, SCALES, joined)}"
        return f"{whole} {self._spell(rest, use)}" if rest else whole

    def _find(self, value: int, kinds: Sequence[str], use: str) -> str | None:
        words = self._spelled.get(Fraction(value), ())
        fitting = (word for word in words if word.kind in kinds and word.use in _uses(use))
        return next((word.text for word in fitting), None)


def _uses(place: str) -> tuple[str, ...]:
    """The uses of the words that fit a place."""
    return (place, "any", "final") if place == "times" else (place, "any")


def _add(word: Word, words: list[Word]) -> None:
    """Keep one of the words that read the same; a scale alone counts 1, so it is a number too."""
    if word.kind == "scale":
        words[:] = [other for other in words if other.value != word.value]
    elif any(other.value == word.value and other.kind == "scale" for other in words):
        return
    if not any((other.value, other.use) == (word.value, word.use) for other in words):
        words.append(word)


def _whole(words: list[Word]) -> int | None:
    value = _value(words, "final")
    return int(value) if value is not None and value.denominator == 1 else None


def _value(words: list[Word], place: str) -> Fraction | None:
    """Split at the largest word: what counts it stands before it, what follows is less.

    Args:
        words: Entries of the table.
        place: ``times`` if a scale follows, else ``final``.
    """
    if not any(word.kind in SCALES for word in words):
        return _sum(words, place)
    index = max(range(len(words)), key=lambda index: _rank(words[index]))
    largest, after = words[index], words[index + 1 :]
    if largest.kind == "number":
        return None if index else _added(largest, after, place)
    if after and after[0].kind == "link":
        after = after[1:]
        if not after:
            return None
    if not after and largest.use not in _uses(place):
        return None
    alone = None if largest.kind == "plural" else Fraction(1)
    count = _value(words[:index], "times") if index else alone
    rest = _value(after, place) if after else Fraction(0)
    if not count or rest is None or rest >= largest.value:
        return None
    return count * largest.value + rest


def _rank(word: Word) -> tuple[Fraction, bool]:
    return word.value, word.kind in SCALES


def _added(number: Word, after: list[Word], place: str) -> Fraction | None:
    """A number and what fills its zeros: Telugu వెయ్యి రెండు వందలు is 1000 and 2 × 100."""
    rest = _value(after, place)
    if number.use not in ("any", "joined") or not rest or rest >= _zeros(number.value):
        return None
    return number.value + rest


def _sum(words: list[Word], place: str) -> Fraction | None:
    """Tens and units: each word fills the zeros of the one before it."""
    if not words or any(word.kind == "link" for word in words):
        return None
    if words[-1].use not in _uses(place):
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
