"""Perplexity beside KenLM's lmplz: three corpora, several orders and prunings.

    python -m benchmarks.lm DATA LMPLZ

DATA is the folder with ``mucs-hi-en`` and ``code-mixed-dialog``; LMPLZ is the program (it is in
KenLM's sources, not in its Python package). Every tenth line is held out; both models are read and
asked by KenLM, words as they are written.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from cswitch import lm, tokens
from cswitch.files import read_lines

CORPORA = (
    "mucs-hi-en/references.test.txt",
    "code-mixed-dialog/hindi.trn.txt",
    "code-mixed-dialog/tamil.trn.txt",
)
SETTINGS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (2, ()), (3, ()), (4, ()), (5, ()), (6, ()), (3, (0, 1)), (4, (0, 0, 1)),
)  # fmt: skip


def theirs(program: str, text: Path, arpa: Path, order: int, prune: Sequence[int]) -> float:
    """Let lmplz estimate; seconds."""
    options = ["--prune", *map(str, prune)] if prune else []
    begin = time.perf_counter()
    subprocess.run(
        [program, "-o", str(order), "--discount_fallback", "-S", "200M", "-T", str(arpa.parent),
         "--text", str(text), "--arpa", str(arpa), *options],
        check=True, capture_output=True,
    )  # fmt: skip
    return time.perf_counter() - begin


def ours(sentences: Sequence[list[str]], arpa: Path, order: int, prune: Sequence[int]) -> float:
    """Estimate by ourselves; seconds."""
    begin = time.perf_counter()
    lm.write_arpa(lm.build([sentences], order, prune=prune), arpa)
    return time.perf_counter() - begin


def main(data: Path, program: str) -> None:
    print("corpus, order, pruning: perplexity of lmplz and ours, difference; seconds of both")
    for name in CORPORA:
        lines = [tokens.split(line) for line in read_lines(data / name)]
        sentences = [line for number, line in enumerate(lines) if line and number % 10]
        held_out = [line for line in lines[::10] if line]
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            text, first, second = root / "text", root / "theirs.arpa", root / "ours.arpa"
            text.write_text("".join(" ".join(line) + "\n" for line in sentences), "utf-8")
            for order, prune in SETTINGS:
                seconds = (
                    theirs(program, text, first, order, prune),
                    ours(sentences, second, order, prune),
                )
                a, b = (
                    lm.perplexity(lm.KenLM(arpa), held_out).total.value for arpa in (first, second)
                )
                print(
                    f"{name:32} {order} {prune!s:9} {a:9.4f} {b:9.4f} {100 * (b / a - 1):+.5f} %"
                    f"  {seconds[0]:.2f} s {seconds[1]:.2f} s"
                )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
