"""Scores for tests: real alignments under a toy judge that knows a handful of renderings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cswitch.align import Aligner, Edits
from cswitch.analysis import ErrorCounts, Score, Tally, Utterance, total
from cswitch.judge import Sketch, Verdict

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

    def sketch(self, text: str) -> Sketch:
        return Sketch("", (), True)


def utterance(
    id: str, reference: str, hypothesis: str, metadata: Mapping[str, str] | None = None
) -> Utterance:
    words, *errors, forgiven, edits = Aligner(ToyJudge()).score(reference, hypothesis)
    tally = Tally(_counts(words, *errors[:3]), _counts(words, *errors[3:]), forgiven)
    return Utterance(id, reference, hypothesis, tally, tuple(Edits(edits)), metadata or {})


def _counts(words: int, substitutions: int, deletions: int, insertions: int) -> ErrorCounts:
    return ErrorCounts(words - substitutions - deletions, substitutions, deletions, insertions)


def score(
    name: str,
    references: Sequence[str],
    hypotheses: Sequence[str],
    metadata: Sequence[Mapping[str, str]] = (),
    lang: str = "hi_en",
) -> Score:
    rows = zip(references, hypotheses, metadata or [{}] * len(references), strict=True)
    utterances = tuple(
        utterance(f"utt-{number}", *row) for number, row in enumerate(rows, start=1)
    )
    return Score(name, lang, SIGNATURE, utterances, total(each.tally for each in utterances))


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
    return [
        score(name, REFERENCES, texts, METADATA) for name, texts in hypotheses.items()
    ]
