"""How likely letters are as a slip of the hand at a known word: the noisy channel.

One letter is left out, added, taken for another, or changes places with the next one (Damerau,
1964: four misspellings in five are such), and each of these is as likely as any other (Kernighan,
Church and Gale, 1990, estimate them from data).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from string import ascii_lowercase

_RATE = 0.01  # of words that are misspelled
# Letters: nearly everything shorter is one slip away from some word, hardly a word is longer.
_SHORTEST, _LONGEST = 5, 25


def misspelled(letters: str, known: Mapping[str, float]) -> float:
    """The probability that letters stand for a known word with one slip.

    Args:
        letters: Small letters a–z that are no known word.
        known: Natural-log probabilities of words.

    >>> misspelled("tomorow", {"tomorrow": -8.0}) > 0
    True
    >>> misspelled("kahaniyan", {"tomorrow": -8.0})
    0.0
    """
    if not _SHORTEST <= len(letters) <= _LONGEST:
        return 0.0
    meant = sum(math.exp(known[word]) for word in set(_slips(letters)) if word in known)
    return _RATE * meant / (2 * len(ascii_lowercase) * len(letters))


def _slips(word: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        for letter in ascii_lowercase:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
