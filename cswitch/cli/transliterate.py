"""``cswitch transliterate``: words or lines in another script."""

from __future__ import annotations

from collections.abc import Iterator

import click

from cswitch.cli._options import output_option
from cswitch.errors import InputError
from cswitch.files import atomic_write, read_lines

_Row = tuple[str, str, float]


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option(
    "--from",
    "source",
    metavar="TAG",
    help="What FILE is written in: hi-Deva, hi-Latn, en-Latn or iso.",
)
@click.option("--to", "target", metavar="TAG", help="What to write: a tag, or iso for ISO 15919.")
@click.option(
    "--nbest",
    default=1,
    show_default=True,
    type=click.IntRange(1, 20),
    help="The most outputs for each line.",
)
@click.option(
    "--english",
    type=click.Choice(["native", "latin", "matrix", "as-is"]),
    help="Instead of --from and --to: which script to write English words in; matrix is that of "
    "the language most words of the line are of. Other words stay.",
)
@click.option("--lang", help="The pair, for --english.  [default: hi_en]")
@output_option
def command(
    file: str,
    source: str | None,
    target: str | None,
    nbest: int,
    english: str | None,
    lang: str | None,
    output: str,
) -> None:
    """Transliterate each line of FILE and write INPUT TAB OUTPUT TAB WEIGHT.

    A weight is the negative natural logarithm of the output's probability. What is not in the
    script of --from stays, and so do addresses; a tab in a line is written as a space. A language
    alone stands for its native script: ur is ur-Arab, en is en-Latn.

    \b
    echo namaste | cswitch transliterate - --from hi-Latn --to hi-Deva --nbest 3
    echo नमस्ते | cswitch transliterate - --from hi --to ta
    echo टेक्स्ट पर क्लिक करें | cswitch transliterate - --english latin
    """
    if english is not None:
        if source or target or nbest > 1:
            raise InputError(
                "--english stands alone",
                remedy="Give it without --from, --to and --nbest, and the pair with --lang",
            )
        rows = _sentences(file, lang or "hi_en", english)
    elif source is None or target is None:
        raise InputError("no direction", remedy="Give --from and --to, or --english")
    elif lang is not None:
        raise InputError(
            "--lang is for --english", remedy="Name both languages with --from and --to"
        )
    else:
        rows = _lines(file, source, target, nbest)
    with atomic_write(output) as out:
        for *texts, weight in rows:
            line, text = (each.replace("\t", " ") for each in texts)
            click.echo(f"{line}\t{text}\t{weight:.4f}", file=out)


def _sentences(file: str, lang: str, english: str) -> Iterator[_Row]:
    from cswitch.transliterate.transliterator import POLICIES, Transliterator

    writer = Transliterator(lang)
    policy = next(each for each in POLICIES if each == english)
    for line in read_lines(file):
        yield line, writer.sentence(line, policy), 0.0


def _lines(file: str, source: str, target: str, nbest: int) -> Iterator[_Row]:
    from cswitch.transliterate import check, transliterate

    check(source, target)  # an unknown direction is an error even if there is no line
    for line in read_lines(file):
        for text, weight in transliterate(line, source, target, nbest):
            yield line, text, weight
