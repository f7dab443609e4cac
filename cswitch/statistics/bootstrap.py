"""Resamples that add up: confidence intervals of an input of any size, in one pass.

A bootstrap draws utterances with replacement. Here each utterance itself draws how often it stands
in each resample, by Poisson's law with mean 1, which for many utterances is the same thing
(Chamandy, Muralidharan, Najmi and Naidu 2012, "Estimating uncertainty for massive data streams").
What it draws depends on its name and the seed alone. So the sums of the parts of an input, in any
order, from any number of processes and machines, are those of the whole to the last digit.

Utterances of one speaker are alike, and resampling them one by one makes intervals too narrow
(Bisani and Ney 2004), so speakers draw instead of utterances, where at least ten are known.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from operator import add

from cswitch.statistics import _bootstrap

SPEAKER = ("speaker", "speaker_id", "spk", "spk_id", "client_id")
FEWEST_SPEAKERS = 10  # a handful cannot show how speakers differ
SEED = 12345
SAMPLES = 1000
TAIL = 0.025  # of the resamples, beyond each end of an interval

Columns = Sequence[Sequence[float]]
"""Numbers of utterances: reference words, raw errors and corrected errors."""

Bounds = tuple[float, float]
Sums = tuple[Sequence[float], Sequence[float], Sequence[float]]
"""The columns summed over each resample."""


@lru_cache(1 << 16)
def key(name: str) -> int:
    """The number from which an utterance or a speaker of this name draws."""
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def speaker(metadata: Mapping[str, str]) -> str:
    """The speaker, if one of the fields of `SPEAKER` names one; the first that there is does."""
    return next((metadata[name] for name in SPEAKER if name in metadata), "")


def _nothing() -> array[float]:
    return array("d", bytes(8 * SAMPLES * 3))


@dataclass(slots=True)
class Resamples:
    """The sums over the resamples of one system; they add up in place.

    Attributes:
        by_utterance: Words, raw errors and corrected errors of each resample of utterances.
        by_speaker: The same for resamples of speakers; None if an utterance has no known one.
        speakers: Some of them, enough to know whether there are ten.
    """

    by_utterance: array[float] = field(default_factory=_nothing)
    by_speaker: array[float] | None = field(default_factory=_nothing)
    speakers: frozenset[str] = frozenset()

    def add(self, utterances: Sequence[str], speakers: Sequence[str], counts: Columns) -> None:
        """Add utterances: the name and the speaker of each, and the columns of their counts."""
        _draw(self.by_utterance, utterances, counts)
        if "" in speakers:
            self.by_speaker = None
        if self.by_speaker is not None:
            _draw(self.by_speaker, *_joined(speakers, counts))
            self.speakers = _some(self.speakers.union(speakers))

    def __iadd__(self, other: Resamples) -> Resamples:
        self.by_utterance = _summed(self.by_utterance, other.by_utterance)
        if self.by_speaker is not None and other.by_speaker is not None:
            self.by_speaker = _summed(self.by_speaker, other.by_speaker)
        else:
            self.by_speaker = None
        self.speakers = _some(self.speakers | other.speakers)
        return self

    def sums(self) -> Sums:
        """Words, raw and corrected errors, over speakers or else over utterances."""
        speakers = self.by_speaker is not None and len(self.speakers) >= FEWEST_SPEAKERS
        sums = self.by_speaker if self.by_speaker is not None and speakers else self.by_utterance
        words, raw, corrected = (sums[k * SAMPLES : (k + 1) * SAMPLES] for k in range(3))
        return words, raw, corrected

    def bounds(self) -> tuple[Bounds, Bounds]:
        """The 95 % intervals of the raw and of the corrected WER."""
        words, raw, corrected = self.sums()
        return interval(raw, words), interval(corrected, words)


def interval(errors: Iterable[float], words: Iterable[float]) -> Bounds:
    """The 95 % percentile interval of the rates of resamples (Efron and Tibshirani 1993, ch. 13).

    Resamples without a word have no rate and do not count.

    >>> interval([1, 2, 3, 0], [4, 4, 4, 0])
    (0.2625, 0.7375)
    """
    pairs = zip(errors, words, strict=True)
    rates = sorted(error / word for error, word in pairs if word)
    return quantile(rates, TAIL), quantile(rates, 1 - TAIL)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of ascending values lies, interpolated; 0 if there are none.

    >>> quantile([1, 2, 4], 0.75)
    3.0
    """
    if not ordered:
        return 0.0
    place = share * (len(ordered) - 1)
    first = int(place)
    last = min(first + 1, len(ordered) - 1)
    return ordered[first] + (ordered[last] - ordered[first]) * (place - first)


def _draw(sums: array[float], names: Sequence[str], columns: Columns) -> None:
    keys = array("Q", map(key, names))
    _bootstrap.add(sums, keys, [array("d", column) for column in columns], SEED)


def _joined(names: Sequence[str], columns: Columns) -> tuple[list[str], Columns]:
    """Columns with the rows of one name added up."""
    places: dict[str, int] = {}
    rows = [places.setdefault(name, len(places)) for name in names]
    joined = [[0.0] * len(places) for _ in columns]
    for column, total in zip(columns, joined, strict=True):
        for row, value in zip(rows, column, strict=True):
            total[row] += value
    return list(places), joined


def _summed(one: array[float], other: array[float]) -> array[float]:
    return array("d", map(add, one, other))


def _some(speakers: frozenset[str]) -> frozenset[str]:
    """Enough speakers to know whether there are ten; which ones does not matter."""
    return frozenset(islice(speakers, FEWEST_SPEAKERS))
