"""Count n-grams of a stream of sentences; only the distinct n-grams are kept in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from cswitch.errors import InputError

Ids = NDArray[np.int32]
Counts = NDArray[np.int64]

UNKNOWN, BEGIN, END = range(3)
SPECIAL = ("<unk>", "<s>", "</s>")
_CHUNK = 1 << 20


@dataclass(slots=True)
class Vocabulary:
    """Words and their numbers; the special ones come first."""

    words: list[str] = field(default_factory=lambda: list(SPECIAL))
    ids: dict[str, int] = field(default_factory=lambda: {w: i for i, w in enumerate(SPECIAL)})

    def add(self, word: str) -> int:
        """The number of a word; a new one for a new word.

        Raises:
            InputError: The word is one of the marks of sentence begin and end.
        """
        number = self.ids.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
        elif number in (BEGIN, END):
            raise InputError(
                f"the word '{word}' is a mark of the model itself",
                remedy="Remove it from the text; sentences are lines",
            )
        return number


@dataclass(frozen=True, slots=True)
class NGramCounts:
    """Distinct n-grams of one length with their counts.

    Sentences begin with as many ``<s>`` as fill the first n-gram. The rows are sorted by the last
    word, then the one before it, and so on.
    """

    rows: Ids
    counts: Counts


def count(sentences: Iterable[Sequence[str]], order: int, vocabulary: Vocabulary) -> NGramCounts:
    """Count the n-grams of sentences, adding their words to a vocabulary.

    >>> vocabulary = Vocabulary()
    >>> found = count([["a", "a"]], 2, vocabulary)
    >>> [[vocabulary.words[i] for i in row] for row in found.rows]
    [['a', '</s>'], ['<s>', 'a'], ['a', 'a']]
    """
    stream = iter(sentences)
    runs: list[NGramCounts] = []
    while chunk := _chunk(stream, order, vocabulary):
        runs.append(_windows(np.array(chunk, dtype=np.int32), order))
        # Like digits of a binary counter: every n-gram is merged a logarithmic number of times.
        while len(runs) > 1 and len(runs[-2].counts) <= 2 * len(runs[-1].counts):
            runs.append(merge([runs.pop(), runs.pop()]))
    return (
        merge(runs) if runs else NGramCounts(np.empty((0, order), np.int32), np.empty(0, np.int64))
    )


def merge(runs: Sequence[NGramCounts]) -> NGramCounts:
    """The sum of counts."""
    return collect(
        np.concatenate([run.rows for run in runs]), np.concatenate([run.counts for run in runs])
    )


def collect(rows: Ids, counts: Counts) -> NGramCounts:
    """Sort rows and add the counts of equal ones."""
    order = np.lexsort(rows.T)
    rows, counts = rows[order], counts[order]
    starts = np.flatnonzero(new_groups(rows))
    return NGramCounts(rows[starts], np.add.reduceat(counts, starts) if len(starts) else counts)


def new_groups(rows: Ids) -> NDArray[np.bool_]:
    """Where a row of a sorted table differs from the one before it."""
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return fresh


def _chunk(stream: Iterable[Sequence[str]], order: int, vocabulary: Vocabulary) -> list[int]:
    """About a million word numbers: sentences, each with its begin and end."""
    numbers: list[int] = []
    begin = [BEGIN] * max(1, order - 1)
    for sentence in islice(stream, _CHUNK):
        numbers += begin
        numbers += map(vocabulary.add, sentence)
        numbers.append(END)
        if len(numbers) >= _CHUNK:
            break
    return numbers


def _windows(numbers: Ids, order: int) -> NGramCounts:
    if order == 1:
        rows = numbers[:, None]
    else:
        # Windows that reach over a sentence end into the next one end with <s>.
        rows = np.lib.stride_tricks.sliding_window_view(numbers, order)
    rows = rows[rows[:, -1] != BEGIN]
    return collect(rows, np.ones(len(rows), dtype=np.int64))
