"""A back-off n-gram model as sorted arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cswitch.lm.counts import BEGIN, END, UNKNOWN, Ids

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

# A position before the begin of a sentence: no word.
NOTHING = -1


@dataclass(frozen=True, slots=True)
class Table:
    """The n-grams of one length.

    Attributes:
        rows: N-grams × words, sorted by the last word, then the one before it, and so on.
        keys: For each, the place of the n-gram without its first word in the next shorter table,
            times the vocabulary size, plus the first word: sorted, so n-grams are found by
            bisection.
        logs: Natural-log probability of the last word after the others.
        backoffs: Natural-log back-off weight of the n-gram as a history.
    """

    rows: Ids
    keys: Index
    logs: Floats
    backoffs: Floats


@dataclass(frozen=True, slots=True)
class NGrams:
    """A back-off model: tables of n-grams of length 1, 2, and so on.

    Attributes:
        words: The vocabulary; ``<unk>``, ``<s>`` and ``</s>`` first.
        tables: One for each length; that of length 1 has a row for each word.
    """

    words: tuple[str, ...]
    tables: tuple[Table, ...]

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return len(self.tables)

    def find(self, rows: Ids) -> Index:
        """The places of n-grams in the table of their length; -1 where they are not in it."""
        return find([table.keys for table in self.tables], len(self.words), rows)

    def score(self, windows: Ids) -> Floats:
        """Natural-log probability of the last word of each row after the words before it.

        Args:
            windows: Rows of at most `order` words; `NOTHING` where a history is shorter.
        """
        windows = windows[:, -self.order :]
        width = windows.shape[1]
        logs = self.tables[0].logs[windows[:, -1]]
        for length in range(2, width + 1):
            known = (windows[:, -length:] != NOTHING).all(axis=1)
            part = windows[known, -length:]
            places = self.find(part)
            histories = self.find(part[:, :-1])
            backoffs = np.where(histories >= 0, self.tables[length - 2].backoffs[histories], 0.0)
            found = self.tables[length - 1].logs
            longer = found[places] if len(found) else np.zeros(len(places))
            logs[known] = np.where(places >= 0, longer, logs[known] + backoffs)
        return logs

    def sentence(self, words: Sequence[str]) -> Floats:
        """Natural-log probabilities of the words of a sentence and of its end."""
        ids = {word: number for number, word in enumerate(self.words)}
        numbers = [BEGIN, *(ids.get(word, UNKNOWN) for word in words), END]
        padded = np.array([NOTHING] * (self.order - 1) + numbers, dtype=np.int32)
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.order)
        return self.score(windows[1:])


def find(keys: Sequence[Index], size: int, rows: Ids) -> Index:
    """Look n-grams up by their last word, then their last two words, and so on.

    Args:
        keys: The keys of the tables, from length 1.
        size: The vocabulary size.
        rows: N-grams × words.
    """
    places = rows[:, -1].astype(np.int64)
    for length in range(2, rows.shape[1] + 1):
        table = keys[length - 1]
        wanted = places * size + rows[:, -length]
        at = np.searchsorted(table, wanted)
        hit = (places >= 0) & (at < len(table))
        hit[hit] = table[at[hit]] == wanted[hit]
        places = np.where(hit, at, -1)
    return places
