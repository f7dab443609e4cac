"""How well words are transliterated.

    python -m benchmarks.transliterate DATA

DATA is the folder with the public evaluation data (dakshina-hi, mucs-hi-en, aksharantar). A
loanword is a word of Aksharantar's validation part whose romanization is an English word that
some language of the subcontinent is known to borrow; what is no word of the English dictionary is
native, though some of it is English in another spelling.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

from benchmarks.judge import AKSHARANTAR
from cswitch import lexicon
from cswitch.lid import Labeller
from cswitch.spelling import pairs
from cswitch.spelling.pronunciation import is_english
from cswitch.transliterate.transliterator import Transliterator


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    writer = Transliterator("hi_en")
    latin, native = defaultdict(set), defaultdict(set)
    for word, romanized, _ in pairs.read_pairs(data / "dakshina-hi/dev.tsv"):
        latin[word].add(romanized)
        native[romanized].add(word)
    right = sum(writer.to_latin(word)[0][0] in known for word, known in latin.items())
    print(f"native to Latin, first output attested  {right / len(latin):.1%} of {len(latin)}")
    right = sum(writer.to_native(word)[0][0] in known for word, known in native.items())
    print(f"Latin to native, first output right     {right / len(native):.1%} of {len(native)}")
    print(f"English from Devanagari, MUCS tokens    {english(data, writer):.1%}")
    print("language  loanwords: number, read, written, found   native words taken for loanwords")
    for language, name in AKSHARANTAR.items():
        loanwords(data / f"aksharantar/{name}.valid.tsv", language)


def english(data: Path, writer: Transliterator) -> float:
    right = every = 0
    for line in (data / "mucs-hi-en/token_pairs.tsv").read_text("utf-8").splitlines():
        word, native, count = line.split("\t")
        every += int(count)
        right += int(count) * (writer.to_english(native)[0][0].lower() == word)
    return right / every


def loanwords(path: Path, language: str) -> None:
    """How many English words in native script are read, written and found."""
    writer, labeller = Transliterator(language), Labeller(language)
    attested = {native: latin for native, latin, _ in pairs.read_pairs(path)}
    loans = [
        each for each in attested.items() if len(each[1]) > 3 and each[1] in lexicon.borrowed()
    ]
    native = [word for word, latin in attested.items() if not is_english(latin)]
    shares = (
        sum(writer.to_english(word)[0][0] == english for word, english in loans) / len(loans),
        sum(writer.from_english(english)[0][0] == word for word, english in loans) / len(loans),
        sum(labeller.line(word)[0].language == "en" for word, _ in loans) / len(loans),
        sum(labeller.line(word)[0].language == "en" for word in native) / len(native),
    )
    print(f"{language:8}  {len(loans):4}", *(f"{share:7.1%}" for share in shares))


if __name__ == "__main__":
    main()
