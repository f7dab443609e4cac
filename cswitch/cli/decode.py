"""``cswitch decode``: CTC posteriors to text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from cswitch.cli._decoding import Options, Worker
from cswitch.cli._jobs import engine_options, run
from cswitch.cli._lines import Progress, Results, write_lines
from cswitch.cli._options import lang_option, output_option
from cswitch.cli._progress import Status, progress
from cswitch.cli._recognition import check_names, finite, space_option
from cswitch.cli._tuning import error_counter, read_references, weights_option, write_weights
from cswitch.errors import InputError

# Kept in step with FORMS of cswitch.recognition.adjust and Rendering of cswitch.recognition.decode
# by a test: importing them here would load numpy for --help.
_FORMS = ("log-linear", "linear", "mask", "none")
_RENDERINGS = ("as-decoded", "native", "matrix")


def _prior(_: click.Context, __: click.Parameter, text: str | None) -> dict[str, float] | None:
    """Read shares of languages."""
    if text is None:
        return None
    parts = [part.partition("=") for part in text.split(",")]
    try:
        prior = {name.strip(): float(share) for name, _, share in parts}
    except ValueError:
        prior = {}
    if not prior or not all(0 < share < math.inf for share in prior.values()):
        raise InputError(f"'{text}' is no prior", remedy="Write it like hi=0.7,en=0.3")
    return prior


@click.command(name="decode")
@click.argument("posteriors", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--labels", required=True, type=click.Path(path_type=Path), help="What columns mean.")
@click.option("--blank", help="The label of the CTC blank, if it has an unusual name.")
@click.option(
    "--frame-seconds",
    default=0.04,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    help="If the file does not say.",
)
@lang_option
@click.option("--greedy", is_flag=True, help="The best label of each frame, no search.")
@click.option("--beam", type=click.IntRange(min=1), help="Hypotheses to keep.  [default: 64]")
@click.option("--nbest", type=click.IntRange(min=1), help="Write this many hypotheses.")
@click.option("--lm", type=click.Path(path_type=Path), help="ARPA or KenLM binary.")
@space_option
@click.option(
    "--hotwords", type=click.Path(path_type=Path), help="Lines of a phrase, a tab and its bonus."
)
@weights_option
@click.option("--lm-weight", type=float, callback=finite, help="Weight of the language model.")
@click.option("--word-bonus", type=float, callback=finite, help="Added for each word.")
@click.option(
    "--unknown-offset",
    type=float,
    callback=finite,
    help="Added for each word the model does not know.",
)
@click.option(
    "--gamma",
    type=click.FloatRange(min=0),
    callback=finite,
    help="Weight of the language posteriors.",
)
@click.option(
    "--lid",
    default="log-linear",
    show_default=True,
    type=click.Choice(_FORMS),
    help="How language posteriors adjust the others.",
)
@click.option("--lid-classes", help="Columns of 'lid'.  [default: sil and those of --lang]")
@click.option("--prior", callback=_prior, help="Share of each language, such as hi=0.7,en=0.3.")
@click.option(
    "--rendering",
    default="as-decoded",
    show_default=True,
    type=click.Choice(_RENDERINGS),
    help="The script of words: as decoded, all native, or that of each word's language.",
)
@click.option("--romanized", is_flag=True, help="Latin letters may write words of both languages.")
@click.option("--mixed-words", is_flag=True, help="Allow words of two scripts.")
@click.option(
    "--tune",
    type=click.Path(path_type=Path),
    metavar="REFERENCES",
    help="Write weights with few errors on these (name and text a line), not text.",
)
@click.option("--raw", is_flag=True, help="Tune on raw errors; the default forgives renderings.")
@output_option
@engine_options
def command(
    posteriors: tuple[Path, ...],
    tune: Path | None,
    raw: bool,
    output: str,
    jobs: int | None,
    engine: str,
    **given: Any,
) -> None:
    """Decode POSTERIORS (.npy, .npz: natural-log, frames × labels), one JSON line each.

    An .npz has the array 'posteriors', and may have 'lid' (frames × languages, natural-log) and
    'frame_seconds'. A folder stands for all posteriors in it. Tune weights on development data,
    then use them:

    \b
    cswitch decode dev/*.npz --labels labels.txt --lm hi_en.arpa --tune dev.txt -o weights.json
    cswitch decode test/*.npz --labels labels.txt --lm hi_en.arpa --weights weights.json

    A file that cannot be read is named, and the others are decoded all the same. While work on an
    output file is not finished, interrupted perhaps, its results are in OUTPUT.part, and the same
    command goes on from there.
    """
    from cswitch.recognition.posteriors import find

    options = Options(**given)
    options.check()
    if tune is None and raw:
        raise InputError("--raw is about tuning", remedy="Give --tune, too, or leave it out")
    files = list(find(posteriors))
    check_names(files)
    if tune is not None:
        _check_tuning(options, jobs, engine)
        _tune(options, files, read_references(tune), raw, output)
        return

    def results(left: Sequence[Path], _: Progress) -> Results:
        return run(partial(Worker, options), left, jobs, engine)

    named = [(str(path), path) for path in files]
    write_lines(output, named, options.settings, results, "decoded")


def _check_tuning(options: Options, jobs: int | None, engine: str) -> None:
    """Refuse what would be of no use."""
    given = {
        "--greedy": options.greedy,
        "--nbest": options.nbest is not None,
        "--jobs": jobs not in (None, 1),
        "--engine": engine != "local",
    }
    useless = [name for name, is_given in given.items() if is_given]
    if useless:
        raise InputError(
            "--tune writes weights, in one process", remedy=f"Leave out {', '.join(useless)}"
        )


def _tune(
    options: Options, files: Iterable[Path], references: dict[str, str], raw: bool, output: str
) -> None:
    from cswitch.recognition.decoder_weights import tune

    utterances = list(progress(map(options.read, files), "utterances"))
    errors = error_counter(options.lang, raw)
    with Status() as status:

        def tried(count: int) -> None:
            status.show(f"{count} settings tried")

        weights, before, after = tune(options.decoder(), utterances, references, errors, tried)
    write_weights(output, weights, len(utterances), before, after)
