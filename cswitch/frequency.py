"""How frequent words are: natural-log probabilities from ``frequencies.tsv.gz`` of a language.

The file has a licence line, then ``word TAB decibels`` with the words of one frequency together:
a frequency of -63 is 10 ** -6.3. ``forms.txt.gz`` has words that are known but not how frequent,
one a line. ``frequent.txt`` has frequent words as people type them in Latin letters, a table
``native latin``.
"""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from cswitch import resources
from cswitch.errors import InputError

FILE, FORMS, TYPED = "frequencies.tsv.gz", "forms.txt.gz", "frequent.txt"
RARE = -17.0  # natural-log probability of a word that no list has

Spellings = Mapping[str, tuple[str, ...]]


@cache
def frequencies(tag: str) -> Mapping[str, float]:
    """The words of a tag with their log probabilities; empty where there is no list.

    Raises:
        InputError: A line of the list is no word with its decibels.

    >>> frequencies("en-Latn")["the"] > frequencies("en-Latn")["discovery"]
    True
    """
    path = _list(tag, FILE)
    found: dict[str, float] = {}
    for number, line in _lines(path):
        word, tab, decibels = line.partition("\t")
        if not tab or not decibels.lstrip("-").isdecimal():
            raise InputError(
                "the line is not 'word TAB decibels'",
                path=path,
                line=number,
                remedy="Write a word, a tab and a whole number",
            )
        found[word] = int(decibels) / 10 * math.log(10)
    return found


@cache
def forms(tag: str) -> frozenset[str]:
    """The words of a tag that are known beside those with a frequency; none where no list is.

    >>> "भिड़ोगे" in forms("hi-Deva")
    True
    """
    return frozenset(word for _, word in _lines(_list(tag, FORMS)))


@cache
def typed(tag: str) -> tuple[Spellings, Spellings]:
    """Frequent words as they are typed: native words with Latin ones, and the other way.

    >>> typed("pa-Latn")[1]["tusi"]
    ('ਤੁਸੀਂ',)
    """
    path = _list(tag, TYPED)
    rows = resources.read_table(path, ("native", "latin")) if path.exists() else []
    latin: dict[str, tuple[str, ...]] = {}
    native: dict[str, tuple[str, ...]] = {}
    for one, other in rows:
        latin[one] = (*latin.get(one, ()), other)
        native[other] = (*native.get(other, ()), one)
    return latin, native


def _list(tag: str, name: str) -> Path:
    return resources.folder("lexicons") / tag / name


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a packed list but for its comments, and their numbers; none without a list."""
    if not path.exists():
        return
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.startswith("#"):
                yield number, line.rstrip("\n")
