"""How well and how fast the tokens of romanized Hindi–English text get their language.

    python -m benchmarks.lid DATA
    python -m benchmarks.lid DATA --transitions

The second command prints how the language changes from token to token, estimated from dialogues
without labels (Baum–Welch); these are the numbers in `cswitch.lid`. DATA is the folder with the
public evaluation data (l3cube-hinglid, which is only measured on, and code-mixed-dialog). The peer,
for speed alone, is langid.py: it has no model of romanized languages.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cswitch import languages, lexicon, tokens
from cswitch.frequency import frequencies
from cswitch.lid import Labeller
from cswitch.lid.vocabulary import Vocabulary
from cswitch.spelling import pairs

Sentence = list[tuple[str, str]]  # words and their labels, HI or EN
FREQUENT = -10.0  # natural-log probability of a word that is not rare
PEER_TOKENS = 3000
ITERATIONS = 8
STATES = 3
FLAT = np.array([0.7, 0.2, 0.1])  # where the estimation begins: most words are of the matrix


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--disagreements", type=Path, help="Write them here, with their lines.")
    parser.add_argument("--transitions", action="store_true", help="Estimate them, and no more.")
    arguments = parser.parse_args()
    if arguments.transitions:
        transitions(arguments.data / "code-mixed-dialog")
        return
    text = [*sentences(arguments.data / "l3cube-hinglid/validation.txt")]
    labeller, start = Labeller("hi_en"), time.process_time()
    found = [labelled(labeller, sentence) for sentence in text]
    new = time.process_time() - start
    count = sum(map(len, text))
    accuracy(text, found)
    if arguments.disagreements:
        arguments.disagreements.write_text("\n".join(disagreements(text, found)), "utf-8")
    start = time.process_time()
    for sentence in text:
        labelled(labeller, sentence)
    again = time.process_time() - start
    print(f"\ntokens/s: first time {count / new:,.0f}, again {count / again:,.0f}{peer(text)}")


def sentences(path: Path) -> Iterator[Sentence]:
    for block in path.read_text("utf-8").split("\n\n"):
        rows = (line.split("\t") for line in block.split("\n"))
        kept = [(row[0], row[1]) for row in rows if len(row) == 2 and row[0].strip()]
        if kept:
            yield kept


def labelled(labeller: Labeller, sentence: Sentence) -> list[str]:
    """Labels of the set; what has no language (figures) counts as English there."""
    labels = labeller.line(" ".join(word for word, _ in sentence))
    return ["HI" if label.language == "hi" else "EN" for label in labels]


def accuracy(text: list[Sentence], found: list[list[str]]) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    kind_of = kinds()
    for sentence, labels in zip(text, found, strict=True):
        for (word, gold), label in zip(sentence, labels, strict=True):
            counts[gold, label] += 1
            kind = kind_of(word)
            every[kind] += 1
            right[kind] += gold == label
    print(f"accuracy {right.total() / every.total():.2%} of {every.total():,} tokens")
    for label in ("HI", "EN"):
        hit = counts[label, label]
        given = sum(n for (_, other), n in counts.items() if other == label)
        there = sum(n for (gold, _), n in counts.items() if gold == label)
        print(f"{label}: precision {hit / given:.2%}, recall {hit / there:.2%}")
    print(f"\n{'tokens that are':44} {'tokens':>8} {'accuracy':>8} {'of errors':>9}")
    errors = every.total() - right.total()
    for kind, n in every.most_common():
        share = (n - right[kind]) / errors
        print(f"{kind:44} {n:8,} {right[kind] / n:8.1%} {share:9.1%}")


def kinds():
    """A function from a word to what kind of word it is; it knows nothing of the set."""
    known = lexicon.load(languages.resolve("hi_en").name)
    hindi, english = frequencies("hi-Latn"), frequencies("en-Latn")

    def kind(word: str) -> str:
        letters = pairs.latin_letters(word)
        if word.isdecimal():
            return "figures"
        if letters != word:
            return "letters with figures"
        if len(word) == 1:
            return "one letter"
        if known.is_name(known.fold(word)):
            return "names of the lexicon"
        if not set(word) & set("aeiouy"):
            return "without vowels"
        both = (hindi.get(word, -99.0) > FREQUENT, english.get(word, -99.0) > FREQUENT)
        return {
            (True, True): "frequent in both languages",
            (True, False): "frequent in Hindi",
            (False, True): "frequent in English",
            (False, False): "rare or unknown",
        }[both]

    return kind


def disagreements(text: list[Sentence], found: list[list[str]]) -> Iterator[str]:
    for sentence, labels in zip(text, found, strict=True):
        for place, ((_, gold), label) in enumerate(zip(sentence, labels, strict=True)):
            if gold != label:
                words = [f">>{w}<<" if k == place else w for k, (w, _) in enumerate(sentence)]
                yield f"{gold}\t{label}\t{' '.join(words[max(0, place - 6) : place + 7])}"


def transitions(folder: Path) -> None:
    words = Vocabulary(languages.resolve("hi_en"))
    lines = (
        [words.likelihoods(word) for word in tokens.split(line)]
        for part in ("trn", "dev")
        for line in (folder / f"hindi.{part}.txt").read_text("utf-8").splitlines()
    )
    seen = [np.array(line) / np.max(line, axis=1, keepdims=True) for line in lines if line]
    start, following = FLAT, 0.5 * np.tile(FLAT, (STATES, 1)) + 0.5 * np.eye(STATES)
    for _ in range(ITERATIONS):
        first, both = np.zeros(STATES), np.zeros((STATES, STATES))
        for line in seen:
            opening, pairs_of_states = expected(line, start, following)
            first += opening
            both += pairs_of_states
        start, following = first / first.sum(), both / both.sum(axis=1, keepdims=True)
    print("start", start.round(2), "next", following.round(2).tolist())


def expected(line, start, following):
    """How often each state begins a line, and follows each other, given its likelihoods."""
    forward = [start * line[0]]
    for likelihoods in line[1:]:
        reached = forward[-1] @ following * likelihoods
        forward.append(reached / reached.sum())
    behind, both = np.ones(STATES), np.zeros((STATES, STATES))
    for before, likelihoods in zip(forward[-2::-1], line[:0:-1], strict=True):
        joint = before[:, None] * following * (likelihoods * behind)
        both += joint / joint.sum()
        behind = following @ (likelihoods * behind)
        behind /= behind.sum()
    opening = forward[0] * behind
    return opening / opening.sum(), both


def peer(text: list[Sentence]) -> str:
    try:
        import langid
    except ImportError:
        return " (langid.py is not installed)"
    words = [word for sentence in text for word, _ in sentence][:PEER_TOKENS]
    langid.set_languages(["en", "hi"])
    langid.classify("load")
    start = time.process_time()
    for word in words:
        langid.classify(word)
    return f", langid.py {len(words) / (time.process_time() - start):,.0f}"


if __name__ == "__main__":
    main()
