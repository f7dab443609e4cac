"""Whether two systems differ: tests on the same utterances, on raw and on corrected errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

import numpy as np

from cswitch.analysis import SIDES, Score, Side
from cswitch.statistics.bootstrap import SAMPLES, SEED
from cswitch.statistics.confidence import Counts, errors_and_words, keys, rates, resample
from cswitch.statistics.differences import SAMPLES_PER_PAIR, holm

_NORMAL = NormalDist()
_CHUNK = 1 << 22  # signs drawn at once


def paired_bootstrap(
    first: Counts, second: Counts, words: Counts, *, samples: int = SAMPLES
) -> float:
    """Two-sided p of the difference between two systems on the same blocks.

    See `cswitch.statistics.differences.paired_p`.
    """
    drawn, other, of = resample([first, second, words], samples)
    return _bootstrap_p(first, second, words, (drawn, other, of))


def approximate_randomization(first: Counts, second: Counts, *, samples: int = SAMPLES) -> float:
    """Two-sided p of the difference between two systems: the outputs are swapped at random.

    Noreen (1989), "Computer-intensive methods for testing hypotheses".
    """
    [flipped] = _flip([first - second], samples)
    return _swapped_p(first, second, flipped)


def _flip(columns: Sequence[Counts], samples: int) -> list[Counts]:
    """Sums of the columns over all blocks, the sign of each block drawn at random."""
    random = np.random.default_rng(SEED)
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


def compare(scores: Sequence[Score]) -> list[Comparison]:
    """Compare every two systems, on raw and on corrected errors."""
    pairs = list(combinations(range(len(scores)), 2))
    samples = max(SAMPLES, SAMPLES_PER_PAIR * len(pairs))
    found: list[Comparison] = []
    for side in SIDES if pairs else ():
        tests = _tests(scores, side, pairs, samples)
        adjusted = zip(*(holm(column) for column in zip(*tests, strict=True)), strict=True)
        for (left, right), values in zip(pairs, adjusted, strict=True):
            first, second = scores[left], scores[right]
            difference = first.tally.on(side).wer - second.tally.on(side).wer
            found.append(Comparison(first.name, second.name, side, difference, *values))
    return found


def _tests(
    scores: Sequence[Score], side: Side, pairs: Sequence[tuple[int, int]], samples: int
) -> list[tuple[float, float, float]]:
    """p of each pair by matched pairs, paired bootstrap and randomization, not adjusted."""
    counts = [errors_and_words(score, side)[0] for score in scores]
    words = errors_and_words(scores[0], side)[1]
    *drawn, of = resample([*counts, words], samples, keys=keys(scores[0]))
    # All systems are swapped at the same blocks, so the difference of sums is that of a pair.
    flipped = _flip(counts, samples)
    errors = [events(score, side) for score in scores]
    return [
        (
            matched_pairs(errors[left], errors[right]).p,
            _bootstrap_p(counts[left], counts[right], words, (drawn[left], drawn[right], of)),
            _swapped_p(counts[left], counts[right], flipped[left] - flipped[right]),
        )
        for left, right in pairs
    ]


def _bootstrap_p(first: Counts, second: Counts, words: Counts, drawn: Sequence[Counts]) -> float:
    """The same as `paired_p`, for many pairs and many samples."""
    observed = (first.sum() - second.sum()) / max(words.sum(), 1)
    one, other, of = drawn
    differences = rates(one - other, of)
    return _share(np.abs(differences - differences.mean()), abs(float(observed)))


def _swapped_p(first: Counts, second: Counts, flipped: Counts) -> float:
    return _share(np.abs(flipped), abs(float(first.sum() - second.sum())))


def _share(values: Counts, limit: float) -> float:
    # The observed value is one of the possible ones; rounding must not hide that it is reached.
    reached = int(np.sum(values >= limit * (1 - 1e-9)))
    return (reached + 1) / (len(values) + 1)
