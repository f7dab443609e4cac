"""Options that several recognition commands have, and what they check in their input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import click

from cswitch.errors import InputError

CANONICAL, SURFACE = SPACES = ("canonical", "surface")

space_option = click.option(
    "--space",
    default=CANONICAL,
    show_default=True,
    type=click.Choice(SPACES),
    help="What the language model knows: one form per word, or words as they are written.",
)


def finite(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    """Refuse an option that is not a finite number, which ``float`` takes for one."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number")
    return value


def check_names(paths: Sequence[Path]) -> None:
    """Refuse files of one name: what is made of them could not be told apart."""
    named: dict[str, Path] = {}
    for path in paths:
        if (other := named.setdefault(path.stem, path)) is not path:
            raise InputError(
                f"the utterance would be called '{path.stem}' like that of {other}",
                path=path,
                remedy="Rename one of the files, or decode them apart",
            )
