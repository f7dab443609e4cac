"""How well the judge tells renderings from different words, beside two simple peers.

    python benchmarks/judge.py DATA [--lang hi,bn,…] [--mucs] [--speed]

DATA is the folder with the public evaluation data (dakshina-hi, aksharantar, mucs-hi-en). The
peers are the edit distance to uroman's romanization and the equality of consonant skeletons.

For each language, the positives are attested pairs that no model was estimated from. A random
negative is a native word with a random other romanization; a hard negative is a native word with
an attested romanization of another word that is one letter away from its own.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from cswitch import languages, resources
from cswitch.judge import Judge
from cswitch.scoring import Scorer
from cswitch.spelling import pairs
from cswitch.spelling.fitting import negatives
from cswitch.spelling.pronunciation import pronunciations
from cswitch.spelling.skeleton import skeleton
from cswitch.tokens import script_of

AKSHARANTAR = {
    "as": "asm", "bn": "ben", "gu": "guj", "hi": "hin", "kn": "kan", "ml": "mal", "mr": "mar",
    "or": "ori", "pa": "pan", "ta": "tam", "te": "tel",
}  # fmt: skip
# No public set has Urdu: words of our own that stand in no list.
OWN = resources.folder("lexicons").parent / "tests/golden/romanizations"
ISO_639_3 = {**AKSHARANTAR, "ur": "urd"}

ENDINGS = ("s", "es", "ed", "d", "ing")

CROSSINGS = 5  # ways to pair known words anew, to measure speed

Words = tuple[str, str]
Score = Callable[[str, str], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--lang", default=",".join(ISO_639_3))
    parser.add_argument("--mucs", action="store_true")
    parser.add_argument("--speed", action="store_true")
    arguments = parser.parse_args()
    if arguments.mucs:
        mucs(arguments.data)
    elif arguments.speed:
        speed(arguments.data)
    else:
        print("                    random   hard  |  as judged:            |")
        print("language  system    @0.1%     @5%  |  recall  random   hard  |   ECE")
        for language in arguments.lang.split(","):
            discriminate(arguments.data, language)


def discriminate(data: Path, language: str) -> None:
    matches, known = development(data, language)
    near, far = negatives(matches, known)
    judge = Judge(language)
    systems: dict[str, Score] = {
        "judge": lambda native, latin: judge.judge(native, latin).probability,
        "uroman": uroman_score(language),
        "skeleton": lambda native, latin: float(skeleton(native) == skeleton(latin)),
    }
    for name, score in systems.items():
        chance = random.Random(0)  # ties are broken by chance, for all alike
        groups = [
            [(score(*pair), chance.random()) for pair in group] for group in (matches, far, near)
        ]
        at_random, at_hard = recall_at(*groups[:2], 0.001), recall_at(groups[0], groups[2], 0.05)
        judged = ""
        if name == "judge":
            accepted = [share(group, judge.threshold) for group in groups]
            judged = (
                f"  |  {accepted[0]:6.3f}  {accepted[1]:6.4f}  {accepted[2]:5.3f}"
                f"  |  {calibration_error(groups):.3f}"
            )
        print(f"{language:8}  {name:8}  {at_random:5.3f}   {at_hard:5.3f}{judged}", flush=True)


def development(data: Path, language: str) -> tuple[list[Words], list[Words]]:
    """Development pairs of a language, and all pairs that are known for its words."""
    if language == "hi":
        return read(data / "dakshina-hi/dev.tsv"), read(data / "dakshina-hi/train.tsv")
    if language not in AKSHARANTAR:
        tag = str(languages.resolve(language).native)
        listed = resources.folder("lexicons") / tag / "romanizations.tsv"
        return read(OWN / f"{tag}.tsv"), read(listed)
    stem = data / "aksharantar" / AKSHARANTAR[language]
    valid, train = read(stem.with_suffix(".valid.tsv")), read(stem.with_suffix(".train.tsv"))
    return valid, train


def read(path: Path) -> list[Words]:
    return [(native, latin) for native, latin, _ in pairs.read_pairs(path)]


def uroman_score(language: str) -> Score:
    import uroman

    romanizer = uroman.Uroman()
    known: dict[str, str] = {}

    def score(native: str, latin: str) -> float:
        if native not in known:
            known[native] = romanizer.romanize_string(native, lcode=ISO_639_3[language]).lower()
        return -Levenshtein.normalized_distance(known[native], latin)

    return score


def recall_at(
    matches: Sequence[tuple[float, float]], wrong: Sequence[tuple[float, float]], accepted: float
) -> float:
    """The share of matches above the score that so many of the wrong pairs reach."""
    limit = sorted(wrong, reverse=True)[int(accepted * len(wrong))]
    return sum(score > limit for score in matches) / len(matches)


def share(group: Sequence[tuple[float, float]], threshold: float) -> float:
    return sum(score >= threshold for score, _ in group) / len(group)


def calibration_error(groups: Sequence[Sequence[tuple[float, float]]], bins: int = 10) -> float:
    """Expected calibration error over matches, random and hard negatives."""
    labelled = [(score, index == 0) for index, group in enumerate(groups) for score, _ in group]
    binned: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for score, match in labelled:
        binned[min(bins - 1, int(score * bins))].append((score, match))
    return sum(
        abs(statistics.fmean(s for s, _ in one) - statistics.fmean(m for _, m in one)) * len(one)
        for one in binned.values()
    ) / len(labelled)


def mucs(data: Path) -> None:
    """Corrected error rate of two renderings of the same speech, and with planted errors."""
    lines = (data / "mucs-hi-en/mixed_vs_devanagari.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    scorer = Scorer("hi_en")
    score = scorer.score(scorer.utterance(str(k), *row) for k, row in enumerate(rows))
    print(f"raw WER {score.raw.wer:.2%}, corrected WER {score.corrected.wer:.2%}")
    print("forgiven", dict(score.forgiven))
    chance = random.Random(3)
    vocabulary = [word for _, hypothesis in rows for word in hypothesis.split()]
    planted = caught = 0
    for reference, hypothesis in rows:
        words = hypothesis.split()
        wrong = {k for k in range(len(words)) if chance.random() < 0.1}
        replaced = {k: chance.choice(vocabulary) for k in wrong}
        replaced = {k: word for k, word in replaced.items() if word != words[k]}
        changed = " ".join(replaced.get(k, word) for k, word in enumerate(words))
        edits = scorer.utterance("", reference, changed).edits
        errors = [edit for edit in edits if edit.operation != "rendering"]
        modeling = {k for edit in errors for k in range(*edit.hypothesis)}
        planted += len(replaced)
        caught += len(modeling & replaced.keys())
    print(f"planted wrong words {planted}, still modeling errors {caught / planted:.2%}")
    remainder(scorer, rows)


def remainder(scorer: Scorer, rows: Sequence[Sequence[str]]) -> None:
    """What is left of the errors between two renderings, by cause, with examples."""
    judge = Judge("hi_en")
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for reference, hypothesis in rows:
        for edit, one, other in scorer.utterance("", reference, hypothesis).edited():
            if edit.operation != "rendering":
                found[cause(judge, one, other)][f"{one or '∅'}/{other or '∅'}"] += 1
    for name, pairs_ in sorted(found.items(), key=lambda each: -each[1].total()):
        examples = ", ".join(pair for pair, _ in pairs_.most_common(4))
        print(f"{pairs_.total():5}  {name:48}  {examples}")


def cause(judge: Judge, reference: str, hypothesis: str) -> str:
    """Why a word in mixed script and one in Devanagari are no renderings, as far as rules tell."""
    if not reference or not hypothesis:
        return "a word that one side has not"
    if len({*map(script_of, reference)} - {None}) > 1:
        return "words of two scripts in one token"
    if any(char.isdigit() for char in reference) or not pronunciations(reference):
        return "an abbreviation, a name or a figure read as a word"
    if any(
        judge.judge(reference.removesuffix(ending), hypothesis).verdict == "rendering"
        for ending in ENDINGS
        if reference.endswith(ending)
    ):
        return "another form of the English word"
    one, other = judge.sketch(reference).skeleton, judge.sketch(hypothesis).skeleton
    if Levenshtein.distance(one, other) > max(1, max(len(one), len(other)) // 3):
        return "different words, or one spelled beyond recognition"
    return "a misspelling, or English spelled by its letters"


def speed(data: Path) -> None:
    """Pairs per second of processor time: words never seen, words seen, pairs seen."""
    chance = random.Random(1)
    matches, _ = development(data, "hi")
    judge = Judge("hi_en")
    chance.shuffle(matches)
    half = matches[: len(matches) // 2]
    print(f"pairs of new words   {rate(judge, half):10,.0f} a second")
    natives, words = zip(*half, strict=True)
    crossed = [
        pair
        for _ in range(CROSSINGS)
        for pair in zip(natives, chance.sample(words, len(words)), strict=True)
    ]
    print(f"new pairs            {rate(judge, crossed):10,.0f} a second")
    print(f"cached pairs         {rate(judge, crossed):10,.0f} a second")
    texts = [text for pair in half for text in pair]
    for text in texts:
        judge.sketch(text)
    start = time.process_time()
    for text in texts:
        judge.sketch(text)
    print(f"warm sketch          {1e6 * (time.process_time() - start) / len(texts):10.2f} µs")


def rate(judge: Judge, words: Sequence[Words]) -> float:
    start = time.process_time()
    for pair in words:
        judge.judge(*pair)
    return len(words) / (time.process_time() - start)


if __name__ == "__main__":
    sys.exit(main())
