"""``cswitch score``: the main job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path

import click

from cswitch import formats, mixing, results
from cswitch.analysis import Score
from cswitch.cli._jobs import engine_options, run
from cswitch.cli._options import lang_option, user_option
from cswitch.cli._progress import progress
from cswitch.errors import InputError
from cswitch.files import STDIO
from cswitch.formats import Row
from cswitch.scale.parallel import batched
from cswitch.scoring import Part, Scorer, block_scorer, scorer_of

_FIRST = 100  # utterances that tell what language a corpus is in


@click.command(name="score")
@click.argument("reference", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("hypotheses", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@lang_option
@click.option(
    "--format",
    default=formats.AUTO,
    show_default=True,
    type=click.Choice([formats.AUTO, *formats.FORMATS]),
    help="Format of all files.",
)
@click.option("--reference-field", help="Column or key of the reference, where columns have names.")
@click.option(
    "--hypothesis-field",
    "hypothesis_fields",
    multiple=True,
    help="Column or key of a system; may be given once per system.",
)
@user_option
@click.option("--metadata", metavar="FILE", help="A table with more columns, or Kaldi's utt2spk.")
@click.option("--json", "json_path", metavar="FILE", help="Write the result as JSON; - for stdout.")
@click.option("--html", "html_path", metavar="FILE", help="Write the report as one HTML file.")
@click.option(
    "--utterance-results", is_flag=True, help="Put every utterance and edit into the JSON too."
)
@engine_options
@click.option("--edits", is_flag=True, help="Print every error with its verdict and evidence.")
def command(
    reference: Path,
    hypotheses: tuple[Path, ...],
    lang: str,
    format: str,
    reference_field: str | None,
    hypothesis_fields: tuple[str, ...],
    user: str | None,
    metadata: str | None,
    json_path: str | None,
    html_path: str | None,
    utterance_results: bool,
    jobs: int | None,
    engine: str,
    edits: bool,
) -> None:
    """Score HYPOTHESES against REFERENCE: raw WER, corrected WER, and why they differ.

    Files are plain text by line, Kaldi text or another format (see --format); - is standard
    input. Without HYPOTHESES, the systems are columns of REFERENCE.

    \b
    cswitch score ref.txt whisper.txt wav2vec.txt --lang hi_en --html report.html
    """
    if json_path == html_path == STDIO:
        raise InputError("JSON and HTML both go to standard output", remedy="Name a file for one")
    scorer = scorer_of(lang, user)  # an unknown language is an error whatever the files are
    corpus = formats.load(
        reference,
        hypotheses,
        format=format,
        reference_field=reference_field,
        hypothesis_fields=hypothesis_fields,
        metadata=metadata,
    )
    # What needs every utterance keeps them in memory; the counts alone need none.
    keep = utterance_results or edits or html_path is not None
    work = partial(block_scorer, lang, keep, user)
    parts = run(work, batched(progress(_doubted(corpus, lang), "utterances")), jobs, engine)
    scores = _sum(scorer, corpus.systems, parts)
    if json_path is not None:
        results.write(scores, json_path, utterances=utterance_results)
    if html_path is not None:
        from cswitch.report import html

        html.write(scores, html_path)
    if STDIO not in (json_path, html_path):
        _print(scores, edits)


def _doubted(rows: Iterable[Row], lang: str) -> Iterator[Row]:
    """The rows; if the first ones seem to be of another language, a note on standard error."""
    remaining = iter(rows)
    first = list(islice(remaining, _FIRST))
    if names := mixing.other_languages((row.reference for row in first), lang):
        note = f"most references are not written as {lang} is; perhaps --lang {' or '.join(names)}"
        click.echo(f"cswitch: note: {note}", err=True)
    yield from chain(first, remaining)


def _print(scores: list[Score], edits: bool) -> None:
    from cswitch.report import terminal

    if edits:
        terminal.print_utterances(scores)
    terminal.print_scores(scores)


def _sum(scorer: Scorer, systems: tuple[str, ...], blocks: Iterable[list[Part]]) -> list[Score]:
    sums = [Part() for _ in systems]
    for parts in blocks:
        for total, part in zip(sums, parts, strict=True):
            total += part
    return [scorer.result(total, name) for name, total in zip(systems, sums, strict=True)]
