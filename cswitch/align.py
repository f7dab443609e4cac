"""Alignment of a reference with a hypothesis, in spans of up to three tokens on each side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol

from rapidfuzz.distance import Levenshtein

from cswitch import _align
from cswitch.judge import Sketch, Verdict

Operation = Literal["hit", "rendering", "substitution", "deletion", "insertion"]

# In the order of the kernel's enumeration.
_OPERATIONS: tuple[Operation, ...] = ("hit", "rendering", "substitution", "deletion", "insertion")


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
    sound most alike. It is a shortest path found with Dijkstra's algorithm, which judges only the
    pairs that a short path meets. An aligner is for one thread at a time.
    """

    def __init__(self, judge: Renderings) -> None:
        self._kernel = _align.Kernel(judge.judge, judge.sketch)

    def align(self, reference: list[str], hypothesis: list[str]) -> list[Edit]:
        """The edits that turn a reference into a hypothesis, in order, without the hits."""
        return [
            Edit(_OPERATIONS[operation], (row, row_end), (column, column_end), errors, verdict)
            for operation, row, row_end, column, column_end, errors, verdict in self._kernel.align(
                reference, hypothesis
            )
        ]


def raw_counts(reference: list[str], hypothesis: list[str]) -> tuple[int, int, int]:
    """Substitutions, deletions and insertions of the alignment that jiwer counts.

    >>> raw_counts(["fancy", "साड़ी"], ["fancy", "Sadi", "dikhaiye"])
    (1, 0, 1)
    """
    counts = {"replace": 0, "delete": 0, "insert": 0}
    for operation in Levenshtein.editops(reference, hypothesis):
        counts[operation.tag] += 1
    return counts["replace"], counts["delete"], counts["insert"]


def fit(edits: list[Edit], raw_errors: int) -> list[Edit]:
    """Make the edits stand for exactly the raw errors.

    The best corrected path may be a longer way in raw errors than the best raw path, when a
    rendering crosses words that are equal by chance. What it has too much is taken off its last
    renderings, so that raw errors = modeling errors + forgiven errors, kind by kind.
    """
    surplus = sum(edit.errors for edit in edits) - raw_errors
    if surplus == 0:
        return edits
    fitted = list(edits)
    for index in reversed(range(len(fitted))):
        edit = fitted[index]
        if edit.operation == "rendering":
            taken = min(surplus, edit.errors)
            fitted[index] = replace(edit, errors=edit.errors - taken)
            surplus -= taken
    return fitted
