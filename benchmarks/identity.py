"""A digest of all that scoring says of one corpus, to compare before and after a change.

    python -m benchmarks.identity DATA

A change that is to make scoring faster, and nothing else, leaves the digests as they are. DATA is
the folder with ``mucs-hi-en/mixed_vs_devanagari.tsv``: both renderings of the corpus, each as the
reference of the other, and the running text with one word in ten and four in ten replaced.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.score import parallel, spoil
from cswitch.scoring import Scorer

WINDOWS = 1000
WORDS = 30


def digest(scorer: Scorer, pairs: Iterable[tuple[str, str]]) -> str:
    """The hash of every utterance with its counts, edits, verdicts and evidence."""
    said = hashlib.sha256()
    for number, (reference, hypothesis) in enumerate(pairs):
        said.update(repr(scorer.utterance(str(number), reference, hypothesis)).encode())
    return said.hexdigest()[:16]


def main(data: str) -> None:
    path = Path(data) / "mucs-hi-en/mixed_vs_devanagari.tsv"
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    words = parallel(path)
    scorer = Scorer("hi_en")
    print("mixed, Devanagari   ", digest(scorer, ((mixed, native) for mixed, native in lines)))
    print("Devanagari, mixed   ", digest(scorer, ((native, mixed) for mixed, native in lines)))
    for wrong in (0.1, 0.4):
        chance = random.Random(1)
        windows = (spoil(words, WORDS, chance, wrong) for _ in range(WINDOWS))
        print(f"{wrong:.0%} of words replaced", digest(scorer, windows))
    print(scorer.judge.signature)


if __name__ == "__main__":
    main(*sys.argv[1:])
