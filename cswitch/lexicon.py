"""Attested knowledge: which words are known to be written in which other ways.

Every table in ``lexicons/<pair>`` and ``lexicons/<tag>`` of a pair is read. Its header says what
it is:

- ``native english``: an English word, name or acronym as the native script writes it. All native
  forms of one English word are spellings of each other; English words that share a native form
  (night, knight) are not. In ``names.tsv`` they are: Geeta and Gita are गीता.
- ``native latin``: a native word as people romanize it. All Latin forms of one native word are
  romanizations of each other.
- ``native other`` or ``english other``: different words that look or sound alike. They are never
  renderings of each other, whatever else is known.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cswitch import languages, resources
from cswitch.errors import InputError
from cswitch.files import read_lines
from cswitch.languages import EMBEDDED, Pair
from cswitch.normalize import normalizer

_ENGLISH, _LATIN, _DISTINCT = "english", "latin", "other"
_HEADERS: Mapping[tuple[str, ...], str] = {
    ("native", "english"): _ENGLISH,
    ("native", "latin"): _LATIN,
    ("native", "other"): _DISTINCT,
    ("english", "other"): _DISTINCT,
}
_LETTERS = "letters"  # the table with the names of the letters
_NAMES = "names"  # the table with names of people and places
_MOST_READINGS = 8


@dataclass(frozen=True, slots=True)
class Concept:
    """A word in the lexicon, under all its forms.

    Attributes:
        label: The English word, or the native word of a romanization.
        romanized: Whether its Latin forms are spellings of each other.
        acronym: Whether it is spoken letter by letter.
    """

    label: str
    romanized: bool
    acronym: bool


class Lexicon:
    """What is attested for a pair. Texts are asked for in the form that `fold` gives them."""

    def __init__(self, pair: Pair) -> None:
        self._native = normalizer(str(pair.native))
        # The arguments of each `Concept`: most are never asked for.
        self._concepts: list[tuple[str, bool, bool]] = []
        self._forms: dict[str, tuple[int, ...]] = {}
        self._distinct: set[frozenset[str]] = set()
        self._letters: dict[str, set[str]] = defaultdict(set)
        self._parts: set[str] = set()
        self._partners: dict[tuple[str, str], tuple[str, ...]] = {}
        self._natives: dict[str, tuple[str, ...]] = {}
        self._names: set[str] = set()
        content = hashlib.sha256()
        ids: dict[tuple[str, str], int] = {}
        for path in _tables(pair):
            kind = _kind(path)
            rows = resources.read_table(path, _columns(path))
            content.update(path.name.encode() + path.read_bytes())
            if kind == _DISTINCT:
                self._distinct.update(frozenset(map(self.fold, row)) for row in rows)
                continue
            if path.stem == _LETTERS:
                for name, letter in rows:
                    self._letters[self.fold(name)].add(letter.lower())
            for native, latin in rows:
                self._add(ids, kind, native, latin)
            if path.stem == _NAMES:
                self._names.update(self.fold(text) for row in rows for text in row)
                for native, latin in rows:
                    keys = self.fold(native), self.fold(latin)
                    self._join(ids, (_NAMES, keys[0]), (native, True, False), keys)
        # A pair that the reading norm joins in everyday spelling (राज, राज़) is one key here.
        self._distinct = {pair for pair in self._distinct if len(pair) == 2}
        self._longest_letter = max(map(len, self._letters), default=0)
        self.digest = content.hexdigest()[:12]

    def fold(self, text: str) -> str:
        """The form under which a text stands in the lexicon.

        >>> Lexicon(languages.resolve("hi_en")).fold("हिन्दी Box")
        'हिंदी box'
        """
        # Not the reading form: what it respells for reading aloud may be another word.
        return self._native.stage("reading", self._native.visual(text)).lower()

    def concepts(self, key: str) -> tuple[int, ...]:
        """The ids of the concepts that a folded text is a form of."""
        return self._forms.get(key, ())

    def forms(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Every folded form with the ids of its concepts."""
        return iter(self._forms.items())

    def concept(self, id: int) -> Concept:
        """The concept with an id."""
        return Concept(*self._concepts[id])

    def look_alikes(self) -> Iterator[tuple[str, str]]:
        """The folded pairs that are known to be different words."""
        return ((left, right) for left, right in map(sorted, self._distinct))

    def joins(self, key: str) -> bool:
        """Whether a folded token is a part of a longer form, or the name of a letter."""
        return key in self._parts or key in self._letters

    def distinct(self, left: str, right: str) -> bool:
        """Whether two folded texts are known to be different words of one language."""
        return frozenset((left, right)) in self._distinct

    def shared(self, left: str, right: str) -> Concept | None:
        """The concept that two folded texts are forms of."""
        others = self._forms.get(right, ())
        found = (index for index in self._forms.get(left, ()) if index in others)
        return next(map(self.concept, found), None)

    def romanized(self, key: str) -> Iterator[str]:
        """The native words that a folded Latin text is attested for."""
        for index in self._forms.get(key, ()):
            if (concept := self.concept(index)).romanized:
                yield concept.label

    def spellings(self, key: str) -> tuple[str, ...]:
        """The attested romanizations of a folded native text."""
        return self._partners.get((_LATIN, key), ())

    def english(self, key: str) -> tuple[str, ...]:
        """The English words, as they are written, that a folded native text is attested for."""
        return self._partners.get((_ENGLISH, key), ())

    def natives(self, key: str) -> tuple[str, ...]:
        """The native forms of a folded English text."""
        return self._natives.get(key, ())

    def is_name(self, key: str) -> bool:
        """Whether a folded text stands in a table of names."""
        return key in self._names

    def spelled(self, key: str) -> frozenset[str]:
        """The letters that a folded text names, such as ``sms`` for एस एम एस; at least two.

        >>> sorted(Lexicon(languages.resolve("hi_en")).spelled("एसएमएस"))
        ['sms']
        """
        text = key.replace(" ", "")
        readings: dict[int, set[str]] = {0: {""}}
        for start in range(len(text)):
            if not readings:
                return frozenset()
            before = sorted(readings.pop(start, ()))[:_MOST_READINGS]
            ends = range(start + 1, min(len(text), start + self._longest_letter) + 1)
            for end in ends if before else ():
                if letters := self._letters.get(text[start:end]):
                    named = (one + letter for one in before for letter in letters)
                    readings.setdefault(end, set()).update(named)
        whole = sorted(readings.get(len(text), ()))[:_MOST_READINGS]
        return frozenset(reading for reading in whole if len(reading) > 1)

    def _add(self, ids: dict[tuple[str, str], int], kind: str, native: str, latin: str) -> None:
        native_key, latin_key = self.fold(native), self.fold(latin)
        self._partners[kind, native_key] = (*self._partners.get((kind, native_key), ()), latin)
        if kind == _ENGLISH:
            self._natives[latin_key] = (*self._natives.get(latin_key, ()), native)
        name = (kind, native_key if kind == _LATIN else latin_key)
        acronym = kind == _ENGLISH and latin == latin.upper()
        label = native if kind == _LATIN else latin
        self._join(ids, name, (label, kind == _LATIN, acronym), (native_key, latin_key))

    def _join(
        self,
        ids: dict[tuple[str, str], int],
        name: tuple[str, str],
        concept: tuple[str, bool, bool],
        keys: tuple[str, str],
    ) -> None:
        """Make two folded texts forms of a concept, the one of this name if there is one."""
        if name not in ids:
            ids[name] = len(self._concepts)
            self._concepts.append(concept)
        for key in keys:
            known = self._forms.get(key, ())
            if ids[name] not in known:
                self._forms[key] = (*known, ids[name])
            if " " in key:
                self._parts.update(key.split(" "))


