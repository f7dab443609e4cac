"""What the commands that tune weights share: references, a way to count errors, the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from cswitch.errors import InputError
from cswitch.files import atomic_write, read_lines

weights_option = click.option(
    "--weights", type=click.Path(path_type=Path), help="Weights that --tune has written."
)


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


def read_references(path: str | Path) -> dict[str, str]:
    """Read lines of a name, white space and a text.

    Raises:
        InputError: A name stands there twice, or a line has none.
    """
    texts: dict[str, str] = {}
    for number, line in enumerate(read_lines(path), start=1):
        name, *rest = line.split(maxsplit=1) or ("",)
        if not name or name in texts:
            problem = f"the name '{name}' stands twice" if name else "the line is empty"
            raise InputError(
                problem, path=path, line=number, remedy="Write a name, a space and the text"
            )
        texts[name] = rest[0] if rest else ""
    return texts


def write_weights(
    output: str, weights: Mapping[str, float], utterances: int, before: int, after: int
) -> None:
    """Write weights with the errors that were made before tuning and after it."""
    from cswitch.recognition import tuning

    with atomic_write(output) as out:
        out.write(tuning.dumps(weights, utterances=utterances, errors_before=before, errors=after))
