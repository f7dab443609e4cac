"""Alignment of a reference with a hypothesis, in spans of up to three tokens on each side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cswitch.judge import Verdict

Operation = Literal["hit", "rendering", "substitution", "deletion", "insertion"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of an alignment: what became of a span of the reference.

    Attributes:
        operation: ``hit`` (a run of equal tokens), ``rendering`` (the same words, written
            differently: forgiven), or a modeling error.
        reference: First and one past the last token of the reference.
        hypothesis: The same for the hypothesis.
        errors: Raw errors that this step stands for; 0 for hits.
        verdict: What the judge said; None for hits and for words without a partner.
    """

    operation: Operation
    reference: tuple[int, int]
    hypothesis: tuple[int, int]
    errors: int
    verdict: Verdict | None = None
