"""How frequent words are: natural-log probabilities from ``frequencies.tsv.gz`` of a language.

The file has a licence line, then ``word TAB decibels`` with the words of one frequency together:
a frequency of -63 is 10 ** -6.3. ``forms.txt.gz`` has words that are known but not how frequent,
one a line.
"""

from __future__ import annotations

import gzip
import math
from collections.abc import Mapping
from functools import cache

from cswitch import resources
from cswitch.errors import InputError

FILE, FORMS = "frequencies.tsv.gz", "forms.txt.gz"
RARE = -17.0  # natural-log probability of a word that no list has


@cache
def frequencies(tag: str) -> Mapping[str, float]:
    """The words of a tag with their log probabilities; empty where there is no list.

    >>> frequencies("en-Latn")["the"] > frequencies("en-Latn")["discovery"]
    True
    """
    path = resources.folder("lexicons") / tag / FILE
    if not path.exists():
        return {}
    found: dict[str, float] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.startswith("#"):
                continue
            word, tab, decibels = line.rstrip("\n").partition("\t")
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
    path = resources.folder("lexicons") / tag / FORMS
    if not path.exists():
        return frozenset()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return frozenset(line.rstrip("\n") for line in lines if not line.startswith("#"))
