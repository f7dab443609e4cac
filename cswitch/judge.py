"""The judge: is one spelling a rendering of the other, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "punctuation",
    "case",
    "orthography",
    "script",
    "romanization",
    "spelling",
    "segmentation",
    "number",
    "digits",
    "acronym",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judge's answer for a span of reference tokens and a span of hypothesis tokens.

    Attributes:
        verdict: ``match`` (the same text), ``rendering`` (the same word, written differently) or
            ``modeling`` (a different word).
        kind: How a rendering differs; None for the others.
        probability: Calibrated probability that the two are renderings of one word.
        evidence: The path that joined them, or why none did, for a person to read.
    """

    verdict: Literal["match", "rendering", "modeling"]
    kind: Kind | None
    probability: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """A rough picture of a text, cheap to compare: spans are judged only if theirs are close.

    Attributes:
        skeleton: Its consonants in Latin letters, one letter for each class of like sounds.
        concepts: What it may stand for: ids of lexicon entries and of number values.
        joins: Whether it may be a part of a concept of several words.
    """

    skeleton: str
    concepts: tuple[int, ...]
    joins: bool
