"""Modified Kneser-Ney estimation, interpolated.

Chen & Goodman 1998, "An empirical study of smoothing techniques for language modeling", section
3: with a the adjusted count (for n-grams shorter than the longest that do not begin a sentence:
how many different words come before it), D the discount of that count, h a history,

    p(w | h) = (a(hw) - D(a(hw))) / Σ_v a(hv)  +  γ(h) · p(w | h without its first word)
    γ(h) = (Σ_v D(a(hv)) + pruned mass) / Σ_v a(hv)

down to a uniform distribution over all words but <s>. Pruning takes away n-grams whose true count
is at most a threshold after the adjusted counts are made, as lmplz does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cswitch.errors import InputError
from cswitch.lm.counts import BEGIN, SPECIAL, UNKNOWN, Counts, Ids, NGramCounts, collect, new_groups
from cswitch.lm.ngrams import Floats, Index, NGrams, Table, find

# Used where a corpus has no n-gram with one of the counts that the estimate divides by.
_FALLBACK = np.array([0.0, 0.5, 1.0, 1.5])


@dataclass(frozen=True, slots=True)
class _Level:
    """The n-grams of one length before they are probabilities, sorted by their last words."""

    rows: Ids
    true: Counts
    adjusted: Counts


def estimate(
    counts: NGramCounts,
    words: Sequence[str],
    *,
    prune: Sequence[int] = (),
    limit: int | None = None,
) -> NGrams:
    """A model from the counts of its longest n-grams.

    Args:
        counts: Counts over the vocabulary ``words``.
        words: The vocabulary; words that do not occur get their share of the uniform part.
        prune: For lengths 1, 2, …: n-grams that occur so often or less are left out (words never
            are); the last number holds for all longer ones.
        limit: Keep only so many words, the most frequent; the others become ``<unk>``.

    Raises:
        InputError: There is no text, or a threshold is below the one before it.
    """
    order = counts.rows.shape[1]
    if not len(counts.counts):
        raise InputError("there are no words to count", remedy="Give a text with words")
    thresholds = _thresholds(prune, order)
    if limit is not None and limit < len(words) - len(SPECIAL):
        counts, words = _limited(counts, words, limit)
    size = len(words)
    levels = _levels(counts, size)
    keys = make_keys([level.rows for level in levels], size)
    logs = [_unigram_logs(levels[0].adjusted)]
    backoffs: list[Floats] = []
    kept = [np.ones(size, dtype=bool)]
    for length, level in enumerate(levels[1:], start=2):
        keep = level.true > thresholds[length - 1]
        if limit is not None:
            keep &= (level.rows != UNKNOWN).all(axis=1)
        histories = find(keys[: length - 1], size, level.rows[:, :-1])
        discounts = _discounts(level.adjusted)[np.minimum(level.adjusted, 3)]
        number = len(keys[length - 2])
        total = np.bincount(histories, level.adjusted, number)
        freed = np.bincount(histories, np.where(keep, discounts, level.adjusted), number)
        gamma = np.divide(freed, total, where=total > 0, out=np.ones(number))
        own = (level.adjusted - discounts) / total[histories]
        shorter = np.exp(logs[-1])[keys[length - 1] // size]
        with np.errstate(divide="ignore"):
            backoffs.append(np.log(gamma))
        logs.append(np.log(own + gamma[histories] * shorter))
        kept.append(keep)
    backoffs.append(np.zeros(len(keys[-1])))
    rows = [level.rows[keep] for level, keep in zip(levels, kept, strict=True)]
    values = zip(rows, make_keys(rows, size), logs, backoffs, kept, strict=True)
    tables = (Table(row, key, log[keep], back[keep]) for row, key, log, back, keep in values)
    return NGrams(tuple(words), tuple(tables))


def make_keys(rows: Sequence[Ids], size: int) -> list[Index]:
    """The keys of sorted rows of each length; all shorter endings must be among them."""
    keys: list[Index] = [np.arange(size, dtype=np.int64)]
    for level in rows[1:]:
        keys.append(find(keys, size, level[:, 1:]) * size + level[:, 0])
    return keys


def _levels(counts: NGramCounts, size: int) -> list[_Level]:
    """All shorter n-grams from the longest ones; those that begin a sentence keep true counts."""
    rows, true, adjusted = counts.rows, counts.counts, counts.counts
    levels: list[_Level] = []
    for _ in range(rows.shape[1] - 1):
        # A window that begins with several <s> is a shorter n-gram that begins a sentence.
        real = rows[:, 1] != BEGIN
        levels.append(_Level(rows[real], true[real], adjusted[real]))
        starts = np.flatnonzero(new_groups(rows[:, 1:]))
        extensions = np.diff(np.append(starts, len(rows)))
        rows = rows[starts, 1:]
        true = np.add.reduceat(true, starts)
        adjusted = np.where(rows[:, 0] == BEGIN, true, extensions)
    # Words that do not occur stand among the shortest too, with count 0.
    every = np.zeros(size, dtype=np.int64)
    every[rows[:, 0]] = adjusted
    levels.append(_Level(np.arange(size, dtype=np.int32)[:, None], every, every))
    return levels[::-1]


def _unigram_logs(adjusted: Counts) -> Floats:
    discounts = _discounts(adjusted)[np.minimum(adjusted, 3)]
    total = adjusted.sum()
    # <s> is never the next word.
    uniform = discounts.sum() / total / (len(adjusted) - 1)
    logs: Floats = np.log((adjusted - discounts) / total + uniform)
    logs[BEGIN] = -np.inf
    return logs


def _discounts(adjusted: Counts) -> Floats:
    """Discounts of the counts 0, 1, 2 and more (Chen & Goodman 1998, equation 26)."""
    n = np.bincount(np.minimum(adjusted, 5), minlength=6).astype(np.float64)
    if not n[1:4].all():
        return _FALLBACK
    ratio = n[1] / (n[1] + 2 * n[2])
    discounts = np.array([0.0, *(k - (k + 1) * ratio * n[k + 1] / n[k] for k in (1, 2, 3))])
    if (discounts < 0).any() or (discounts > np.arange(4)).any():
        return _FALLBACK
    return discounts


def _thresholds(prune: Sequence[int], order: int) -> list[int]:
    given = list(prune) or [0]
    thresholds = (given + [given[-1]] * order)[:order]
    if thresholds != sorted(thresholds):
        raise InputError(
            f"pruning thresholds {' '.join(map(str, prune))} fall",
            remedy="Prune longer n-grams at least as much as shorter ones",
        )
    return thresholds


def _limited(
    counts: NGramCounts, words: Sequence[str], limit: int
) -> tuple[NGramCounts, list[str]]:
    occurrences = np.bincount(counts.rows[:, -1], counts.counts, len(words))
    occurrences[: len(SPECIAL)] = np.inf
    # Stable, so that of equally frequent words the earlier one stays.
    kept = np.sort(np.argsort(-occurrences, kind="stable")[: limit + len(SPECIAL)])
    numbers = np.full(len(words), UNKNOWN, dtype=np.int32)
    numbers[kept] = np.arange(len(kept), dtype=np.int32)
    return collect(numbers[counts.rows], counts.counts), [words[number] for number in kept]
