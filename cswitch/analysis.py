"""What a score consists of: counts that add, utterances with their edits, whole systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cswitch import tokens
from cswitch.align import Edit
from cswitch.statistics.bootstrap import Bounds, Resamples

Side = Literal["raw", "corrected"]
SIDES: tuple[Side, ...] = ("raw", "corrected")


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """Hits, substitutions, deletions and insertions; they add with ``+``.

    >>> (ErrorCounts(hits=3, substitutions=1) + ErrorCounts(deletions=1)).wer
    0.4
    """

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    def __add__(self, other: ErrorCounts) -> ErrorCounts:
        return ErrorCounts(
            self.hits + other.hits,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )

    @property
    def errors(self) -> int:
        """Substitutions, deletions and insertions together."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def reference_words(self) -> int:
        """Tokens of the reference."""
        return self.hits + self.substitutions + self.deletions

    @property
    def wer(self) -> float:
        """Errors per reference word; for a reference without words, the number of errors.

        The second case follows jiwer, so that the two agree on every input.
        """
        return self.errors / (self.reference_words or 1)


@dataclass(frozen=True, slots=True)
class Tally:
    """Raw and corrected counts over the same reference words, and what was forgiven, by kind.

    ``raw.errors == corrected.errors + sum(forgiven.values())`` always holds.
    """

    raw: ErrorCounts = ErrorCounts()
    corrected: ErrorCounts = ErrorCounts()
    forgiven: Mapping[str, int] = field(default_factory=dict)

    def on(self, side: Side) -> ErrorCounts:
        """The raw or the corrected counts."""
        return self.raw if side == "raw" else self.corrected

    def __add__(self, other: Tally) -> Tally:
        kinds = self.forgiven.keys() | other.forgiven.keys()
        return Tally(
            self.raw + other.raw,
            self.corrected + other.corrected,
            {
                kind: self.forgiven.get(kind, 0) + other.forgiven.get(kind, 0)
                for kind in sorted(kinds)
            },
        )


@dataclass(frozen=True, slots=True)
class Utterance:
    """A reference, what one system made of it, and how the two align.

    Attributes:
        id: The name of the utterance, or its line number.
        edits: Every step but the hits, in order; `alignment` has the hits too.
        metadata: Speaker, domain and the like, where the input has them.
    """

    id: str
    reference: str
    hypothesis: str
    tally: Tally
    edits: Sequence[Edit]
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> ErrorCounts:
        """Counts with every difference an error."""
        return self.tally.raw

    @property
    def corrected(self) -> ErrorCounts:
        """Counts with renderings forgiven."""
        return self.tally.corrected

    @property
    def reference_tokens(self) -> list[tokens.Token]:
        """The tokens of the reference with their places in it."""
        return tokens.tokenize(self.reference)

    @property
    def hypothesis_tokens(self) -> list[tokens.Token]:
        """The tokens of the hypothesis with their places in it."""
        return tokens.tokenize(self.hypothesis)

    def edited(self) -> Iterator[tuple[Edit, str, str]]:
        """Yield each edit with its words of the reference and those of the hypothesis."""
        if not self.edits:
            return
        words, heard = tokens.split(self.reference), tokens.split(self.hypothesis)
        for edit in self.edits:
            left, right = words[slice(*edit.reference)], heard[slice(*edit.hypothesis)]
            yield edit, " ".join(left), " ".join(right)

    @property
    def alignment(self) -> tuple[Edit, ...]:
        """The whole alignment: the edits, and a ``hit`` for each run of equal tokens."""
        steps: list[Edit] = []
        row = column = 0
        end = len(tokens.split(self.reference))
        for edit in self.edits:
            _append_hits(steps, row, column, edit.reference[0])
            steps.append(edit)
            row, column = edit.reference[1], edit.hypothesis[1]
        _append_hits(steps, row, column, end)
        return tuple(steps)


@dataclass(frozen=True, slots=True)
class Score:
    """The result for one system: its utterances, and their tally summed.

    Attributes:
        name: The system, usually the name of its file.
        lang: The pair it was scored for, such as ``hi_en``.
        signature: Everything that the numbers depend on, in one line.
        utterances: The scored utterances, if they were kept.
        scored: How many utterances were scored, if they were not kept.
        intervals: The 95 % intervals of the raw and of the corrected WER, if they were
            computed while scoring; `statistics.confidence.intervals` computes them from utterances.
        resamples: What they were computed from, for comparing systems.
    """

    name: str
    lang: str
    signature: str
    utterances: Sequence[Utterance]
    tally: Tally
    scored: int | None = field(default=None, compare=False)
    intervals: tuple[Bounds, Bounds] | None = field(default=None, compare=False)
    resamples: Resamples | None = field(default=None, compare=False, repr=False)

    @property
    def size(self) -> int:
        """The number of utterances, kept or not."""
        return len(self.utterances) if self.scored is None else self.scored

    @property
    def raw(self) -> ErrorCounts:
        """Counts with every difference an error; equal to jiwer's."""
        return self.tally.raw

    @property
    def corrected(self) -> ErrorCounts:
        """Counts with renderings forgiven, over the same reference words."""
        return self.tally.corrected

    @property
    def forgiven(self) -> Mapping[str, int]:
        """Forgiven errors by kind; they sum to ``raw.errors - corrected.errors``."""
        return self.tally.forgiven


def _append_hits(steps: list[Edit], row: int, column: int, end: int) -> None:
    if end > row:
        steps.append(Edit("hit", (row, end), (column, column + end - row), 0))
