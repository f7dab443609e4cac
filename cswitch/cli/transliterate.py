"""``cswitch transliterate``: words or lines in another script."""

from __future__ import annotations

import click

from cswitch.errors import InputError
from cswitch.files import read_lines


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option("--from", "source", metavar="TAG",
              help="What FILE is written in: hi-Deva, hi-Latn, en-Latn or iso.")
@click.option("--to", "target", metavar="TAG", help="What to write: a tag, or iso for ISO 15919.")
@click.option("--nbest", default=1, show_default=True, type=click.IntRange(1, 20),
              help="Outputs for each line.")
@click.option("--english", type=click.Choice(["native", "latin", "matrix", "as-is"]),
              help="Write whole lines with their English words in this script instead.")
@click.option("--lang", default="hi_en", show_default=True, help="The pair, for --english.")
def command(
    file: str, source: str | None, target: str | None, nbest: int, english: str | None, lang: str
) -> None:
    """Transliterate each line of FILE and write INPUT TAB OUTPUT TAB WEIGHT.

    A weight is the negative natural logarithm of the output's probability. Lines of several words
    are transliterated word by word.

    \b
    echo namaste | cswitch transliterate - --from hi-Latn --to hi-Deva --nbest 3
    echo टेक्स्ट पर क्लिक करें | cswitch transliterate - --english latin
    """
    from cswitch.transliterate import POLICIES, Transliterator, transliterate

    if english is not None:
        writer = Transliterator(lang)
        policy = next(each for each in POLICIES if each == english)
        for line in read_lines(file):
            click.echo(f"{line}\t{writer.sentence(line, policy)}\t0.0000")
        return
    if source is None or target is None:
        raise InputError("no direction", remedy="Give --from and --to, or --english")
    for line in read_lines(file):
        words = line.split()
        if len(words) == 1:
            for output, weight in transliterate(words[0], source, target, nbest):
                click.echo(f"{line}\t{output}\t{weight:.4f}")
            continue
        best = [transliterate(word, source, target)[0] for word in words]
        output = " ".join(text for text, _ in best)
        click.echo(f"{line}\t{output}\t{sum(weight for _, weight in best):.4f}")
