"""What figures and signs stand for: 1st and first, 3.5 and साढ़े तीन, ₹500 and 500 रुपये, & and and.

A language's ``quantities.tsv`` has a row per word: ``value, kind, word``. The kinds are

- ``unit``: is said with a number for the sign in ``value`` (percent for %); alone for the sign;
- ``sign``: is said for the sign in ``value``, alone (and for &);
- ``ordinal``: has its place in ``value`` (first: 1). A word that begins with a hyphen makes an
  ordinal of the number that it is written behind: ``-वां``; where it is but a sign and may stand
  for any ordinal word (1st is first), its kind is ``sign``;
- ``fraction``: stands for its value (डेढ़: 1.5);
- ``more``: adds its value to the count that follows (साढ़े: 0.5; साढ़े तीन हज़ार is 3,500);
- ``point``: the decimal point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import regex

from cswitch.errors import InputError
from cswitch.normalize.counting import BOUND, NumberWords
from cswitch.normalize.rules import row_line
from cswitch.resources import read_table

COLUMNS = ("value", "kind", "word")
KINDS = ("unit", "sign", "ordinal", "fraction", "more", "point")
ORDINAL = "."

_FIGURES = regex.compile(r"[0-9]+(?:\.[0-9]+)?")
_LONGEST = 2  # words of a unit (per cent)


@dataclass(frozen=True, slots=True)
class Reading:
    """A quantity that a text stands for.

    Attributes:
        value: It in figures and signs, such as ``500 ₹``; an ordinal has a full stop.
        word: The word that was said for a sign, which may have inflected forms; else empty.
        language: The language of that word.
    """

    value: str
    word: str = ""
    language: str = ""

    def agrees(self, other: Reading) -> bool:
        """Whether two texts are the same quantity.

        A sign stands for any of its words, and an ordinal or a sum of money in another language is
        the same; two words of one language for it (पहला, पहली) are not the same word.
        """
        if self.value != other.value:
            return False
        said = self.word and other.word
        return not said or self.word == other.word or self.language != other.language


class Quantities:
    """The quantities of one language.

    Args:
        table: The language's ``quantities.tsv``; a language may have none.
        numbers: Its number words.
        fold: Makes one text of all spellings of a word.
        language: Its code.
    """

    def __init__(
        self, table: Path, numbers: NumberWords, fold: Callable[[str], str], language: str
    ) -> None:
        self._numbers = numbers
        self._language = language
        self._words: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
        suffixes: dict[str, str] = {}
        for value, kind, word in _read(table) if table.exists() else ():
            if word.startswith(BOUND):
                suffixes[fold(word.removeprefix(BOUND))] = kind
            else:
                self._words[kind][fold(word)] = value
        self._endings = sorted(suffixes, key=len, reverse=True)
        self._said = {ending for ending, kind in suffixes.items() if kind == "ordinal"}
        self._suffixes = tuple(suffixes)
        self._signs = {*self._words["unit"].values(), *self._words["sign"].values()}
        phrases = [word for words in self._words.values() for word in words]
        self._parts = {*self._signs, *(part for phrase in phrases for part in phrase.split())}

    def may_count(self, words: Sequence[str]) -> bool:
        """Whether all of some folded words may be parts of a quantity: a cheap first look."""
        return all(
            word in self._parts or self._numbers.may_count((word,)) or self._stem(word) is not None
            for word in words
        )

    def read(self, words: Sequence[str]) -> frozenset[Reading]:
        """The quantities that folded words together stand for."""
        if not words:
            return frozenset()
        return frozenset((*self._alone(" ".join(words)), *self._of_units(words), *self._of(words)))

    def _alone(self, text: str) -> Iterator[Reading]:
        if text in self._signs:
            yield Reading(text)
        for kind in ("unit", "sign"):
            if (sign := self._words[kind].get(text)) is not None:
                # No language: two words for a sign that are no quantity are different words.
                yield Reading(sign, text)

    def _of_units(self, words: Sequence[str]) -> Iterator[Reading]:
        units = self._words["unit"]
        for size in range(1, min(_LONGEST, len(words) - 1) + 1):
            ends = ((words[-size:], words[:-size]), (words[:size], words[size:]))
            for unit, rest in ends:
                said = " ".join(unit)
                sign = said if said in units.values() else units.get(said)
                number = None if sign is None else self._number(rest)
                if number is not None:
                    word = "" if said == sign else said
                    yield Reading(f"{number} {sign}", word, self._language if word else "")

    def _of(self, words: Sequence[str]) -> Iterator[Reading]:
        """An ordinal, or else a number."""
        if (number := self._number(words)) is not None:
            yield Reading(number)
        *before, last = words
        value = self._words["ordinal"].get(last)
        if value is not None:
            whole = self._cardinal([*before, *self._spelled(int(value))]) if before else value
            if whole is not None:
                yield Reading(whole + ORDINAL, self._form(last), self._language)
        elif (stem := self._stem(last)) is not None:
            whole = self._cardinal([*before, stem])
            if whole is not None:
                ending = last.removeprefix(stem)
                yield Reading(
                    whole + ORDINAL, ending if ending in self._said else "", self._language
                )

    def _form(self, ordinal: str) -> str:
        """What tells the form of an ordinal: its ending, as behind figures, or all of it."""
        return next((one for one in self._endings if ordinal.endswith(one)), ordinal)

    def _stem(self, word: str) -> str | None:
        """What an ordinal ending is written behind, if that is a number."""
        if not word.endswith(self._suffixes):
            return None
        stems = (word.removesuffix(ending) for ending in self._endings if word.endswith(ending))
        known = (stem for stem in stems if stem and self._numbers.may_count((stem,)))
        return next((stem for stem in known if self._cardinal([stem])), None)

    def _spelled(self, number: int) -> list[str]:
        try:
            return self._numbers.spell(number).split()
        except InputError:
            return []

    def _cardinal(self, words: Sequence[str]) -> str | None:
        if len(words) == 1 and words[0].isascii() and words[0].isdigit():
            return str(int(words[0]))
        number = self._numbers.parse(words)
        return None if number is None else str(number)

    def _number(self, words: Sequence[str]) -> str | None:
        """A number in figures, with a decimal point if it is no whole one."""
        if not words:
            return None
        if (whole := self._cardinal(words)) is not None:
            return whole
        if len(words) == 1:
            return (
                words[0] if _FIGURES.fullmatch(words[0]) else self._words["fraction"].get(words[0])
            )
        if words[0] in self._words["more"]:
            return self._increased(Fraction(self._words["more"][words[0]]), words[1:])
        for place in range(1, len(words) - 1):
            if words[place] in self._words["point"]:
                whole = self._cardinal(words[:place])
                digits = [self._cardinal([word]) for word in words[place + 1 :]]
                if whole is not None and all(digits):
                    return f"{whole}.{''.join(filter(None, digits))}"
        return None

    def _increased(self, more: Fraction, words: Sequence[str]) -> str | None:
        """A count with a share of its scale: साढ़े तीन हज़ार is 3 and a half of 1,000."""
        whole = self._cardinal(words)
        if whole is None:
            return None
        value = int(whole) + more * self._numbers.scale(int(whole))
        return str(value) if value.denominator == 1 else str(float(value))


def _read(path: Path) -> list[tuple[str, ...]]:
    rows = read_table(path, COLUMNS)
    for index, (value, kind, _) in enumerate(rows):
        numeric = kind in ("ordinal", "fraction", "more")
        if kind not in KINDS or (numeric and not _FIGURES.fullmatch(value.removeprefix("-"))):
            raise InputError(
                f"'{value} {kind}' is not a value and a kind",
                path=path,
                line=row_line(path, index),
                remedy=f"Kinds are {', '.join(KINDS)}; what they say of numbers are figures",
            )
    return rows
