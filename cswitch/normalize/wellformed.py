"""Well-formedness: where the letters of a script stand in an order that no syllable has.

An orthographic syllable is consonants joined by viramas with at most one vowel sign, or a vowel
letter, and then at most one modifier such as an anusvara; or it ends in a virama.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import regex

from cswitch.normalize import letters

# What may stand before a letter of each class; the empty class is the beginning of a word.
_MAY_FOLLOW = {
    "sign": ({"consonant"}, "a vowel sign must follow a consonant"),
    "virama": ({"consonant"}, "a virama must follow a consonant"),
    "nukta": ({"consonant"}, "a nukta must follow a consonant"),
    "mark": ({"letter", "mark"}, "a vowel mark must follow a letter"),
    "coda": ({"consonant", "vowel", "sign"}, "a modifier must follow a vowel or a consonant"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A code point that breaks a rule.

    Attributes:
        place: Where it is in the text, counted from 0.
        message: The code point, its name and the rule.
    """

    place: int
    message: str


def problems(text: str, script: str) -> list[Problem]:
    """The ill-formed places of a text; text of other scripts is not looked at.

    >>> problems("काु", "Deva")[0].message
    'U+0941 DEVANAGARI VOWEL SIGN U: a vowel sign must follow a consonant'
    """
    found: list[Problem] = []
    for run in letters.run(script).finditer(text):
        found += _in_run(run[0], run.start(), script)
    return found


def _in_run(run: str, start: int, script: str) -> list[Problem]:
    found: list[Problem] = []
    before = ""
    for piece in _pieces(script).finditer(run):
        kind = _kinds(script).get(piece[0], "joiner" if piece[0] in "\u200c\u200d" else "other")
        rule = _broken_rule(before, kind)
        if rule:
            point = unicodedata.normalize("NFC", piece[0])[0]
            name = unicodedata.name(point, "unnamed")
            place = start + piece.start()
            found.append(Problem(place, f"U+{ord(point):04X} {name}: {rule}"))
        if kind != "nukta" or before != "consonant":
            before = kind  # a nukta makes another consonant of a consonant
    return found


def _broken_rule(before: str, kind: str) -> str:
    allowed, rule = _MAY_FOLLOW.get(kind, (None, ""))
    return rule if allowed is not None and before not in allowed else ""


@cache
def _kinds(script: str) -> dict[str, str]:
    return {letter.text: letter.kind for letter in letters.letters(script)}


@cache
def _pieces(script: str) -> regex.Pattern[str]:
    texts = sorted(_kinds(script), key=len, reverse=True)
    return regex.compile("|".join([*map(regex.escape, texts), "."]), regex.DOTALL)
