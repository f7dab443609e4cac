"""Normalization: speed beside peers, random strings, Nisaba's test cases, real words.

DATA is a folder with public evaluation sets; lists of words are roman TAB native, or the reverse.

    python -m benchmarks.normalize speed DATA/mucs-hi-en/references.test.txt [--seconds 10]
    python -m benchmarks.normalize nisaba DATA/nisaba
    python -m benchmarks.normalize words DATA/aksharantar/hin.train.tsv --lang hi-Deva
    python -m benchmarks.normalize fuzz --count 1000000 --lang TAG
    python -m benchmarks.normalize joined LISTS... --lang TAG
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path

import click
import regex

from benchmarks.alone import alone
from cswitch import languages, resources
from cswitch.files import read_lines
from cswitch.normalize import FORMS, normalizer
from cswitch.normalize.letters import letters
from cswitch.normalize.rules import ANY, COLUMNS, NOTHING
from cswitch.resources import read_table

LANG = "hi-Deva"  # of the speed benchmark
FOREIGN = " aZé1,.।’-"
JOINERS = "\u200b\u200c\u200d"


@click.group()
def benchmark() -> None:
    """Measure the normalizers."""


@benchmark.command()
@click.argument("lines", type=click.Path(exists=True, path_type=Path))
@click.option("--count", default=20_000, help="Lines; the file is repeated if it has fewer.")
@click.option("--seconds", default=10.0, help="Stop a pass of a slow peer after this time.")
def speed(lines: Path, count: int, seconds: float) -> None:
    """Hindi lines a second of processor time, each system in a process of its own."""
    print(f"{'':32}  first pass   second pass   peak MB")
    for name in SYSTEMS:
        try:
            (first, second), memory = alone(measure, name, lines, count, seconds)
            print(f"{name:32}{first:12,.0f}  {second:12,.0f}  {memory:8.0f}", flush=True)
        except ImportError as error:
            print(f"{name:32}left out: {error}", flush=True)


def measure(name: str, path: Path, count: int, seconds: float) -> tuple[float, float]:
    """Lines a second, when they are met for the first time and again."""
    lines = list(read_lines(path))
    lines = (lines * (count // len(lines) + 1))[:count]
    rewrite = SYSTEMS[name](lines)
    rates = []
    for _ in range(2):
        done, start = 0, time.process_time()
        for line in lines:
            rewrite(line)
            done += 1
            if done % 100 == 0 and time.process_time() - start > seconds:
                break
        rates.append(done / (time.process_time() - start))
    return rates[0], rates[1]


def _own(form: str) -> Callable[[list[str]], Callable[[str], str]]:
    return lambda lines: getattr(normalizer(LANG), form)


def _indic_nlp_library(lines: list[str]) -> Callable[[str], str]:
    from indicnlp.normalize.indic_normalize import IndicNormalizerFactory

    return IndicNormalizerFactory().get_normalizer("hi").normalize  # type: ignore[no-any-return]


def _indic_transliteration(lines: list[str]) -> Callable[[str], str]:
    from indic_transliteration import sanscript

    return partial(sanscript.transliterate, _from=sanscript.DEVANAGARI, _to=sanscript.ISO)


def _vidyut(lines: list[str]) -> Callable[[str], str]:
    from vidyut.lipi import Scheme, transliterate

    return lambda line: str(transliterate(line, Scheme.Devanagari, Scheme.Iso15919))


def _aksharamukha(lines: list[str]) -> Callable[[str], str]:
    from aksharamukha import transliterate

    return partial(transliterate.process, "Devanagari", "ISO")


def _uroman(lines: list[str]) -> Callable[[str], str]:
    from uroman import Uroman

    return partial(Uroman().romanize_string, lcode="hin")


def _transducer(lines: list[str]) -> Callable[[str], str]:
    """The look-alike rules of the script as Nisaba applies its own: a grammar that pynini runs."""
    import pynini
    from pynini.lib import rewrite

    path = resources.folder("normalizers") / LANG.rpartition("-")[2] / "visual.tsv"
    pairs = [
        (source, "" if to == NOTHING else to)
        for _, source, to, before, after, _ in read_table(path, COLUMNS)
        if before == after == ANY and "{" not in source
    ]
    characters = {*"".join(lines), *"".join(map("".join, pairs))}
    with pynini.default_token_type("utf8"):
        sigma = pynini.union(*map(pynini.escape, characters)).closure().optimize()
        rules = pynini.string_map((pynini.escape(source), to) for source, to in pairs)
        grammar = pynini.cdrewrite(rules, "", "", sigma).optimize()

    def apply(line: str) -> str:
        with pynini.default_token_type("utf8"):
            result: str = rewrite.one_top_rewrite(pynini.escape(line), grammar)
            return result

    return apply


# Each makes a function from a line to a line; what it needs of the lines, it knows beforehand.
SYSTEMS: dict[str, Callable[[list[str]], Callable[[str], str]]] = {
    **{f"cswitch, {form} form": _own(form) for form in FORMS},
    "visual rules as a transducer": _transducer,
    "indic_nlp_library, normalizer": _indic_nlp_library,
    "indic_transliteration, ISO 15919": _indic_transliteration,
    "vidyut, ISO 15919": _vidyut,
    "aksharamukha, ISO 15919": _aksharamukha,
    "uroman": _uroman,
}


@benchmark.command()
@click.option("--count", default=1_000_000, help="Random strings per language.")
@click.option("--lang", multiple=True, help="Only these tags.")
@click.option("--seed", default=0)
def fuzz(count: int, lang: tuple[str, ...], seed: int) -> None:
    """Random strings: no exception, and every form is its own normal form."""
    failures = 0
    for tag in lang or map(str, languages.tags()):
        draw = random.Random(f"{tag} {seed}")
        pieces = _pieces(tag.rpartition("-")[2])
        one = normalizer(tag)
        start = time.perf_counter()
        for _ in range(count):
            text = "".join(draw.choices(pieces, k=draw.randint(1, 8)))
            for form in (one.visual, one.reading):
                once = form(text)
                if form(once) != once:
                    failures += 1
                    print(f"{tag} {form.__name__}: {text!a} {once!a} {form(once)!a}")
        print(f"{tag:9} {count:,} strings, {time.perf_counter() - start:.0f} s", flush=True)
    sys.exit(1 if failures else 0)


def _pieces(script: str) -> list[str]:
    """Every character of a script, its own letters three times, joiners, and foreign text."""
    own = regex.compile(rf"\p{{Script={script}}}")
    every = [chr(code) for code in range(0x41, 0xFFFF) if own.match(chr(code))]
    return [*every, *[letter.text for letter in letters(script)] * 3, *JOINERS, *FOREIGN]


@benchmark.command()
@click.argument("pairs", type=click.Path(exists=True, path_type=Path))
@click.option("--lang", required=True)
def words(pairs: Path, lang: str) -> None:
    """Real words: how many change, are ill-formed, or do not come back from ISO 15919."""
    one = normalizer(lang)
    native = [line.split("\t")[1] for line in read_lines(pairs)]
    visual = [one.visual(word) for word in native]
    changed = sum(map(str.__ne__, native, visual))
    ill_formed = sum(bool(one.wellformed(word)) for word in visual)
    lost = sum(one.native(one.iso(word)) != word for word in visual)
    print(
        f"{lang:9} {len(native):7,} words, visual form differs {changed:,}, "
        f"ill-formed {ill_formed:,}, not back from ISO 15919 {lost:,}"
    )


@benchmark.command()
@click.argument("lists", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--lang", required=True)
@click.option("--sample", default=50, help="Pairs to draw for reading.")
def joined(lists: tuple[Path, ...], lang: str, sample: int) -> None:
    """Pairs of words that the canonical form makes one, for a person to read."""
    one, forms = normalizer(lang), defaultdict(set)
    script = regex.compile(rf"\p{{Script={lang.rpartition('-')[2]}}}")
    cells = {cell for path in lists for line in read_lines(path) for cell in line.split("\t")}
    words = {cell for cell in cells if script.search(cell)}
    for word in words:
        forms[one.canonical(word)].add(word)
    pairs = [pair for same in forms.values() for pair in combinations(sorted(same), 2)]
    print(f"{len(words):,} words, {len(pairs):,} pairs of one canonical form")
    for left, right in random.Random(0).sample(pairs, min(sample, len(pairs))):
        print(left, right)


@benchmark.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
def nisaba(folder: Path) -> None:
    """Nisaba's own test cases, by grammar."""
    for name in ("visual_norm", "nfc", "reading_norm", "iso"):
        cases = [line.split("\t") for line in read_lines(folder / f"{name}.tsv")]
        right = 0
        for rule, text, expected in cases:
            result = _form(name, rule)(text)
            right += result == expected
            if result != expected:
                print(f"{name} {rule} {text!a}: {result!a}, not {expected!a}")
        print(f"{name:13} {right} of {len(cases)}")


def _form(name: str, rule: str) -> Callable[[str], str]:
    """The function that a grammar of Nisaba corresponds to; a rule names a script or a language."""
    code = rule.rpartition("_")[2]
    tags = [
        str(tag)
        for tag in languages.tags()
        if code in (tag.script.upper(), tag.language.upper()) and tag.script != languages.LATIN
    ]
    # Nisaba's script grammars know no language: Bengali stands for its script, Hindi for its own.
    first = {"DEVA": "hi-Deva", "BENG": "bn-Beng", "ARAB": "ur-Arab"}.get(code, tags[0])
    one = normalizer(first)
    if name == "iso":
        return one.iso if rule.startswith("FROM") else one.native
    return one.reading if name == "reading_norm" else one.visual


if __name__ == "__main__":
    benchmark()
