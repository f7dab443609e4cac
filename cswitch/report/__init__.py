"""Scores made readable: terminal, HTML, Markdown, LaTeX, CSV. One module per medium.

Each takes scores of the same utterances, one per system, and shows the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from cswitch.analysis import Score
from cswitch.errors import InputError

MEDIA = ("html", "markdown", "latex", "edits")


def write(scores: Sequence[Score], path: str | Path, medium: str) -> None:
    """Write scores to a file in one of `MEDIA`; ``edits`` are CSV.

    Raises:
        InputError: There is no such medium, or nothing can be written there.
    """
    if medium not in MEDIA:
        raise InputError(f"unknown medium '{medium}'", remedy=f"Known are: {', '.join(MEDIA)}")
    import_module(f"{__name__}.{medium}").write(scores, path)
