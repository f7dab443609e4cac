"""Tokens with their place in the text, scripts of characters and of words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import regex

from cswitch import languages

# A run of white space of two or more, or one space, separates tokens; a lone tab or no-break
# space between two letters does not. This is how jiwer splits, so raw rates are comparable.
_TOKEN = re.compile(r"\S+(?:[^\S ]\S+)*")
_GRAPHEME = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it stands in a text: ``line[token.start:token.end] == token.text``."""

    text: str
    start: int
    end: int


def split(line: str) -> list[str]:
    """The tokens of a line as strings.

    >>> split(" fancy  साड़ी दिखाइए ")
    ['fancy', 'साड़ी', 'दिखाइए']
    """
    words = line.split()
    # Single spaces between the words, as nearly always: no need for the expression.
    return words if words == line.split(" ") else _TOKEN.findall(line)


def tokenize(line: str) -> list[Token]:
    """The tokens of a line with their places.

    >>> tokenize("fancy साड़ी")[1].start
    6
    """
    return [Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(line)]


def graphemes(text: str) -> list[str]:
    """The grapheme clusters of a text (UAX #29): a letter with its vowel sign is one.

    >>> graphemes("साड़ी")
    ['सा', 'ड़ी']
    """
    clusters: list[str] = _GRAPHEME.findall(text)
    return clusters


@lru_cache(maxsize=1 << 16)
def script_of(char: str) -> str | None:
    """The ISO 15924 script of a character; None for digits, punctuation and unknown scripts.

    >>> script_of("स"), script_of("s"), script_of("1")
    ('Deva', 'Latn', None)
    """
    return next((name for name, pattern in _scripts().items() if pattern.match(char)), None)


@lru_cache(maxsize=1 << 16)
def script(word: str) -> str | None:
    """The script of most characters of a word, the first one where two are equal.

    >>> script("2021") is None, script("doubल")
    (True, 'Latn')
    """
    counts: dict[str, int] = {}
    for char in word:
        name = script_of(char)
        if name is not None:
            counts[name] = counts.get(name, 0) + 1
    return max(counts, key=counts.__getitem__, default=None)


@cache
def _scripts() -> dict[str, regex.Pattern[str]]:
    # Signs used in several scripts (danda, Vedic accents) have the script "Common" or "Inherited".
    return {
        name: regex.compile(rf"[\p{{Script={name}}}&&[\p{{L}}\p{{M}}]]", regex.V1)
        for name in languages.scripts()
    }
