"""Two systems compared by the resamples that add up, whether or not utterances were kept.

`cswitch.statistics.significance` has the tests that need utterances. This one is what every run
can afford.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from cswitch.analysis import SIDES, Score, Side
from cswitch.statistics.bootstrap import SAMPLES, Resamples, Sums, speaker

# No p is less than one part of the samples, and `holm` multiplies the least one by the number of
# pairs: with fewer samples than this for each pair nothing could be significant at 0.02.
SAMPLES_PER_PAIR = 50
_MOST_PAIRS = SAMPLES // SAMPLES_PER_PAIR


@dataclass(frozen=True, slots=True)
class Difference:
    """Two systems compared on one side.

    Attributes:
        difference: WER of the first minus that of the second.
        p: Two-sided, by the paired bootstrap, adjusted by `holm`.
    """

    first: str
    second: str
    side: Side
    difference: float
    p: float


def differences(scores: Sequence[Score]) -> list[Difference]:
    """Compare every two systems on raw and on corrected errors by the paired bootstrap.

    Resamples draw by the names of utterances, so those of all systems are of the same utterances;
    p is what `significance.compare` has from the same samples.

    Returns:
        Nothing where resamples are not known, or too few for so many systems.
    """
    pairs = list(combinations(range(len(scores)), 2))
    resamples = [score.resamples or resampled(score) for score in scores]
    known = [each for each in resamples if each is not None]
    if not pairs or len(known) < len(scores) or len(pairs) > _MOST_PAIRS:
        return []
    found: list[Difference] = []
    for side in SIDES:
        sums = [_rates(each.sums(), side) for each in known]
        wers = [score.tally.on(side).wer for score in scores]
        gaps = [wers[left] - wers[right] for left, right in pairs]
        values = [
            paired_p(sums[left], sums[right], gap)
            for (left, right), gap in zip(pairs, gaps, strict=True)
        ]
        found += [
            Difference(scores[left].name, scores[right].name, side, gap, p)
            for (left, right), gap, p in zip(pairs, gaps, holm(values), strict=True)
        ]
    return found


def paired_p(first: Iterable[float], second: Iterable[float], observed: float) -> float:
    """Two-sided p of a difference, from the rates of two systems in the same resamples.

    The share of resamples whose difference strays from its mean at least as far as the observed
    one lies from zero. Bisani and Ney (2004), "Bootstrap estimates for confidence intervals in
    ASR performance evaluation"; the shift as in Riezler and Maxwell (2005).

    >>> paired_p([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], 0.2)
    0.25
    """
    drawn = [one - other for one, other in zip(first, second, strict=True)]
    mean = sum(drawn) / (len(drawn) or 1)
    # The observed value is one of the possible ones; rounding must not hide that it is reached.
    limit = abs(observed) * (1 - 1e-9)
    reached = sum(abs(each - mean) >= limit for each in drawn)
    return (reached + 1) / (len(drawn) + 1)


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


def probability(p: float) -> str:
    """A p value as it is printed: never as nought.

    >>> probability(0.0124), probability(0.0004)
    ('0.012', '< 0.001')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def resampled(score: Score) -> Resamples | None:
    """The resamples of a score that has only its utterances."""
    if len(score.utterances) < 2:
        return None
    tallies = [utterance.tally for utterance in score.utterances]
    resamples = Resamples()
    resamples.add(
        [utterance.id for utterance in score.utterances],
        [speaker(utterance.metadata) for utterance in score.utterances],
        (
            [tally.raw.reference_words for tally in tallies],
            [tally.raw.errors for tally in tallies],
            [tally.corrected.errors for tally in tallies],
        ),
    )
    return resamples


def _rates(sums: Sums, side: Side) -> list[float]:
    """The error rates of the resamples that have words."""
    words, raw, corrected = sums
    errors = raw if side == "raw" else corrected
    return [error / word for error, word in zip(errors, words, strict=True) if word]
