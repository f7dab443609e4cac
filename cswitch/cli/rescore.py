"""``cswitch rescore``: better choices from n-best lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cswitch.cli._options import lang_option, output_option
from cswitch.cli._progress import progress
from cswitch.cli._recognition import finite
from cswitch.cli._tuning import error_counter, read_references, weights_option, write_weights
from cswitch.errors import InputError
from cswitch.files import atomic_write

if TYPE_CHECKING:
    from cswitch.recognition.nbest import NBest
    from cswitch.recognition.rescore import Errors, Rescorer

# What the weights of language models begin with.
_LM = "lm:"


@click.command(name="rescore")
@click.argument("nbest", type=click.Path(path_type=Path, allow_dash=True))
@lang_option
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
@weights_option
@click.option("--tune", is_flag=True, help="Write weights tuned on --references instead of text.")
@click.option("--references", type=click.Path(path_type=Path), help="Lines of a name and its text.")
@click.option("--raw", is_flag=True, help="Count raw errors; the default forgives renderings.")
@click.option("--mbr", is_flag=True, help="Choose the least expected errors, not the best score.")
@click.option(
    "--mbr-scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0),
    callback=finite,
    help="Sharpness of the posterior.",
)
@click.option("--count", "-n", type=click.IntRange(min=0), help="Hypotheses to write; 0: the text.")
@output_option
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
    from cswitch.recognition import nbest as lists

    if not tune and references is not None:
        raise InputError("--references are for tuning", remedy="Give --tune, too")
    rescorer = _rescorer(lang, lms, surface_lms, weights)
    entries = progress(lists.read(nbest), "utterances")
    try:
        if tune:
            _tune(rescorer, list(entries), references, error_counter(lang, raw), output)
            return
        better = _rescored(rescorer, entries, error_counter(lang, raw) if mbr else None, mbr_scale)
        with atomic_write(output) as out:
            for entry in better:
                out.write(lists.dump(entry, count) + "\n")
    except InputError as error:
        if error.path is not None:
            raise
        raise error.at(nbest) from error


def _rescorer(
    lang: str, lms: Sequence[Path], surface_lms: Sequence[Path], weights: Path | None
) -> Rescorer:
    """The rescorer, with its models."""
    from cswitch.canonical import canonicalizer
    from cswitch.lm.kenlm import KenLM
    from cswitch.recognition import tuning
    from cswitch.recognition.rescore import Rescorer

    names = [_name(path) for path in (*lms, *surface_lms)]
    if len(set(names)) < len(names):
        raise InputError("two language models have one name", remedy="Rename one of the files")
    known = {} if weights is None else tuning.read(weights)
    stranger = next((one for one in known if one.startswith(_LM) and one not in names), None)
    if stranger is not None:
        raise InputError(
            f"has a weight of the language model '{stranger.removeprefix(_LM)}', which is not here",
            path=weights,
            remedy="Give the model with --lm or --surface-lm, under the name it was tuned with",
        )
    return Rescorer(
        {_name(path): KenLM(path) for path in lms},
        canonicalizer(lang).line,
        known,
        {_name(path): KenLM(path) for path in surface_lms},
    )


def _name(path: Path) -> str:
    return _LM + path.name.removesuffix(".gz").removesuffix(".arpa")


def _rescored(
    rescorer: Rescorer, entries: Iterable[NBest], errors: Errors | None, scale: float
) -> Iterator[NBest]:
    """The lists in their new order: by score, or by expected errors."""
    from cswitch.recognition.rescore import least_risk

    for entry in entries:
        better = rescorer.rescore(entry)
        yield better if errors is None else least_risk(better, errors, scale)


def _tune(
    rescorer: Rescorer,
    entries: Sequence[NBest],
    references: Path | None,
    errors: Errors,
    output: str,
) -> None:
    texts: Mapping[str, str] = {} if references is None else read_references(references)
    spoken = [replace(one, reference=texts.get(one.id, one.reference)) for one in entries]
    weights, before, after = rescorer.tune(spoken, errors)
    write_weights(output, weights, len(spoken), before, after)
