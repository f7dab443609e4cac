"""Scores made readable: terminal, HTML, Markdown, LaTeX, CSV. One module per medium.

Each takes scores of the same utterances, one per system, and shows the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from cswitch.analysis import Score


def write(scores: Sequence[Score], path: str | Path, medium: str) -> None:
    """Write scores to a file in a medium: ``html``, ``markdown``, ``latex`` or ``edits`` (CSV)."""
    import_module(f"{__name__}.{medium}").write(scores, path)
