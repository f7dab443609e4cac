"""How well words are transliterated.

    python -m benchmarks.transliterate DATA

DATA is the folder with the public evaluation data (dakshina-hi, mucs-hi-en).
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

from cswitch import pairs
from cswitch.transliterate import Transliterator


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


def english(data: Path, writer: Transliterator) -> float:
    right = every = 0
    for line in (data / "mucs-hi-en/token_pairs.tsv").read_text("utf-8").splitlines():
        word, native, count = line.split("\t")
        every += int(count)
        right += int(count) * (writer.to_english(native)[0][0].lower() == word)
    return right / every


if __name__ == "__main__":
    main()
