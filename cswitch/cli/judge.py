"""``cswitch judge``: is one text a rendering of the other, line by line."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import click

from cswitch.cli._jobs import engine_options, run, run_on_table
from cswitch.cli._options import output_option, user_option
from cswitch.errors import InputError
from cswitch.files import atomic_write, read_lines
from cswitch.judge import THRESHOLD, Judge
from cswitch.parquet import is_table
from cswitch.scale import batches
from cswitch.scale.parallel import batched

COLUMNS = ("verdict", "kind", "probability", "reference", "hypothesis", "evidence")


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option("--lang", default="hi_en", show_default=True, help="Language of lines without one.")
@user_option
@click.option(
    "--threshold",
    default=THRESHOLD,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Probability from which a transliteration is a rendering.",
)
@output_option
@engine_options
def command(
    file: str,
    lang: str,
    user: str | None,
    threshold: float,
    output: str,
    jobs: int | None,
    engine: str,
) -> None:
    """Judge lines of REFERENCE TAB HYPOTHESIS [TAB LANGUAGE].

    Writes a TSV line for each: verdict (match, rendering or modeling), kind, probability that
    the two are renderings of one word, both texts, and the evidence. A FILE called .parquet is a
    table with columns reference and hypothesis; the output is one with more columns.
    """
    if is_table(file):
        make_columns = partial(batches.judge, lang, user=user, threshold=threshold)
        run_on_table(make_columns, file, output, jobs, engine)
        return
    make = partial(_block_judge, file, lang, user, threshold)
    make()  # an unknown language is an error even if there is no line
    with atomic_write(output) as out:
        click.echo("\t".join(COLUMNS), file=out)
        for lines in run(make, batched(enumerate(read_lines(file), start=1)), jobs, engine):
            click.echo("\n".join(lines), file=out)


@cache
def _block_judge(
    file: str, lang: str, user: str | None, threshold: float
) -> Callable[[list[tuple[int, str]]], list[str]]:
    """A function from numbered lines to lines with verdicts."""

    @cache
    def judge_of(name: str) -> Judge:
        return Judge(name, user=user, threshold=threshold)

    def judge_line(number: int, line: str) -> str:
        reference, hypothesis, own = _cells(line, file, number)
        try:
            verdict = judge_of(own or lang).judge(reference, hypothesis)
        except InputError as error:
            if own:
                raise InputError(
                    error.message, path=file, line=number, remedy=error.remedy
                ) from error
            raise
        return (
            f"{verdict.verdict}\t{verdict.kind or '-'}\t{verdict.probability:.4f}\t"
            f"{reference}\t{hypothesis}\t{verdict.evidence}"
        )

    judge_of(lang)
    return lambda lines: [judge_line(number, line) for number, line in lines]


def _cells(line: str, file: str, number: int) -> tuple[str, str, str]:
    cells = [" ".join(cell.split()) for cell in line.split("\t")]
    if len(cells) not in (2, 3):
        raise InputError(
            f"{len(cells)} columns instead of two or three",
            path=file,
            line=number,
            remedy="Write reference, tab, hypothesis, and perhaps a tab and a language",
        )
    return cells[0], cells[1], cells[2] if len(cells) == 3 else ""
