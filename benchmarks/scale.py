"""Growth: time and peak memory of scoring by utterances, by their length, and by systems.

    python -m benchmarks.scale DATA [--largest 1e7]

DATA is the folder with ``mucs-hi-en/mixed_vs_devanagari.tsv``. Each line of the first table is a
process of its own that scores two files as ``cswitch score`` does; the seconds, of processor time,
are those after everything is loaded and a thousand utterances are scored. The exponent is the slope
of log time against log size from the line before.
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.score import parallel, spoil

_ONE = "import sys; from benchmarks.scale import one; one(*sys.argv[1:])"
DISTINCT = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--largest", type=float, default=100_000, help="most utterances")
    options = parser.parse_args()
    words = parallel(options.data / "mucs-hi-en/mixed_vs_devanagari.tsv")
    most = int(options.largest)
    print("  utterances  words  systems   seconds  exponent     MB")
    sizes = [10**power for power in range(3, 9) if 10**power <= most]
    table([(size, 15, 1) for size in sizes], words, varied=0)
    table([(most // (10 * length), length, 1) for length in (5, 50, 500)], words, varied=1)
    table([(most // 100, 15, systems) for systems in (1, 10, 50)], words, varied=2)
    long(words)


def table(sizes: list[tuple[int, int, int]], words: list[tuple[str, str]], varied: int) -> None:
    """One line for each size: utterances, words of an utterance, systems."""
    before: tuple[float, float] | None = None
    for size in sizes:
        seconds, memory = measured(size, words)
        amount = math.prod(size)
        slope = ""
        if before is not None and varied == 0:
            slope = f"{math.log(seconds / before[1]) / math.log(amount / before[0]):.2f}"
        print(
            f"{size[0]:12,} {size[1]:6} {size[2]:8} {seconds:9.2f} {slope:>9} {memory:6.0f}",
            flush=True,
        )
        before = amount, seconds


def measured(size: tuple[int, int, int], words: list[tuple[str, str]]) -> tuple[float, float]:
    utterances, length, systems = size
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chance = random.Random(1)
        texts = [spoil(words, length, chance) for _ in range(min(utterances, DISTINCT))]
        for side, path in enumerate((folder / "ref", folder / "hyp")):
            with path.open("w", encoding="utf-8") as out:
                rows = itertools.islice(itertools.cycle(texts), utterances)
                out.writelines(f"{row[side]}\n" for row in rows)
        found = subprocess.run(
            [sys.executable, "-c", _ONE, str(folder), str(systems)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
    return float(found[0]), float(found[1])


def one(folder: str, systems: str) -> None:
    """Score the files of a folder and print seconds and peak memory in megabytes."""
    import resource

    from cswitch import formats
    from cswitch.scale.parallel import batched
    from cswitch.scoring import Part, block_scorer

    work = block_scorer("hi_en")
    paths = [Path(folder) / "hyp"] * int(systems)

    def score(limit: int | None) -> float:
        corpus = formats.load(Path(folder) / "ref", paths, format="plain")
        sums = [Part() for _ in paths]
        start = time.process_time()
        for parts in map(work, batched(itertools.islice(corpus, limit))):
            for total, part in zip(sums, parts, strict=True):
                total += part
        return time.process_time() - start

    score(DISTINCT)
    print(score(None), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def long(words: list[tuple[str, str]]) -> None:
    """Utterances of 5,000 words, one word in ten or in five replaced."""
    from cswitch.scoring import Scorer

    for wrong in (0.1, 0.2):
        scorer = Scorer("hi_en")
        scorer.utterance("", *spoil(words, 5_000, random.Random(2), wrong))
        reference, hypothesis = spoil(words, 5_000, random.Random(3), wrong)
        for run in ("first", "again"):
            start = time.process_time()
            errors = scorer.utterance("", reference, hypothesis).corrected.errors
            seconds = time.process_time() - start
            print(f"5,000 words, {errors:5} modeling errors, {run}: {seconds:.2f} s")


if __name__ == "__main__":
    main()
