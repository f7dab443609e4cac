"""How long the report of 5,000 utterances and three systems takes to write and to open.

    python -m benchmarks.report DATA [--copies 10]

DATA is a folder with ``mucs-hi-en/references.test.txt`` and ``mucs-hi-en/token_pairs.tsv``. Three
systems are made of the references: one writes English words in Devanagari, one replaces words
by others, one does both. Opening is timed in headless Chromium, where there is one.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import jiwer

from cswitch.files import read_lines
from cswitch.report import html
from cswitch.scoring import Scorer

SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Says when the browser of utterances stands: the time since navigation began, in milliseconds.
PROBE = "<script>document.title = 'ready ' + Math.round(performance.now());</script>"


def systems(references: list[str], native: dict[str, str]) -> dict[str, list[str]]:
    """Three systems that differ from the references in known ways."""
    chance = random.Random(1)
    words = sorted({word for line in references for word in line.split()})

    def rendered(line: str) -> str:
        return " ".join(native.get(word, word) for word in line.split())

    def wrong(line: str) -> str:
        return " ".join(
            chance.choice(words) if chance.random() < 0.1 else word for word in line.split()
        )

    return {
        "devanagari": [rendered(line) for line in references],
        "replaced": [wrong(line) for line in references],
        "both": [rendered(wrong(line)) for line in references],
    }


def opened(path: Path) -> float | None:
    """Seconds until Chromium has drawn the page, by the page's own clock."""
    browser = shutil.which("chromium")
    if browser is None:
        return None
    probed = path.with_suffix(".probe.html")
    probed.write_text(path.read_text("utf-8").replace("</body>", PROBE + "</body>"), "utf-8")
    with tempfile.TemporaryDirectory() as profile:
        page = subprocess.run(
            [browser, *SWITCHES, f"--user-data-dir={profile}", "--dump-dom", probed.as_uri()],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    probed.unlink()
    return int(page.partition("<title>ready ")[2].partition("<")[0]) / 1000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--copies", type=int, default=1, help="repeat the references")
    arguments = parser.parse_args()
    folder = arguments.data / "mucs-hi-en"
    references = list(read_lines(folder / "references.test.txt"))
    pairs = (line.split("\t") for line in read_lines(folder / "token_pairs.tsv"))
    native = {english: devanagari for english, devanagari, _ in pairs}
    lines = [line for _ in range(arguments.copies) for line in references]

    scorer = Scorer("hi_en")
    outputs = systems(lines, native)
    for state in ("cold", "warm"):
        start = time.perf_counter()
        scores = [
            scorer.score(map(scorer.utterance, map(str, count(1)), lines, hypotheses), name)
            for name, hypotheses in outputs.items()
        ]
        seconds = time.perf_counter() - start
        print(f"scoring   {seconds:8.2f} s for {3 * len(lines):,} pairs, {state}")
    start = time.perf_counter()
    for hypotheses in outputs.values():
        jiwer.process_words(lines, hypotheses)
    print(f"jiwer     {time.perf_counter() - start:8.2f} s for the same")

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "report.html"
        start = time.perf_counter()
        html.write(scores, path)
        print(f"writing   {time.perf_counter() - start:8.2f} s")
        print(f"size      {path.stat().st_size / 1e6:8.2f} MB")
        drawn = opened(path)
        print("opening   " + ("no Chromium" if drawn is None else f"{drawn:8.2f} s"))


if __name__ == "__main__":
    sys.exit(main())
