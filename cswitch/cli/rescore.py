"""``cswitch rescore``: better choices from n-best lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cswitch.cli._progress import progress
from cswitch.cli._recognition import error_counter, finite, read_references, read_weights
from cswitch.errors import InputError
from cswitch.files import STDIO, atomic_write

if TYPE_CHECKING:
    from cswitch.nbest import NBest
    from cswitch.rescore import Rescorer


@click.command(name="rescore")
@click.argument("nbest", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--lang", default="hi_en", show_default=True, help="Pair or language, such as hi_en.")
@click.option(
    "--lm",
    "lms",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A model of canonical words.",
)
@click.option(
    "--surface-lm",
    "surface_lms",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A model of words as they are written.",
)
@click.option("--weights", type=click.Path(path_type=Path), help="Weights that --tune has written.")
@click.option("--tune", is_flag=True, help="Write weights tuned on --references instead of text.")
@click.option("--references", type=click.Path(path_type=Path), help="Lines of a name and its text.")
@click.option("--raw", is_flag=True, help="Count raw errors; the default forgives renderings.")
@click.option("--mbr", is_flag=True, help="Choose the least expected errors, not the best score.")
@click.option(
    "--mbr-scale",
    default=1.0,
    show_default=True,
    callback=finite,
    help="Sharpness of the posterior.",
)
@click.option("--count", "-n", type=click.IntRange(min=0), help="Hypotheses to write; 0: the text.")
@click.option("-o", "--output", default=STDIO, help="Where to write; standard output by default.")
def command(
    nbest: Path,
    lang: str,
    lms: tuple[Path, ...],
    surface_lms: tuple[Path, ...],
    weights: Path | None,
    tune: bool,
    references: Path | None,
    raw: bool,
    mbr: bool,
    mbr_scale: float,
    count: int | None,
    output: str,
) -> None:
    """Rescore NBEST lists (JSON lines) of any recognizer with language models.

    A line is {"id": …, "nbest": [{"text": …, "score": …}, …]}; every number of a hypothesis is a
    score. Tune weights on development data, then use them:

    \b
    cswitch rescore dev.jsonl --lm hi_en.arpa --tune --references dev.txt -o weights.json
    cswitch rescore test.jsonl --lm hi_en.arpa --weights weights.json --mbr -o out.jsonl
    """
    from cswitch import nbest as lists
    from cswitch.canonical import canonicalizer
    from cswitch.lm.kenlm import KenLM
    from cswitch.rescore import Rescorer, least_risk

    if len({_name(path) for path in (*lms, *surface_lms)}) < len(lms) + len(surface_lms):
        raise InputError("two language models have one name", remedy="Rename one of the files")
    rescorer = Rescorer(
        {_name(path): KenLM(path) for path in lms},
        canonicalizer(lang).line,
        {} if weights is None else read_weights(weights),
        {_name(path): KenLM(path) for path in surface_lms},
    )
    entries = progress(lists.read(nbest), "utterances")
    if tune:
        _tune(rescorer, list(entries), references, error_counter(lang, raw), output)
        return
    errors = error_counter(lang, raw) if mbr else None
    with atomic_write(output) as out:
        for entry in entries:
            better = rescorer.rescore(entry)
            if errors is not None:
                better = least_risk(better, errors, mbr_scale)
            out.write(lists.dump(better, count) + "\n")


def _name(path: Path) -> str:
    return "lm:" + path.name.removesuffix(".gz").removesuffix(".arpa")


def _tune(
    rescorer: Rescorer,
    entries: Sequence[NBest],
    references: Path | None,
    errors: Callable[[str, str], int],
    output: str,
) -> None:
    from cswitch.tuning import as_json

    texts: Mapping[str, str] = {} if references is None else read_references(references)
    spoken = [replace(one, reference=texts.get(one.id, one.reference)) for one in entries]
    found, before, after = rescorer.tune(spoken, errors)
    with atomic_write(output) as out:
        notes = {"utterances": len(spoken), "errors_before": before, "errors": after}
        out.write(json.dumps(as_json(found, **notes), ensure_ascii=False, indent=2) + "\n")
