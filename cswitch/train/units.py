"""Output units: the letters of each script and its most useful joins of letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from cswitch.tokens import script

BLANK = "<blank>"
WORD_START = "▁"


def learn(texts: Iterable[str], per_script: int = 256) -> list[str]:
    """Learn units by byte-pair encoding (Sennrich et al. 2016), for each script by itself.

    Every letter of the texts is a unit, so any word can be written. A word begins with ``▁``.

    Args:
        texts: Transcripts.
        per_script: How many units a script may have, its letters among them.

    >>> learn(["aa aab"], 5)
    ['<blank>', '▁', 'a', 'b', '▁a', '▁aa']
    """
    words = Counter(word for text in texts for word in text.split())
    by_script: dict[str, Counter[str]] = {}
    for word, count in words.items():
        by_script.setdefault(script(word) or "", Counter())[word] += count
    units = [BLANK, WORD_START]
    for name in sorted(by_script):
        units += [unit for unit in _joins(by_script[name], per_script) if unit not in units]
    return units


def _joins(words: Mapping[str, int], size: int) -> list[str]:
    spelled = {word: [WORD_START, *word] for word in words}
    units = sorted({letter for word in words for letter in word})
    while len(units) < size:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, pieces in spelled.items():
            for pair in pairwise(pieces):
                pairs[pair] += words[word]
        if not pairs:
            break
        (left, right), count = max(pairs.items(), key=lambda item: (item[1], item[0]))
        if count < 2:
            break
        units.append(left + right)
        for pieces in spelled.values():
            _join(pieces, left, right)
    return units


def _join(pieces: list[str], left: str, right: str) -> None:
    index = 0
    while index + 1 < len(pieces):
        if pieces[index] == left and pieces[index + 1] == right:
            pieces[index : index + 2] = [left + right]
        index += 1


def encode(word: str, rank: Mapping[str, int]) -> list[int]:
    """Spell a word in units: join the pair whose union was learned first, until none is left.

    Args:
        word: One word.
        rank: Unit → its index in the list that `learn` gave.

    Raises:
        KeyError: A letter is no unit.
    """
    pieces = [WORD_START, *word]
    while True:
        joined = [rank.get(a + b, len(rank)) for a, b in pairwise(pieces)]
        if not joined or min(joined) == len(rank):
            return [rank[piece] for piece in pieces]
        index = joined.index(min(joined))
        pieces[index : index + 2] = [pieces[index] + pieces[index + 1]]


def ranks(units: Sequence[str]) -> dict[str, int]:
    """The index of each unit."""
    return {unit: index for index, unit in enumerate(units)}
