"""Scores for tests: aligned under a toy judge that knows a handful of renderings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from cswitch import tokens
from cswitch.align import Edit, raw_counts
from cswitch.analysis import ErrorCounts, Score, Tally, Utterance
from cswitch.judge import Verdict

OPERATION = {(1, 1): "substitution", (1, 0): "deletion", (0, 1): "insertion"}
SIGNATURE = "judge:toy|threshold:0.5|version:0.1.0"

RENDERINGS = {
    ("साड़ी", "Sadi"): "script",
    ("दिखाइए", "dikhaiye"): "script",
    ("discovery", "डिस्कवरी"): "script",
    ("website", "वेब साइट"): "segmentation",
    ("दस", "10"): "number",
    ("SMS", "एस एम एस"): "acronym",
    ("Fancy", "fancy"): "case",
    ("है।", "है"): "punctuation",
    ("गये", "गए"): "orthography",
}


class ToyJudge:
    """Forgives `RENDERINGS`, in both directions, and nothing else."""

    def judge(self, reference: str, hypothesis: str) -> Verdict:
        if reference == hypothesis:
            return Verdict("match", None, 1.0, "the same text")
        kind = RENDERINGS.get((reference, hypothesis)) or RENDERINGS.get((hypothesis, reference))
        if kind:
            evidence = f"{reference} = {hypothesis} <toy & lexicon>"
            return Verdict("rendering", kind, 0.93, evidence)
        return Verdict("modeling", None, 0.02, f"{reference} and {hypothesis} are different words")


def align(words: list[str], heard: list[str]) -> tuple[Edit, ...]:
    """The edits with the fewest modeling errors, then the fewest raw errors."""
    judge = ToyJudge().judge
    spans = [(1, 1), (1, 0), (0, 1), *product((1, 2, 3), (1, 2, 3))]
    best: dict[tuple[int, int], tuple[int, int, tuple[Edit, ...]]] = {(0, 0): (0, 0, ())}
    for row, column in product(range(len(words) + 1), range(len(heard) + 1)):
        ways = [best[0, 0]] if row == column == 0 else []
        for rows, columns in spans:
            before = best.get((row - rows, column - columns))
            if before is None:
                continue
            left = " ".join(words[row - rows : row])
            right = " ".join(heard[column - columns : column])
            modeling, raw, edits = before
            verdict = judge(left, right) if left and right else None
            place = (row - rows, row), (column - columns, column)
            if verdict and verdict.verdict == "rendering":
                errors = max(rows, columns)
                edit = Edit("rendering", *place, errors, verdict)
                ways.append((modeling, raw + errors, (*edits, edit)))
            elif verdict and verdict.verdict == "match":
                ways.append(before)
            elif rows + columns < 3 and rows < 2 and columns < 2:
                operation = OPERATION[rows, columns]
                edit = Edit(operation, *place, 1, verdict)
                ways.append((modeling + 1, raw + 1, (*edits, edit)))
        best[row, column] = min(ways, key=lambda way: way[:2])
    return best[len(words), len(heard)][2]


def utterance(
    id: str, reference: str, hypothesis: str, metadata: Mapping[str, str] | None = None
) -> Utterance:
    words, heard = tokens.split(reference), tokens.split(hypothesis)
    substitutions, deletions, insertions = raw_counts(words, heard)
    raw = ErrorCounts(len(words) - substitutions - deletions, substitutions, deletions, insertions)
    edits = align(words, heard)
    assert sum(edit.errors for edit in edits) == raw.errors
    count = dict.fromkeys(("substitution", "deletion", "insertion", "rendering"), 0)
    forgiven: dict[str, int] = {}
    for edit in edits:
        count[edit.operation] += 1
        if edit.operation == "rendering":
            forgiven[edit.verdict.kind] = forgiven.get(edit.verdict.kind, 0) + edit.errors
    corrected = ErrorCounts(
        len(words) - count["substitution"] - count["deletion"],
        count["substitution"],
        count["deletion"],
        count["insertion"],
    )
    tally = Tally(raw, corrected, forgiven)
    return Utterance(id, reference, hypothesis, tally, edits, metadata or {})


def score(
    name: str,
    references: Sequence[str],
    hypotheses: Sequence[str],
    metadata: Sequence[Mapping[str, str]] = (),
    lang: str = "hi_en",
) -> Score:
    rows = zip(references, hypotheses, metadata or [{}] * len(references), strict=True)
    utterances = tuple(utterance(f"utt-{number}", *row) for number, row in enumerate(rows, start=1))
    return Score(
        name, lang, SIGNATURE, utterances, sum((each.tally for each in utterances), Tally())
    )


REFERENCES = [
    "fancy साड़ी दिखाइए",
    "मैं discovery देखता हूँ",
    "हमारी website पर दस offer हैं है।",
    "कल SMS करो",
    "वे घर गये",
    "",
]
METADATA = [{"speaker": speaker} for speaker in ("asha", "ravi", "asha", "ravi", "asha", "ravi")]


def three_systems() -> list[Score]:
    """Three systems: one differs in rendering only, one in words, one in both."""
    hypotheses = {
        "rendering": [
            "Fancy Sadi dikhaiye",
            "मैं डिस्कवरी देखता हूँ",
            "हमारी वेब साइट पर 10 offer हैं है",
            "कल एस एम एस करो",
            "वे घर गए",
            "",
        ],
        "words": [
            "fancy गाड़ी दिखाइए",
            "मैं discovery देखती हूँ",
            "हमारी website पर दस offer है।",
            "काल SMS करो ना",
            "वे गये",
            "हाँ",
        ],
        "both": [
            "fancy Sadi दिखाओ",
            "मैं डिस्कवरी देखती हूँ",
            "हमारी वेब साइट पर दस ऑफर हैं है",
            "कल मेसेज करो",
            "वे घर गए थे",
            "",
        ],
    }
    return [score(name, REFERENCES, texts, METADATA) for name, texts in hypotheses.items()]
