"""The order of systems, and whether forgiving renderings changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cswitch.analysis import SIDES, Score, Side

Places = tuple[tuple[str, ...], ...]
"""Names of systems from best to worst; those of one place are equal."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The systems by raw and by corrected WER."""

    raw: Places
    corrected: Places

    def __str__(self) -> str:
        question = "Would the ranking change if rendering were forgiven?"
        raw, corrected = (
            " < ".join(" = ".join(place) for place in places)
            for places in (self.raw, self.corrected)
        )
        if not self.changes:
            return f"{question} No: {raw} by raw and by corrected WER."
        return f"{question} Yes: by raw WER {raw}, by corrected WER {corrected}."

    @property
    def changes(self) -> bool:
        """Whether forgiving renderings changes the order."""
        return self.raw != self.corrected


def rank(scores: Sequence[Score]) -> Ranking:
    """Rank systems on the same references."""
    raw, corrected = (_places(scores, side) for side in SIDES)
    return Ranking(raw, corrected)


def _places(scores: Sequence[Score], side: Side) -> Places:
    rates = sorted({score.tally.on(side).wer for score in scores})
    return tuple(
        tuple(score.name for score in scores if score.tally.on(side).wer == rate) for rate in rates
    )
