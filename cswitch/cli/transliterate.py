"""``cswitch transliterate``: words or lines in another script."""

from __future__ import annotations

from collections.abc import Iterator

import click

from cswitch.errors import InputError
from cswitch.files import STDIO, atomic_write, read_lines


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
    help="Outputs for each line.",
)
@click.option(
    "--english",
    type=click.Choice(["native", "latin", "matrix", "as-is"]),
    help="Write whole lines with their English words in this script instead.",
)
@click.option("--lang", default="hi_en", show_default=True, help="The pair, for --english.")
@click.option("-o", "--output", default=STDIO, help="Where to write; standard output by default.")
def command(
    file: str,
    source: str | None,
    target: str | None,
    nbest: int,
    english: str | None,
    lang: str,
    output: str,
) -> None:
    """Transliterate each line of FILE and write INPUT TAB OUTPUT TAB WEIGHT.

    A weight is the negative natural logarithm of the output's probability. Lines of several words
    are transliterated word by word.

    \b
    echo namaste | cswitch transliterate - --from hi-Latn --to hi-Deva --nbest 3
    echo टेक्स्ट पर क्लिक करें | cswitch transliterate - --english latin
    """
    if english is not None:
        rows = _sentences(file, lang, english)
    elif source is None or target is None:
        raise InputError("no direction", remedy="Give --from and --to, or --english")
    else:
        rows = _lines(file, source, target, nbest)
    with atomic_write(output) as out:
        for line, text, weight in rows:
            click.echo(f"{line}\t{text}\t{weight:.4f}", file=out)


def _sentences(file: str, lang: str, english: str) -> Iterator[tuple[str, str, float]]:
    from cswitch.transliterate import POLICIES, Transliterator

    writer = Transliterator(lang)
    policy = next(each for each in POLICIES if each == english)
    for line in read_lines(file):
        yield line, writer.sentence(line, policy), 0.0


def _lines(file: str, source: str, target: str, nbest: int) -> Iterator[tuple[str, str, float]]:
    from cswitch.transliterate import transliterate

    for line in read_lines(file):
        words = line.split()
        if len(words) == 1:
            for text, weight in transliterate(words[0], source, target, nbest):
                yield line, text, weight
            continue
        best = [transliterate(word, source, target)[0] for word in words]
        yield line, " ".join(text for text, _ in best), sum(weight for _, weight in best)
