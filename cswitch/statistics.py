"""How sure the numbers are: confidence intervals, and tests between systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cswitch import _bootstrap, bootstrap
from cswitch.analysis import Score, Utterance
from cswitch.bootstrap import SAMPLES, SEED, SPEAKER

Side = Literal["raw", "corrected"]
Counts = NDArray[np.float64]
Keys = NDArray[np.uint64]

SIDES: tuple[Side, ...] = ("raw", "corrected")
_NORMAL = NormalDist()
_CHUNK = 1 << 22  # signs drawn at once


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float


def blocks(utterances: Sequence[Utterance], by: Sequence[str] = SPEAKER) -> list[int]:
    """The block of each utterance: those of one speaker belong together, if speakers are known.

    With fewer than ten speakers, every utterance is a block; see `cswitch.bootstrap`.

    Args:
        by: Metadata fields that may name the speaker; the first that there is does.
    """
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in _names(utterances, by)]


def keys(score: Score, by: Sequence[str] = SPEAKER) -> Keys:
    """What each block of a score draws from."""
    names = dict.fromkeys(_names(score.utterances, by))
    return np.fromiter(map(bootstrap.key, names), np.uint64, len(names))


def _names(utterances: Sequence[Utterance], by: Sequence[str]) -> list[str]:
    """The name of the block of each utterance."""
    speakers = [bootstrap.speaker(each.metadata, by) for each in utterances]
    if "" not in speakers and len(set(speakers)) >= bootstrap.FEWEST_SPEAKERS:
        return speakers
    names = [each.id for each in utterances]
    return names if len(set(names)) == len(names) else list(map(str, range(len(names))))


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
    errors: Counts,
    words: Counts,
    *,
    level: float = 0.95,
    samples: int = SAMPLES,
    seed: int = SEED,
    keys: Keys | None = None,
) -> Interval:
    """Percentile bootstrap interval of an error rate; see `bootstrap.interval`."""
    drawn, of = resample([errors, words], samples, seed, keys)
    return Interval(*bootstrap.interval(drawn.tolist(), of.tolist(), level))


def intervals(
    scores: Sequence[Score], side: Side, *, samples: int = SAMPLES, seed: int = SEED
) -> list[Interval]:
    """The 95 % `interval` of each system, all from the same resamples."""
    counts = [errors_and_words(score, side) for score in scores]
    if not counts:
        return []
    *drawn, of = resample(
        [*(errors for errors, _ in counts), counts[0][1]], samples, seed, keys(scores[0])
    )
    return [Interval(*bootstrap.interval(errors.tolist(), of.tolist())) for errors in drawn]


def bca_interval(
    errors: Counts, words: Counts, *, level: float = 0.95, samples: int = SAMPLES, seed: int = SEED
) -> Interval:
    """Bias-corrected and accelerated bootstrap interval of an error rate.

    Efron (1987), "Better bootstrap confidence intervals". The acceleration comes from leaving
    out one block at a time.
    """
    if len(errors) < 2:
        return interval(errors, words, level=level, samples=samples, seed=seed)
    rates = np.sort(_rates(*resample([errors, words], samples, seed)))
    rate = errors.sum() / max(words.sum(), 1)
    size = max(len(rates), 1)
    below = (np.sum(rates < rate) + np.sum(rates == rate) / 2) / size
    bias = _NORMAL.inv_cdf(min(max(float(below), 0.5 / size), 1 - 0.5 / size))
    without = (errors.sum() - errors) / np.maximum(words.sum() - words, 1)
    spread = without.mean() - without
    squares = float(np.sum(spread**2))
    acceleration = float(np.sum(spread**3)) / (6 * squares**1.5) if squares else 0.0

    def corrected(quantile: float) -> float:
        z = bias + _NORMAL.inv_cdf(quantile)
        return _NORMAL.cdf(bias + z / (1 - acceleration * z))

    shares = corrected((1 - level) / 2), corrected((1 + level) / 2)
    low, high = (bootstrap.quantile(rates.tolist(), share) for share in shares)
    return Interval(low, high)


def paired_bootstrap(
    first: Counts, second: Counts, words: Counts, *, samples: int = SAMPLES, seed: int = SEED
) -> float:
    """Two-sided p of the difference between two systems on the same blocks.

    The share of resamples whose difference strays from its mean at least as far as the observed
    difference lies from zero. Bisani and Ney (2004), "Bootstrap estimates for confidence
    intervals in ASR performance evaluation"; the shift as in Riezler and Maxwell (2005).
    """
    drawn, other, of = resample([first, second, words], samples, seed)
    return _bootstrap_p(first, second, words, _rates(drawn - other, of))


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
        *drawn, of = resample([*counts, words], samples, seed, keys(scores[0]))
        flipped = _flip([counts[left] - counts[right] for left, right in pairs], samples, seed)
        errors = [events(score, side) for score in scores]
        tests = []
        for (left, right), swapped in zip(pairs, flipped, strict=True):
            first, second = counts[left], counts[right]
            differences = _rates(drawn[left] - drawn[right], of)
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


def _rates(errors: Counts, words: Counts) -> Counts:
    """Errors per word, of the resamples that have words."""
    drawn = words > 0
    return errors[drawn] / words[drawn]


def _bootstrap_p(first: Counts, second: Counts, words: Counts, differences: Counts) -> float:
    observed = (first.sum() - second.sum()) / max(words.sum(), 1)
    return _share(np.abs(differences - differences.mean()), abs(float(observed)))


def _share(values: Counts, limit: float) -> float:
    # The observed value is one of the possible ones; rounding must not hide that it is reached.
    reached = int(np.sum(values >= limit * (1 - 1e-9)))
    return (reached + 1) / (len(values) + 1)
