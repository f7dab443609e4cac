"""``cswitch lexicon``: make and convert models of spellings, keep a list of one's own decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import click

from cswitch import decisions, languages, tokens
from cswitch.errors import InputError
from cswitch.files import STDIO, binary_output
from cswitch.languages import LATIN, Tag
from cswitch.spelling import pairs
from cswitch.transliterate import abjad

_Counted = tuple[str, str, int]


@click.group()
def command() -> None:
    """Train or convert models of spellings; accept or reject renderings yourself."""


@command.command()
@click.argument("files", metavar="PAIRS...", nargs=-1, required=True)
@click.option("--lang", required=True, help="The native language, such as bn or bn-Beng.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(),
    help="The model to write; - for a pipe.",
)
@click.option(
    "--via",
    metavar="LANG",
    help="Native words are of this language: learn from the words of --lang that sound like them.",
)
@click.option(
    "--sounds",
    is_flag=True,
    help="Learn from the English words in the pairs how their sounds are written.",
)
@click.option(
    "--order", default=5, show_default=True, type=click.IntRange(1, 6), help="The longest n-gram."
)
@click.option(
    "--plain",
    is_flag=True,
    help="Calibrate by fit alone, not by how usual words are: safer for noisy pairs.",
)
@click.option(
    "--mined",
    metavar="PAIRS",
    multiple=True,
    help="Pairs that nobody wrote as such: to learn from, not to calibrate with.",
)
@click.option(
    "--people",
    nargs=2,
    multiple=True,
    metavar="MODEL PAIRS",
    help="Calibrate with pairs that people wrote in another language, too, and with its model: "
    "mined pairs are more regular.",
)
@click.option("--source", default="not stated", help="Where the pairs come from.")
@click.option("--licence", default="not stated", help="The licence of the model.")
def train(
    files: tuple[str, ...],
    lang: str,
    output: str,
    via: str | None,
    sounds: bool,
    plain: bool,
    order: int,
    mined: tuple[str, ...],
    people: tuple[tuple[str, str], ...],
    source: str,
    licence: str,
) -> None:
    """Estimate a model of spellings from PAIRS and write it.

    Lines are LATIN TAB NATIVE [TAB COUNT], in either order; lexicon tables will do. It takes
    about 20 seconds for 100,000 pairs, and a tenth of the words is kept for calibration.
    """
    from cswitch.spelling import fitting

    tag = languages.resolve(lang).native
    if tag.script == LATIN:
        raise InputError(f"{lang} has no native script", remedy="Name a language such as bn")
    prepare = fitting.sounded if sounds else fitting.lettered

    def prepared(paths: Iterable[str]) -> Iterable[_Counted]:
        counted: Iterable[_Counted] = chain.from_iterable(map(pairs.read_pairs, paths))
        if via is not None:
            counted = abjad.abjad(str(tag)).heard(counted, languages.resolve_tag(via), spell=sounds)
        return prepare(_of_script(counted, tag))

    title = f"{tag} {'sounds' if sounds else 'letters'}"
    features = pairs.PLAIN_FEATURES if sounds or plain else pairs.FEATURES
    others = [(pairs.load(path), fitting.lettered(pairs.read_pairs(file))) for path, file in people]
    model = fitting.fit(
        prepared(files), title, source, licence, order, features, prepared(mined), others
    )
    with binary_output(output) as path:
        pairs.save(model.header, model.payload, path)
        _written(output, path, f"{len(model.units())} units")


@command.command()
@click.option("--lang", required=True, help="The native language, such as hi or hi-Deva.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(),
    help="The OpenFst file to write; - for a pipe.",
)
def fst(lang: str, output: str) -> None:
    """Write the model of spellings of a language as an OpenFst transducer.

    It reads native letters (each one code point, without joiners) and writes Latin ones; labels
    are code points, weights natural-log costs. Recognizers and lattices made of transducers
    compose with it. It has the licence of the model.
    """
    from cswitch.spelling import transducer

    romanizer = transducer.romanizer(lang)
    with binary_output(output) as path:
        transducer.write(romanizer, path)
        _written(output, path, f"{romanizer.num_states()} states")


@command.command()
@click.argument("files", metavar="PAIRS...", nargs=-1, required=True)
@click.option("--lang", required=True, help="The native language, such as hi.")
@click.option("--source", default="not stated", help="Where the pairs and frequencies come from.")
@click.option("--licence", default="not stated", help="The licence of the list.")
@click.option(
    "-o", "--output", required=True, type=click.Path(), help="The list to write; - for a pipe."
)
def frequencies(files: tuple[str, ...], lang: str, source: str, licence: str, output: str) -> None:
    """Estimate how frequent romanized words are, from PAIRS and the native frequencies.

    Lines are as in `train`. The list is what `cswitch lid` knows romanized words by.
    """
    from cswitch.lid import romanized

    counted = chain.from_iterable(map(pairs.read_pairs, files))
    found = romanized.estimate(languages.resolve(lang), counted)
    about = f"Romanized words and their frequency in decibels, from {source}."
    with binary_output(output) as path:
        romanized.write(found, path, f"{licence}. {about}")
        _written(output, path, f"{len(found)} words")


@command.command()
@click.argument("files", metavar="PAIRS...", nargs=-1)
@click.option("--lang", required=True, help="The tag of the words, such as hi-Deva or hi-Latn.")
@click.option(
    "--order", default=6, show_default=True, type=click.IntRange(1, 8), help="The longest n-gram."
)
@click.option("--source", default="not stated", help="Where the words come from.")
@click.option("--licence", default="not stated", help="The licence of the model.")
@click.option(
    "-o", "--output", required=True, type=click.Path(), help="The model to write; - for a pipe."
)
def words(
    files: tuple[str, ...], lang: str, order: int, source: str, licence: str, output: str
) -> None:
    """Estimate which words are likely by their letters, so that transliteration prefers them.

    Native words are those that the language lists and those of PAIRS (as in `train`), each once;
    Latin words those of PAIRS, as often as they were attested, or else those that the language
    lists as frequent. Of English it tells `cswitch lid` what is spelled like it.
    """
    from cswitch.frequency import forms, frequencies
    from cswitch.spelling import fitting

    tag = languages.resolve_tag(lang)
    every: Iterable[_Counted] = chain.from_iterable(map(pairs.read_pairs, files))
    if files and tag.script == LATIN:
        counted = [(pairs.latin_letters(latin), count) for _, latin, count in every]
    elif tag.script == LATIN:
        counted = [(letters, 1) for letters in set(map(pairs.latin_letters, frequencies(str(tag))))]
    else:
        every = _of_script(every, tag)
        known = chain(frequencies(str(tag)), forms(str(tag)), (native for native, _, _ in every))
        counted = [(letters, 1) for letters in set(map(pairs.native_letters, known))]
    model = fitting.fit_words(counted, f"{tag} words", source, licence, order)
    with binary_output(output) as path:
        pairs.save(model.header, model.payload, path)
        _written(output, path, f"{len(model.units())} units")


def _of_script(counted: Iterable[_Counted], tag: Tag) -> Iterator[_Counted]:
    """The pairs, if most of their native words are in the script of a tag."""
    scripts: Counter[str | None] = Counter()
    for native, latin, count in counted:
        scripts[tokens.script(native)] += 1
        yield native, latin, count
    if scripts[tag.script] < scripts.total() / 2:
        ((most, _),) = scripts.most_common(1)
        raise InputError(
            f"most native words are in {most}, not in {tag.script}", remedy="Check PAIRS and --lang"
        )


def _written(output: str, path: Path, what: str) -> None:
    click.echo(f"{output}: {what}, {path.stat().st_size // 1024} KiB", err=output == STDIO)


@command.command()
@click.argument("file", type=click.Path())
@click.argument("reference")
@click.argument("hypothesis")
@click.option("--reject", is_flag=True, help="The two are different words; without it, renderings.")
def add(file: str, reference: str, hypothesis: str, reject: bool) -> None:
    """Add a decision about two texts to your list FILE; it wins over everything else.

    Give the list to the other commands with --user FILE. What stood there about the same two
    texts is replaced.
    """
    one, other = (" ".join(text.split()) for text in (reference, hypothesis))
    if not one or not other:
        raise InputError("an empty text", remedy="Give two texts, each in quotation marks")
    before = decisions.read(file) if Path(file).exists() else ()
    kept = [decision for decision in before if {*decision[1:]} != {one, other}]
    verdict = decisions.REJECT if reject else decisions.ACCEPT
    decisions.write([*kept, (verdict, one, other)], file)
