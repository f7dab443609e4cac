"""How sure a rate is: blocks of utterances, their resamples, and confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from cswitch.analysis import Score, Side, Utterance
from cswitch.statistics import _bootstrap, bootstrap
from cswitch.statistics.bootstrap import SAMPLES, SEED, TAIL

Counts = NDArray[np.float64]
Keys = NDArray[np.uint64]

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float


def blocks(utterances: Sequence[Utterance]) -> list[int]:
    """The block of each utterance: those of one speaker belong together, if speakers are known.

    With fewer than ten speakers, every utterance is a block; see `cswitch.statistics.bootstrap`.
    """
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in _names(utterances)]


def keys(score: Score) -> Keys:
    """What each block of a score draws from."""
    names = dict.fromkeys(_names(score.utterances))
    return np.fromiter(map(bootstrap.key, names), np.uint64, len(names))


def _names(utterances: Sequence[Utterance]) -> list[str]:
    """The name of the block of each utterance."""
    speakers = [bootstrap.speaker(each.metadata) for each in utterances]
    if "" not in speakers and len(set(speakers)) >= bootstrap.FEWEST_SPEAKERS:
        return speakers
    names = [each.id for each in utterances]
    return names if len(set(names)) == len(names) else list(map(str, range(len(names))))


def errors_and_words(score: Score, side: Side) -> tuple[Counts, Counts]:
    """Errors and reference words of each block."""
    places = blocks(score.utterances)
    errors, words = np.zeros(max(places, default=-1) + 1), np.zeros(max(places, default=-1) + 1)
    for place, utterance in zip(places, score.utterances, strict=True):
        errors[place] += utterance.tally.on(side).errors
        words[place] += utterance.raw.reference_words
    return errors, words


def resample(
    columns: Sequence[Counts], samples: int = SAMPLES, seed: int = SEED, keys: Keys | None = None
) -> list[Counts]:
    """Sums of the columns over resampled blocks, the same blocks for all columns.

    Args:
        keys: What each block draws from; its number by default.
    """
    if keys is None:
        keys = np.arange(len(columns[0]), dtype=np.uint64)
    sums = np.zeros((len(columns), samples))
    rows = [np.ascontiguousarray(column, np.float64) for column in columns]
    _bootstrap.add(sums.reshape(-1), keys, rows, seed)
    return list(sums)


def interval(
    errors: Counts, words: Counts, *, samples: int = SAMPLES, seed: int = SEED
) -> Interval:
    """The 95 % percentile bootstrap interval of an error rate; see `bootstrap.interval`."""
    drawn, of = resample([errors, words], samples, seed)
    return Interval(*bootstrap.interval(drawn.tolist(), of.tolist()))


def intervals(scores: Sequence[Score], side: Side) -> list[Interval]:
    """The 95 % `interval` of each system, all from the same resamples."""
    counts = [errors_and_words(score, side) for score in scores]
    if not counts:
        return []
    columns = [*(errors for errors, _ in counts), counts[0][1]]
    *drawn, of = resample(columns, keys=keys(scores[0]))
    return [Interval(*bootstrap.interval(errors.tolist(), of.tolist())) for errors in drawn]


def bca_interval(
    errors: Counts, words: Counts, *, samples: int = SAMPLES, seed: int = SEED
) -> Interval:
    """The 95 % bias-corrected and accelerated bootstrap interval of an error rate.

    Efron (1987), "Better bootstrap confidence intervals". The acceleration comes from leaving
    out one block at a time.
    """
    if len(errors) < 2:
        return interval(errors, words, samples=samples, seed=seed)
    drawn = np.sort(rates(*resample([errors, words], samples, seed)))
    rate = errors.sum() / max(words.sum(), 1)
    size = max(len(drawn), 1)
    below = (np.sum(drawn < rate) + np.sum(drawn == rate) / 2) / size
    bias = _NORMAL.inv_cdf(min(max(float(below), 0.5 / size), 1 - 0.5 / size))
    without = (errors.sum() - errors) / np.maximum(words.sum() - words, 1)
    spread = without.mean() - without
    squares = float(np.sum(spread**2))
    acceleration = float(np.sum(spread**3)) / (6 * squares**1.5) if squares else 0.0

    def corrected(quantile: float) -> float:
        z = bias + _NORMAL.inv_cdf(quantile)
        return _NORMAL.cdf(bias + z / (1 - acceleration * z))

    shares = corrected(TAIL), corrected(1 - TAIL)
    low, high = (bootstrap.quantile(drawn.tolist(), share) for share in shares)
    return Interval(low, high)


def rates(errors: Counts, words: Counts) -> Counts:
    """Errors per word, of the resamples that have words."""
    drawn = words > 0
    return errors[drawn] / words[drawn]
