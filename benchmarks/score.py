"""Scoring speed beside jiwer: 20,000 mixed pairs of about 15 words, in one process and one run.

    python -m benchmarks.score DATA

DATA is the folder with ``mucs-hi-en/mixed_vs_devanagari.tsv``. Windows of its running text are
paired with the other rendering; one word in ten is replaced by another word of the corpus.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jiwer

from cswitch import tokens
from cswitch.align import raw_counts
from cswitch.judge import Judge
from cswitch.scoring import Scorer

PAIRS = 20_000
WORDS = 15
WRONG = 0.1


def parallel(path: Path) -> list[tuple[str, str]]:
    """Word pairs of the lines whose two renderings have as many words."""
    words: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        left, right = (tokens.split(side) for side in line.split("\t"))
        if len(left) == len(right):
            words.extend(zip(left, right, strict=True))
    return words


def corpus(words: list[tuple[str, str]], seed: int = 1) -> tuple[list[str], list[str]]:
    """Windows of running text, each in both renderings, with wrong words planted."""
    chance = random.Random(seed)
    references, hypotheses = [], []
    for _ in range(PAIRS):
        start = chance.randrange(len(words) - WORDS)
        window = words[start : start + WORDS]
        heard = [
            chance.choice(words)[1] if chance.random() < WRONG else rendered
            for _, rendered in window
        ]
        references.append(" ".join(reference for reference, _ in window))
        hypotheses.append(" ".join(heard))
    return references, hypotheses


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def raw_only(references: list[str], hypotheses: list[str]) -> None:
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        raw_counts(tokens.split(reference), tokens.split(hypothesis))


def score(judge: Judge, references: list[str], hypotheses: list[str]) -> None:
    scorer = Scorer(judge)
    scorer.score(
        scorer.utterance("", reference, hypothesis)
        for reference, hypothesis in zip(references, hypotheses, strict=True)
    )


def main(data: str) -> None:
    references, hypotheses = corpus(parallel(Path(data) / "mucs-hi-en/mixed_vs_devanagari.tsv"))
    judge = Judge("hi_en")
    peer = min(timed(lambda: jiwer.process_words(references, hypotheses)) for _ in range(3))
    scorer = Scorer(judge)
    rows = {
        "jiwer.process_words": peer,
        "cswitch, raw only": min(timed(lambda: raw_only(references, hypotheses)) for _ in range(3)),
        "cswitch, first run": timed(lambda: _with(scorer, references, hypotheses)),
        "cswitch, warm": min(timed(lambda: _with(scorer, references, hypotheses)) for _ in range(3)),
    }
    print(f"{'':24}utterances/s   times jiwer")
    for name, seconds in rows.items():
        print(f"{name:24}{PAIRS / seconds:12,.0f}   {peer / seconds:11.2f}")


def _with(scorer: Scorer, references: list[str], hypotheses: list[str]) -> None:
    scorer.score(
        scorer.utterance("", reference, hypothesis)
        for reference, hypothesis in zip(references, hypotheses, strict=True)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
