"""``cswitch lm``: build n-gram language models, and ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cswitch import tokens
from cswitch.cli._options import lang_option, output_option
from cswitch.cli._progress import progress
from cswitch.cli._recognition import SURFACE, space_option
from cswitch.errors import InputError
from cswitch.files import atomic_write, binary_output, read_lines

if TYPE_CHECKING:
    from cswitch.lm import Perplexity


@click.group(name="lm")
def command() -> None:
    """Build language models, and measure them."""


@command.command()
@click.argument("texts", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="ARPA file; .gz is compressed, - for a pipe.",
)
@click.option("--order", default=3, show_default=True, type=click.IntRange(1, 6))
@lang_option
@space_option
@click.option("--prune", default="", help="Counts that are left out, by length, such as '0 0 1'.")
@click.option(
    "--vocabulary", type=click.IntRange(min=1), help="Keep so many words, the most frequent."
)
@click.option(
    "--tune", type=click.Path(path_type=Path), help="Text that sets the weights of several TEXTS."
)
def build(
    texts: tuple[Path, ...],
    output: Path,
    order: int,
    lang: str,
    space: str,
    prune: str,
    vocabulary: int | None,
    tune: Path | None,
) -> None:
    """Estimate a modified Kneser-Ney model from TEXTS, a sentence a line.

    Of several TEXTS, each becomes a model, and those are mixed with the weights under which the
    text of --tune is most probable.

    \b
    cswitch lm build talks.txt chat.txt --tune dev.txt --order 4 -o hi_en.arpa.gz
    """
    from cswitch import lm

    if tune is not None and len(texts) == 1:
        raise InputError(
            "--tune weighs several texts", remedy="Give more TEXTS, or leave out --tune"
        )
    words = _splitter(lang, space)
    model = lm.build(
        [_sentences(path, words) for path in texts],
        order,
        prune=_counts(prune),
        limit=vocabulary,
        tune=[] if tune is None else list(_sentences(tune, words)),
    )
    with binary_output(output) as path:
        lm.write_arpa(model, path)
    sizes = ", ".join(f"{len(table.logs):,} {n}-grams" for n, table in enumerate(model.tables, 1))
    click.echo(f"{output}: {sizes}", err=True)


@command.command()
@click.argument("text", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--lm", "path", required=True, type=click.Path(path_type=Path), help="ARPA or KenLM binary."
)
@lang_option
@space_option
@output_option
def score(text: Path, path: Path, lang: str, space: str, output: str) -> None:
    """Perplexity of TEXT: of all words, of each language, and where the language switches.

    A TSV table: part, words, words that the model does not know, perplexity (these included).
    """
    from cswitch import lm
    from cswitch.canonical import canonicalizer

    canonical = canonicalizer(lang)
    report = lm.perplexity(
        lm.KenLM(path),
        _sentences(text, _splitter(lang, space)),
        lambda word: canonical.language(canonical(word)),
    )
    if not report.total.words:
        raise InputError("there are no words", path=text, remedy="Give a text with words")
    parts = {"all": report.total, **report.languages, **report.switches}
    with atomic_write(output) as out:
        out.write("part\twords\tunknown\tperplexity\n")
        for name, part in parts.items():
            out.write(_row(name, part))


def _splitter(lang: str, space: str) -> Callable[[str], Sequence[str]]:
    """How a line becomes the words that a language model of a space knows."""
    if space == SURFACE:
        return tokens.split
    from cswitch.canonical import canonicalizer

    return canonicalizer(lang).line


def _row(name: str, part: Perplexity) -> str:
    return f"{name}\t{part.words}\t{part.unknown}\t{part.value:.4f}\n"


def _sentences(path: Path, words: Callable[[str], Sequence[str]]) -> Iterator[Sequence[str]]:
    lines: Iterable[str] = progress(read_lines(path), "lines")
    return (sentence for line in lines if (sentence := words(line)))


def _counts(text: str) -> list[int]:
    try:
        counts = [int(number) for number in text.replace(",", " ").split()]
    except ValueError:
        raise click.BadParameter(f"'{text}' are no counts", param_hint="--prune") from None
    if any(count < 0 for count in counts):
        raise click.BadParameter("counts are not negative", param_hint="--prune")
    return counts
