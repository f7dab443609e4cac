"""``cswitch lid``: the language of each token."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import click

from cswitch import tokens
from cswitch.cli._jobs import engine_options, run, run_on_table
from cswitch.cli._options import output_option
from cswitch.files import atomic_write, read_lines
from cswitch.lid import Labeller
from cswitch.parquet import is_table
from cswitch.scale.parallel import batched

COLUMNS = ("token", "label", "language", "script", "name", "number")


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option("--lang", default="hi_en", show_default=True, help="The pair of languages.")
@click.option(
    "--doubt",
    is_flag=True,
    help="Also label tokens ambiguous (context does not decide) and unk (no likely word).",
)
@output_option
@engine_options
def command(file: str, lang: str, doubt: bool, output: str, jobs: int | None, engine: str) -> None:
    """Label each token of each line of FILE, one token per line, an empty line between lines.

    Labels are LinCE's: lang1 (English), lang2 (the matrix language), ne (a name), mixed (of both),
    fw (the script of a third language), other (figures, signs, addresses, users, smileys). The
    other columns are the language (- for none), the script, and whether the token is a name or a
    number. A FILE called .parquet is a table with a column text; the output is one with more
    columns.

    \b
    Example:
      echo 'kal ki meeting cancel ho gayi' | cswitch lid -
    """
    if is_table(file):
        from cswitch.scale import batches

        make_columns = partial(batches.labeller, lang, doubt=doubt)
        run_on_table(make_columns, file, output, jobs, engine)
        return
    make = partial(_block_labels, lang, doubt)
    make()  # an unknown language is an error even if there is no line
    with atomic_write(output) as out:
        click.echo("\t".join(COLUMNS), file=out)
        for text in run(make, batched(read_lines(file)), jobs, engine):
            click.echo(text, file=out, nl=False)


@cache
def _block_labels(lang: str, doubt: bool) -> Callable[[list[str]], str]:
    """A function from lines to the rows of their tokens."""
    labeller = Labeller(lang, doubt=doubt)
    return lambda lines: "".join(_rows(labeller, line) for line in lines)


def _rows(labeller: Labeller, line: str) -> str:
    rows = []
    for token, label in zip(tokens.split(line), labeller.line(line), strict=True):
        flags = ("yes" if label.name else "no", "yes" if label.number else "no")
        told = (label.lince, label.language or "-", label.script or "-", *flags)
        rows.append((token.replace("\t", " "), *told))
    return "".join("\t".join(row) + "\n" for row in rows) + "\n"
