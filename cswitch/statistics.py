"""How sure the numbers are: confidence intervals, and tests between systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cswitch.analysis import Score, Utterance

Side = Literal["raw", "corrected"]
Counts = NDArray[np.float64]

SIDES: tuple[Side, ...] = ("raw", "corrected")
SPEAKER = ("speaker", "speaker_id", "spk", "spk_id", "client_id")
SEED = 12345
SAMPLES = 1000
_NORMAL = NormalDist()
_FEWEST_BLOCKS = 10
_CHUNK = 1 << 22  # numbers drawn at once


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float


def blocks(utterances: Sequence[Utterance], by: Sequence[str] = SPEAKER) -> list[int]:
    """The block of each utterance: those of one speaker belong together, if speakers are known.

    Utterances of one speaker are alike, and resampling them one by one makes intervals too
    narrow (Bisani and Ney, 2004). A handful of speakers cannot show how speakers differ: with
    fewer than ten, every utterance is a block.

    Args:
        by: Metadata fields that may name the speaker; the first that there is does.
    """
    names = [
        next((each.metadata[field] for field in by if field in each.metadata), "")
        for each in utterances
    ]
    if len(set(names)) < _FEWEST_BLOCKS or "" in names:
        return list(range(len(utterances)))
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]


def errors_and_words(
    score: Score, side: Side, by: Sequence[str] = SPEAKER
) -> tuple[Counts, Counts]:
    """Errors and reference words of each block."""
    places = blocks(score.utterances, by)
    errors, words = np.zeros(max(places, default=-1) + 1), np.zeros(max(places, default=-1) + 1)
    for place, utterance in zip(places, score.utterances, strict=True):
        errors[place] += (utterance.raw if side == "raw" else utterance.corrected).errors
        words[place] += utterance.raw.reference_words
    return errors, words


def resample(columns: Sequence[Counts], samples: int = SAMPLES, seed: int = SEED) -> list[Counts]:
    """Sums of the columns over blocks drawn with replacement, the same blocks for all columns."""
    size = len(columns[0])
    random = np.random.default_rng(seed)
    table = np.stack(columns, axis=1)
    sums = np.empty((samples, len(columns)))
    step = max(1, _CHUNK // max(size, 1))
    for start in range(0, samples, step):
        drawn = random.integers(size, size=(min(step, samples - start), size))
        for row, places in enumerate(drawn, start=start):
            sums[row] = np.bincount(places, minlength=size) @ table
    return [sums[:, column] for column in range(len(columns))]


def interval(
    errors: Counts, words: Counts, *, level: float = 0.95, samples: int = SAMPLES, seed: int = SEED
) -> Interval:
    """Percentile bootstrap interval of an error rate (Efron and Tibshirani, 1993, ch. 13)."""
    if len(errors) == 0:
        return Interval(0.0, 0.0)
    drawn, of = resample([errors, words], samples, seed)
    return _percentile(drawn / np.maximum(of, 1), level)


def intervals(
    scores: Sequence[Score], side: Side, *, samples: int = SAMPLES, seed: int = SEED
) -> list[Interval]:
    """The 95 % `interval` of each system, all from the same resamples."""
    counts = [errors_and_words(score, side) for score in scores]
    if not counts or len(counts[0][1]) == 0:
        return [Interval(0.0, 0.0)] * len(scores)
    *drawn, of = resample([*(errors for errors, _ in counts), counts[0][1]], samples, seed)
    return [_percentile(errors / np.maximum(of, 1), 0.95) for errors in drawn]


def bca_interval(
    errors: Counts, words: Counts, *, level: float = 0.95, samples: int = SAMPLES, seed: int = SEED
) -> Interval:
    """Bias-corrected and accelerated bootstrap interval of an error rate.

    Efron (1987), "Better bootstrap confidence intervals". The acceleration comes from leaving
    out one block at a time.
    """
    if len(errors) < 2:
        return interval(errors, words, level=level, samples=samples, seed=seed)
    drawn, of = resample([errors, words], samples, seed)
    rates = drawn / np.maximum(of, 1)
    rate = errors.sum() / max(words.sum(), 1)
    below = (np.sum(rates < rate) + np.sum(rates == rate) / 2) / samples
    bias = _NORMAL.inv_cdf(min(max(float(below), 0.5 / samples), 1 - 0.5 / samples))
    without = (errors.sum() - errors) / np.maximum(words.sum() - words, 1)
    spread = without.mean() - without
    squares = float(np.sum(spread**2))
    acceleration = float(np.sum(spread**3)) / (6 * squares**1.5) if squares else 0.0

    def corrected(quantile: float) -> float:
        z = bias + _NORMAL.inv_cdf(quantile)
        return _NORMAL.cdf(bias + z / (1 - acceleration * z))

    low, high = np.quantile(rates, [corrected((1 - level) / 2), corrected((1 + level) / 2)])
    return Interval(float(low), float(high))


def paired_bootstrap(
    first: Counts, second: Counts, words: Counts, *, samples: int = SAMPLES, seed: int = SEED
) -> float:
    """Two-sided p of the difference between two systems on the same blocks.

    The share of resamples whose difference strays from its mean at least as far as the observed
    difference lies from zero. Bisani and Ney (2004), "Bootstrap estimates for confidence
    intervals in ASR performance evaluation"; the shift as in Riezler and Maxwell (2005).
    """
    drawn, other, of = resample([first, second, words], samples, seed)
    return _bootstrap_p(first, second, words, (drawn - other) / np.maximum(of, 1))


def approximate_randomization(
    first: Counts, second: Counts, *, samples: int = SAMPLES, seed: int = SEED
) -> float:
    """Two-sided p of the difference between two systems: the outputs are swapped at random.

    Noreen (1989), "Computer-intensive methods for testing hypotheses".
    """
    difference = first - second
    [flipped] = _flip([difference], samples, seed)
    return _share(np.abs(flipped), abs(float(difference.sum())))


def _flip(columns: Sequence[Counts], samples: int, seed: int) -> list[Counts]:
    """Sums of the columns over all blocks, the sign of each block drawn at random."""
    random = np.random.default_rng(seed)
    table = np.stack(columns, axis=1)
    size = len(table)
    sums = np.empty((samples, len(columns)))
    step = max(1, _CHUNK // max(size, 1))
    for start in range(0, samples, step):
        stop = min(start + step, samples)
        signs = random.integers(2, size=(stop - start, size), dtype=np.int8) * 2.0 - 1.0
        sums[start:stop] = signs @ table
    return [sums[:, column] for column in range(len(columns))]


@dataclass(frozen=True, slots=True)
class MatchedPairs:
    """The outcome of a matched-pairs test.

    Attributes:
        segments: Stretches in which at least one system errs.
        mean: Mean of the first system's errors minus the second's in a segment.
        z: The mean over its standard error; 0 without variance.
        p: Two-sided probability of such a ``z`` if the systems were equal.
    """

    segments: int
    mean: float
    z: float
    p: float


Event = tuple[int, int, int]
"""First and one past the last reference word of an edit, and its errors."""


def segments(first: Sequence[Event], second: Sequence[Event], buffer: int = 2) -> list[list[int]]:
    """Errors of both systems in each stretch of an utterance that errors stand in.

    ``buffer`` reference words in a row that both systems have right separate two stretches.

    >>> segments([(0, 1, 1), (4, 5, 1)], [(3, 3, 1)])
    [[1, 0], [1, 1]]
    """
    found: list[list[int]] = []
    end = -buffer
    events = [(event, 0) for event in first] + [(event, 1) for event in second]
    for (start, stop, errors), side in sorted(events):
        if not found or start - end >= buffer:
            found.append([0, 0])
        found[-1][side] += errors
        end = max(end, stop)
    return found


def matched_pairs(
    first: Sequence[Sequence[Event]], second: Sequence[Sequence[Event]], buffer: int = 2
) -> MatchedPairs:
    """Matched-pairs sentence-segment word error test (MAPSSWE), as sc_stats computes it.

    Gillick and Cox (1989), "Some statistical issues in the comparison of speech recognition
    algorithms". Segments are independent of each other because words that both systems have
    right stand between them.

    Args:
        first: For each utterance, the edits of the first system.
        second: The same for the second.
        buffer: Correct words that separate two segments.
    """
    differences = np.array(
        [
            errors - others
            for left, right in zip(first, second, strict=True)
            for errors, others in segments(left, right, buffer)
        ],
        dtype=np.float64,
    )
    size = len(differences)
    mean = float(differences.mean()) if size else 0.0
    deviation = float(differences.std(ddof=1)) if size > 1 else 0.0
    z = mean / (deviation / size**0.5) if deviation else 0.0
    return MatchedPairs(size, mean, z, 2 * (1 - _NORMAL.cdf(abs(z))))


def events(score: Score, side: Side) -> list[list[Event]]:
    """The errors of each utterance of a system: all, or the modeling errors."""
    return [
        [
            (*edit.reference, edit.errors)
            for edit in utterance.edits
            if edit.errors and (side == "raw" or edit.operation != "rendering")
        ]
        for utterance in score.utterances
    ]


def holm(values: Sequence[float]) -> list[float]:
    """p values adjusted for having done many tests (Holm, 1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = highest
    return adjusted


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems compared on one side; all p are two-sided and adjusted by `holm`.

    Attributes:
        difference: WER of the first minus that of the second.
    """

    first: str
    second: str
    side: Side
    difference: float
    matched_pairs: float
    bootstrap: float
    randomization: float


def compare(
    scores: Sequence[Score], *, samples: int = SAMPLES, seed: int = SEED
) -> list[Comparison]:
    """Compare every two systems, on raw and on corrected errors."""
    pairs = list(combinations(range(len(scores)), 2))
    if not pairs:
        return []
    found: list[Comparison] = []
    for side in SIDES:
        counts = [errors_and_words(score, side)[0] for score in scores]
        words = errors_and_words(scores[0], side)[1]
        *drawn, of = resample([*counts, words], samples, seed)
        flipped = _flip([counts[left] - counts[right] for left, right in pairs], samples, seed)
        errors = [events(score, side) for score in scores]
        tests = []
        for (left, right), swapped in zip(pairs, flipped, strict=True):
            first, second = counts[left], counts[right]
            differences = (drawn[left] - drawn[right]) / np.maximum(of, 1)
            tests.append(
                (
                    matched_pairs(errors[left], errors[right]).p,
                    _bootstrap_p(first, second, words, differences),
                    _share(np.abs(swapped), abs(float(first.sum() - second.sum()))),
                )
            )
        adjusted = zip(*(holm(column) for column in zip(*tests, strict=True)), strict=True)
        for (left, right), values in zip(pairs, adjusted, strict=True):
            difference = _rate(scores[left], side) - _rate(scores[right], side)
            names = scores[left].name, scores[right].name
            found.append(Comparison(*names, side, difference, *values))
    return found


Places = tuple[tuple[str, ...], ...]
"""Names of systems from best to worst; those of one place are equal."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The systems by raw and by corrected WER."""

    raw: Places
    corrected: Places

    @property
    def changes(self) -> bool:
        """Whether forgiving renderings changes the order."""
        return self.raw != self.corrected


def rank(scores: Sequence[Score]) -> Ranking:
    """Rank systems on the same references."""
    raw, corrected = (_places(scores, side) for side in SIDES)
    return Ranking(raw, corrected)


def _places(scores: Sequence[Score], side: Side) -> Places:
    rates = sorted({_rate(score, side) for score in scores})
    return tuple(
        tuple(score.name for score in scores if _rate(score, side) == rate) for rate in rates
    )


def _rate(score: Score, side: Side) -> float:
    return (score.raw if side == "raw" else score.corrected).wer


def _percentile(rates: Counts, level: float) -> Interval:
    low, high = np.quantile(rates, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def _bootstrap_p(first: Counts, second: Counts, words: Counts, differences: Counts) -> float:
    observed = (first.sum() - second.sum()) / max(words.sum(), 1)
    return _share(np.abs(differences - differences.mean()), abs(float(observed)))


def _share(values: Counts, limit: float) -> float:
    # The observed value is one of the possible ones; rounding must not hide that it is reached.
    reached = int(np.sum(values >= limit * (1 - 1e-9)))
    return (reached + 1) / (len(values) + 1)
