"""Well-formedness."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A code point that breaks a rule."""

    place: int
    message: str


def problems(text: str, script: str) -> list[Problem]:
    raise NotImplementedError
