"""What the recognition commands share: references, weights, spaces of words, errors."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from cswitch import tokens
from cswitch.errors import InputError
from cswitch.files import read_lines

SPACES = ("canonical", "surface")


def finite(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    """Refuse an option that is not a finite number, which ``float`` takes for one."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number")
    return value


def splitter(lang: str, space: str) -> Callable[[str], Sequence[str]]:
    """How a line becomes the words that a language model of a space knows."""
    if space == "surface":
        return tokens.split
    from cswitch.canonical import canonicalizer

    return canonicalizer(lang).line


def error_counter(lang: str, raw: bool) -> Callable[[str, str], int]:
    """Counts the errors of a hypothesis: modeling errors, or all for ``raw``."""
    from cswitch.scoring import Scorer

    scorer = Scorer(lang)
    known: dict[tuple[str, str], int] = {}

    def errors(reference: str, hypothesis: str) -> int:
        key = (reference, hypothesis)
        if key not in known:
            scored = scorer.utterance("", reference, hypothesis)
            known[key] = (scored.raw if raw else scored.corrected).errors
        return known[key]

    return errors


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


def read_references(path: str | Path) -> dict[str, str]:
    """Read lines of a name, white space and a text.

    Raises:
        InputError: A name stands there twice, or a line has none.
    """
    texts: dict[str, str] = {}
    for number, line in enumerate(read_lines(path), start=1):
        name, *rest = line.split(maxsplit=1)[:2] if line.strip() else ("",)
        if not name or name in texts:
            problem = f"the name '{name}' stands twice" if name else "the line is empty"
            raise InputError(
                problem, path=path, line=number, remedy="Write a name, a space and the text"
            )
        texts[name] = rest[0] if rest else ""
    return texts


def read_weights(path: str | Path) -> dict[str, float]:
    """Read the weights that a tuning command wrote.

    Raises:
        InputError: The file is no such file.
    """
    try:
        weights = json.loads("\n".join(read_lines(path)))["weights"]
        read = {str(name): float(value) for name, value in weights.items()}
        if not all(map(math.isfinite, read.values())):
            raise ValueError("a weight that is not finite")
        return read
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "has no weights, or some that are no finite numbers",
            path=path,
            remedy="Write the file with --tune",
        ) from error
