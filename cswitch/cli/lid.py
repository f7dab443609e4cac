"""``cswitch lid``: the language of each token."""

from __future__ import annotations

import click

from cswitch import tokens
from cswitch.files import STDIO, atomic_write, read_lines
from cswitch.lid import Labeller

COLUMNS = ("token", "label", "language", "script", "name", "number")


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option("--lang", default="hi_en", show_default=True, help="The pair of languages.")
@click.option("-o", "--output", default=STDIO, help="Where to write; standard output by default.")
def command(file: str, lang: str, output: str) -> None:
    """Label each token of each line of FILE, one token per line, an empty line between lines.

    Labels are LinCE's: lang1 (English), lang2 (the matrix language), ne (a name), mixed, other.
    """
    labeller = Labeller(lang)
    with atomic_write(output) as out:
        click.echo("\t".join(COLUMNS), file=out)
        for line in read_lines(file):
            for token, label in zip(tokens.split(line), labeller.line(line), strict=True):
                flags = ("yes" if label.name else "no", "yes" if label.number else "no")
                cells = (token, label.lince, label.language or "-", label.script or "-", *flags)
                click.echo("\t".join(cells), file=out)
            click.echo(file=out)
