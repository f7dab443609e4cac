"""Alignment of a reference with a hypothesis, in spans of up to three tokens on each side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, Protocol, overload

from cswitch import _align
from cswitch.judge import Sketch, Verdict

Operation = Literal["hit", "rendering", "substitution", "deletion", "insertion"]

OPERATIONS: tuple[Operation, ...] = ("hit", "rendering", "substitution", "deletion", "insertion")

# What the kernel returns of two lines, one flat tuple: words of the reference; substitutions,
# deletions and insertions of the raw alignment, as jiwer counts them; the same of the best
# alignment; forgiven errors by kind; then for each edit an index into OPERATIONS, the span of the
# reference, the span of the hypothesis, raw errors, verdict.
Scored = tuple[Any, ...]

_HEAD, _FIELDS = 8, 7


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of an alignment: what became of a span of the reference.

    Attributes:
        operation: ``hit`` (a run of equal tokens), ``rendering`` (the same words, written
            differently: forgiven), or a modeling error.
        reference: First and one past the last token of the reference.
        hypothesis: The same for the hypothesis.
        errors: Raw errors that this step stands for; 0 for hits.
        verdict: What the judge said; None for hits, for words without a partner and for
            substitutions that sound too different to be judged.
    """

    operation: Operation
    reference: tuple[int, int]
    hypothesis: tuple[int, int]
    errors: int
    verdict: Verdict | None = None


class Edits(Sequence[Edit]):
    """Edits made when they are asked for, which most never are, from the kernel's flat tuple."""

    __slots__ = ("_flat",)

    def __init__(self, scored: Scored = (None,) * _HEAD) -> None:
        self._flat = scored

    def __len__(self) -> int:
        return (len(self._flat) - _HEAD) // _FIELDS

    @overload
    def __getitem__(self, index: int) -> Edit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Edit, ...]: ...
    def __getitem__(self, index: int | slice) -> Edit | tuple[Edit, ...]:
        if isinstance(index, slice):
            return tuple(self)[index]
        start = range(_HEAD, len(self._flat), _FIELDS)[index]
        operation, row, row_end, column, column_end, errors, verdict = self._flat[
            start : start + _FIELDS
        ]
        return Edit(OPERATIONS[operation], (row, row_end), (column, column_end), errors, verdict)

    def __iter__(self) -> Iterator[Edit]:
        return map(self.__getitem__, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Edits):
            return self._flat[_HEAD:] == other._flat[_HEAD:]
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


class Renderings(Protocol):
    """What the aligner needs of a judge."""

    def judge(self, reference: str, hypothesis: str) -> Verdict:
        """Say whether two spans, tokens joined by a space, are renderings of each other."""

    def sketch(self, text: str) -> Sketch:
        """Say roughly how a text sounds and what it stands for."""


class Aligner:
    """Aligns token lists; keeps what the judge said, so use one for many utterances.

    The alignment has the fewest modeling errors of all alignments made of hits, substitutions,
    deletions, insertions and renderings of 1–3 reference tokens by 1–3 hypothesis tokens (and of
    lone punctuation by nothing); among those, the fewest raw errors; among those, the pairs that
    sound most alike. Only pairs that a best path relies on are judged. Threads may share an
    aligner; they take turns. What it keeps is bounded: when it has met too much, it starts anew.
    """

    def __init__(self, judge: Renderings) -> None:
        self._kernel = _align.Kernel(judge.judge, judge.sketch)
        self._turn = Lock()

    def align(self, reference: list[str], hypothesis: list[str]) -> Edits:
        """The edits that turn a reference into a hypothesis, in order, without the hits."""
        with self._turn:
            return Edits(self._kernel.align(reference, hypothesis))

    def score(self, reference: str, hypothesis: str) -> Scored:
        """Split two lines into tokens, count what differs, and align them."""
        with self._turn:
            return self._kernel.score(reference, hypothesis)


def raw_counts(reference: list[str], hypothesis: list[str]) -> tuple[int, int, int]:
    """Substitutions, deletions and insertions of the alignment that jiwer counts.

    >>> raw_counts(["fancy", "साड़ी"], ["fancy", "Sadi", "dikhaiye"])
    (1, 0, 1)
    """
    return _align.raw_counts(reference, hypothesis)
