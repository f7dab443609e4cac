"""Raw errors beside those of sclite, jiwer, meeteval and kaldialign on the same texts.

    python -m benchmarks.parity DATA

DATA is a folder with ``mucs-hi-en`` and ``whisper-small-fleurs-hi``. Words are handed to sclite as
numbers, for it reads braces, parentheses and case in its own way. sclite weighs a substitution 4
and the others 3, so its total may exceed the Levenshtein distance that the others count.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from cswitch import tokens
from cswitch.files import read_lines
from cswitch.measures import word_errors

SCLITE = shutil.which("sclite") or "/usr/lib/sctk/bin/sclite"  # where Debian has it

Rate = tuple[int | None, float | None]
"""Errors and error rate, as far as a system says them."""


def corpora(data: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Pairs of references and hypotheses by name."""
    found = {}
    for name in ("mucs-hi-en/mixed_vs_devanagari.tsv", "whisper-small-fleurs-hi/ref_hyp.tsv"):
        rows = [line.split("\t") for line in read_lines(data / name)]
        found[name] = [row[0] for row in rows], [row[1] for row in rows]
    references = list(read_lines(data / "mucs-hi-en" / "references.test.txt"))
    chance = random.Random(1)
    words = sorted({word for line in references for word in tokens.split(line)})

    def spoil(line: str) -> str:
        heard: list[str] = []
        for word in tokens.split(line):
            draw = chance.random()
            heard += [word] if draw > 0.2 else [chance.choice(words)] if draw > 0.1 else []
            heard += [chance.choice(words)] if draw < 0.05 else []
        return " ".join(heard)

    found["mucs-hi-en/references.test.txt, spoiled"] = references, list(map(spoil, references))
    return found


def sclite_errors(references: list[str], hypotheses: list[str]) -> int:
    """The total of sclite."""
    numbers: dict[str, int] = {}

    def trn(path: Path, lines: list[str]) -> Path:
        with path.open("w") as out:
            for place, line in enumerate(lines):
                ids = (numbers.setdefault(word, len(numbers)) for word in tokens.split(line))
                out.write(" ".join(f"w{each}" for each in ids) + f" (spk_{place:06d})\n")
        return path

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        left, right = trn(folder / "ref.trn", references), trn(folder / "hyp.trn", hypotheses)
        command = [SCLITE, "-r", left, "trn", "-h", right, "trn", "-i", "spu_id"]
        command += ["-o", "rsum", "stdout"]
        report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    totals = re.search(r"\|\s*Sum\s*\|\s*\d+\s+\d+\s*\|\s*\d+\s+\d+\s+\d+\s+\d+\s+(\d+)", report)
    if totals is None:
        raise RuntimeError(f"cannot read sclite's report:\n{report}")
    return int(totals[1])


def cswitch(references: list[str], hypotheses: list[str]) -> Rate:
    ours = word_errors(references, hypotheses)
    return ours.errors, ours.wer


def sclite(references: list[str], hypotheses: list[str]) -> Rate:
    return sclite_errors(references, hypotheses), None


def jiwer(references: list[str], hypotheses: list[str]) -> Rate:
    from jiwer import wer

    return None, wer(references, hypotheses)


def meeteval(references: list[str], hypotheses: list[str]) -> Rate:
    from meeteval.wer import combine_error_rates, siso_word_error_rate

    pairs = zip(references, hypotheses, strict=True)
    rates = combine_error_rates([siso_word_error_rate(*pair) for pair in pairs])
    return rates.errors, rates.error_rate


def kaldialign(references: list[str], hypotheses: list[str]) -> Rate:
    from kaldialign import edit_distance

    split = [list(map(tokens.split, side)) for side in (references, hypotheses)]
    errors = sum(edit_distance(*pair)["total"] for pair in zip(*split, strict=True))
    return errors, errors / sum(map(len, split[0]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    for name, sides in corpora(parser.parse_args().data).items():
        print(name)
        for system in (cswitch, sclite, jiwer, meeteval, kaldialign):
            try:
                errors, rate = system(*sides)
            except (ImportError, FileNotFoundError):
                print(f"  {system.__name__:11} left out: it is not installed")
                continue
            count = "" if errors is None else f"{errors:>7,} errors"
            print(
                f"  {system.__name__:11} {count:14}", "" if rate is None else f"  WER {rate:.10f}"
            )


if __name__ == "__main__":
    main()
