"""Raw errors beside those of sclite, jiwer, meeteval and kaldialign on the same texts.

    python benchmarks/parity.py DATA

DATA is a folder with ``mucs-hi-en`` and ``whisper-small-fleurs-hi``. Words are handed to sclite as
numbers, for it reads braces, parentheses and case in its own way. sclite weighs a substitution 4
and the others 3, so its total may exceed the Levenshtein distance that the others count.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import tempfile
from pathlib import Path

import jiwer
import kaldialign
from meeteval.wer import combine_error_rates, siso_word_error_rate

from cswitch import tokens
from cswitch.files import read_lines
from cswitch.measures import word_errors

SCLITE = Path("/usr/lib/sctk/bin/sclite")


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


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    for name, (references, hypotheses) in corpora(parser.parse_args().data).items():
        ours = word_errors(references, hypotheses)
        pairs = list(zip(references, hypotheses, strict=True))
        split = [(tokens.split(left), tokens.split(right)) for left, right in pairs]
        rates = combine_error_rates([siso_word_error_rate(*pair) for pair in pairs])
        print(name)
        print(f"  cswitch     {ours.errors:>7,} errors, WER {ours.wer:.10f}")
        print(f"  sclite      {sclite_errors(references, hypotheses):>7,} errors")
        print(f"  jiwer                       WER {jiwer.wer(references, hypotheses):.10f}")
        print(f"  meeteval    {rates.errors:>7,} errors, WER {rates.error_rate:.10f}")
        total = sum(kaldialign.edit_distance(left, right)["total"] for left, right in split)
        print(f"  kaldialign  {total:>7,} errors, WER {total / ours.reference_words:.10f}")


if __name__ == "__main__":
    main()
