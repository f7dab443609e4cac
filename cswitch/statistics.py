"""How sure the numbers are: confidence intervals, and tests between systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cswitch.analysis import Score, Utterance

Side = Literal["raw", "corrected"]
Counts = NDArray[np.float64]

SEED = 12345
SAMPLES = 1000
_CHUNK = 1 << 22  # numbers drawn at once


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float


def blocks(utterances: Sequence[Utterance], by: str | None = "speaker") -> list[int]:
    """The block of each utterance: those of one speaker belong together, if speakers are known.

    Utterances of one speaker are alike, and resampling them one by one makes intervals too
    narrow (Bisani and Ney, 2004). One speaker alone cannot be resampled: then, too, every
    utterance is a block.
    """
    names = [utterance.metadata.get(by, "") if by else "" for utterance in utterances]
    if len(set(names)) < 2 or "" in names:
        return list(range(len(utterances)))
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]


def errors_and_words(
    score: Score, side: Side, by: str | None = "speaker"
) -> tuple[Counts, Counts]:
    """Errors and reference words of each block."""
    places = blocks(score.utterances, by)
    errors, words = np.zeros(max(places, default=-1) + 1), np.zeros(max(places, default=-1) + 1)
    for place, utterance in zip(places, score.utterances, strict=True):
        errors[place] += (utterance.raw if side == "raw" else utterance.corrected).errors
        words[place] += utterance.raw.reference_words
    return errors, words


def resample(
    columns: Sequence[Counts], samples: int = SAMPLES, seed: int = SEED
) -> list[Counts]:
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
    low, high = np.quantile(drawn / np.maximum(of, 1), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