@cache
def load(name: str) -> Lexicon:
    """The lexicon of a pair, read once."""
    return Lexicon(languages.resolve(name))


@cache
def borrowed() -> frozenset[str]:
    """The English words that any language is known to write in its own script, in small letters.

    >>> "computer" in borrowed()
    True
    """
    return frozenset(_english(lambda table: table != _LETTERS))


@cache
def names() -> frozenset[str]:
    """The names of every lexicon in small Latin letters: Delhi is one in each language.

    >>> "delhi" in names()
    True
    """
    return frozenset(_english(lambda table: table == _NAMES))


def _english(chosen: Callable[[str], bool]) -> Iterator[str]:
    """The English words of the chosen tables of all pairs, in small letters."""
    pairs = (name for name in resources.names("lexicons") if name.endswith(f"_{EMBEDDED}"))
    for path in (path for name in pairs for path in resources.tables("lexicons", name)):
        if chosen(path.stem) and _kind(path) == _ENGLISH:
            yield from (row[1].lower() for row in resources.read_table(path, _columns(path)))


def _tables(pair: Pair) -> list[Path]:
    folders = (pair.name, *map(str, pair.tags))
    return [path for folder in folders for path in resources.tables("lexicons", folder)]


def _columns(path: Path) -> tuple[str, ...]:
    for line in read_lines(path):
        if not line.startswith("#"):
            return tuple(cell for cell in line.split("\t") if cell != "note")
    return ()


def _kind(path: Path) -> str:
    columns = _columns(path)
    if columns not in _HEADERS:
        known = "; ".join(" TAB ".join(header) for header in _HEADERS)
        raise InputError(
            f"a lexicon has no columns {list(columns)}", path=path, remedy=f"Known are: {known}"
        )
    return _HEADERS[columns]
