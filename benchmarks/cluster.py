"""What a second worker gains: the same job by one and by two, on a machine with two free cores.

    python -m benchmarks.cluster REFERENCES HYPOTHESES [--lines 5e5] [--systems 10] [--engine ray]

Scores the two files of utterances, repeated to so many lines and taken for so many systems, as
``cswitch score`` does, and says how long it took once everything was loaded: on a Ray cluster of
one and of two processors on this machine, or by processes. A job of a minute or more for one worker
says most; on a machine that is busy the ratio says nothing. The counts have to be the same.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from cswitch.analysis import Tally
from cswitch.cli._jobs import ENGINES, run
from cswitch.files import read_lines
from cswitch.formats import Row
from cswitch.scale.parallel import batched
from cswitch.scoring import block_scorer

WARM = 20  # blocks that are not counted: workers start, and meet the words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("references", type=Path)
    parser.add_argument("hypotheses", type=Path)
    parser.add_argument("--lines", type=float, default=5e5)
    parser.add_argument("--systems", type=int, default=10)
    parser.add_argument("--engine", choices=ENGINES, default="ray")
    options = parser.parse_args()
    pairs = list(zip(read_lines(options.references), read_lines(options.hypotheses), strict=True))
    found = []
    for workers in (1, 2):
        rows = repeated(pairs, int(options.lines), options.systems)
        seconds, tally = scored(rows, workers, options.engine)
        print(f"{workers} worker{'s' * (workers > 1)}: {seconds:7.1f} s", flush=True)
        found.append((seconds, tally))
    assert found[0][1] == found[1][1], "the counts differ"
    print(f"ratio {found[0][0] / found[1][0]:.2f}")


def scored(rows: Iterator[Row], workers: int, engine: str) -> tuple[float, Tally]:
    """Seconds after the first blocks have come back, and the sum of all blocks."""
    if engine == "ray":
        import ray

        ray.init(num_cpus=workers, log_to_driver=False)
    # A cluster has as many workers as it has processors.
    jobs = None if engine == "ray" else workers
    total, start = Tally(), time.perf_counter()
    blocks = run(partial(block_scorer, "hi_en"), batched(rows), jobs, engine)
    for number, parts in enumerate(blocks, start=1):
        for part in parts:
            total += part.tally
        if number == WARM:
            start = time.perf_counter()
    seconds = time.perf_counter() - start
    if engine == "ray":
        ray.shutdown()
    return seconds, total


def repeated(pairs: list[tuple[str, str]], lines: int, systems: int) -> Iterator[Row]:
    numbered = enumerate(islice(cycle(pairs), lines), start=1)
    return (
        Row(str(number), reference, (heard,) * systems) for number, (reference, heard) in numbered
    )


if __name__ == "__main__":
    main()
