"""Phrases that are likely in a recording: they earn a bonus, in whatever rendering.

The phrases form an automaton over canonical words (Aho & Corasick 1975). Each word on the way
into a phrase earns its share of the phrase's weight at once, so that it survives the beam; what
was earned is given back where the phrase is left unfinished.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cswitch.errors import InputError
from cswitch.files import read_lines


@dataclass(slots=True)
class _State:
    next: dict[str, int] = field(default_factory=dict)
    fail: int = 0
    promise: float = 0.0
    grant: float = 0.0


def _itself(word: str) -> Iterable[str]:
    return (word,)


class Hotwords:
    """Phrases with weights, in natural-log units.

    Args:
        phrases: Phrases and what each earns.
        forms: The canonical forms that renderings of a word have; one, for most words.

    >>> hotwords = Hotwords({"नई दिल्ली": 4.0})
    >>> hotwords.advance(0, "नई")
    (2.0, 1)
    >>> hotwords.advance(1, "दिल्ली"), hotwords.advance(1, "किताब")
    ((2.0, 2), (-2.0, 0))
    """

    def __init__(
        self, phrases: Mapping[str, float], forms: Callable[[str], Iterable[str]] = _itself
    ) -> None:
        self._states = [_State()]
        for phrase, weight in phrases.items():
            self._add([set(forms(word)) for word in phrase.split()], weight)
        self._link()

    def advance(self, state: int, word: str) -> tuple[float, int]:
        """The bonus of a canonical word after a state, and the state after it."""
        promised = self._states[state].promise
        while state and word not in self._states[state].next:
            state = self._states[state].fail
        state = self._states[state].next.get(word, 0)
        after = self._states[state]
        return after.grant + after.promise - promised, state

    def finish(self, state: int) -> float:
        """What the end takes back from a phrase that is unfinished."""
        return -self._states[state].promise

    def _add(self, words: Sequence[set[str]], weight: float) -> None:
        at = 0
        for place, alternatives in enumerate(words, start=1):
            following = self._states[at].next
            child = next((following[word] for word in alternatives if word in following), None)
            if child is None:
                child = len(self._states)
                self._states.append(_State())
            for word in alternatives:
                following.setdefault(word, child)
            at = child
            share = weight * place / len(words) if place < len(words) else 0.0
            self._states[at].promise = max(self._states[at].promise, share)
        if words:
            self._states[at].grant += weight

    def _link(self) -> None:
        queue = list(dict.fromkeys(self._states[0].next.values()))
        for at in queue:
            for word, child in self._states[at].next.items():
                fail = self._states[at].fail
                while fail and word not in self._states[fail].next:
                    fail = self._states[fail].fail
                self._states[child].fail = self._states[fail].next.get(word, 0)
                if child not in queue:
                    queue.append(child)
            # A phrase may end inside another one.
            self._states[at].grant += self._states[self._states[at].fail].grant


def beginnings(
    phrases: Mapping[str, float], spellings: Callable[[str], Iterable[str]]
) -> dict[str, float]:
    """What the beginning of a word is worth while it may become a word of a phrase.

    >>> beginnings({"दर": 2.0}, lambda word: [word, "dar"])["da"]
    1.3333333333333333
    """
    worth: dict[str, float] = {}
    for phrase, weight in phrases.items():
        words = phrase.split()
        for spelling in {one for word in words for one in spellings(word)}:
            for end in range(1, len(spelling) + 1):
                bonus = weight / len(words) * end / len(spelling)
                worth[spelling[:end]] = max(worth.get(spelling[:end], 0.0), bonus)
    return worth


def read(path: str | Path) -> dict[str, float]:
    """Read phrases and what each earns: lines of a phrase, a tab and a number.

    Raises:
        InputError: A line has no phrase or no finite number, or a phrase stands there twice.
    """
    phrases: dict[str, float] = {}
    for number, line in enumerate(read_lines(path), start=1):
        phrase, _, bonus = line.partition("\t")
        phrase = " ".join(phrase.split())
        if (problem := _problem(phrase, bonus, phrases)) is not None:
            raise InputError(
                problem,
                path=path,
                line=number,
                remedy="Write a phrase, a tab and a number such as 5",
            )
        phrases[phrase] = float(bonus)
    return phrases


def _problem(phrase: str, bonus: str, known: Mapping[str, float]) -> str | None:
    """What is wrong with a line."""
    if not phrase:
        return "there is no phrase"
    if phrase in known:
        return f"the phrase '{phrase}' stands twice"
    try:
        return None if math.isfinite(float(bonus)) else f"'{bonus}' is no finite number"
    except ValueError:
        return f"'{bonus}' is no bonus"
