"""Scoring: references and hypotheses in, raw and corrected error rates out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cswitch.align import Aligner, Counts, Edits
from cswitch.analysis import ErrorCounts, Score, Tally, Utterance
from cswitch.errors import InputError
from cswitch.judge import Judge


class Scorer:
    """Scores utterance by utterance; keeps the judge and what it said.

    >>> scorer = Scorer("hi_en")
    >>> utterance = scorer.utterance("1", "fancy साड़ी दिखाइए", "fancy Sadi dikhaiye")
    >>> utterance.raw.errors, utterance.corrected.errors
    (2, 0)
    """

    def __init__(self, lang: str | Judge) -> None:
        self.judge = lang if isinstance(lang, Judge) else Judge(lang)
        self._aligner = Aligner(self.judge)

    def utterance(
        self,
        id: str,
        reference: str,
        hypothesis: str,
        metadata: Mapping[str, str] | None = None,
    ) -> Utterance:
        """Score one hypothesis."""
        words, raw, corrected, edits = self._aligner.score(reference, hypothesis)
        tally = Tally(_counts(words, raw), _counts(words, corrected), _forgiven(edits))
        return Utterance(id, reference, hypothesis, tally, edits, metadata or {})

    def score(self, utterances: Iterable[Utterance], name: str = "hypothesis") -> Score:
        """Sum scored utterances up to the score of a system."""
        kept = tuple(utterances)
        return Score(name, self.judge.lang.name, self.judge.signature, kept, _total(kept))


def score(
    references: str | Sequence[str],
    hypotheses: str | Sequence[str],
    lang: str = "hi_en",
    *,
    name: str = "hypothesis",
    judge: Judge | None = None,
) -> Score:
    """Score hypotheses against references: raw and corrected error rates, and every edit.

    Args:
        references: One reference, or one for each utterance.
        hypotheses: As many hypotheses, in the same order.
        lang: A pair or a language, such as ``hi_en`` or ``hi``.
        name: What to call the system in the result.
        judge: A judge to use instead of the one of ``lang``, for example with a user's lexicon.

    Raises:
        InputError: The numbers of references and hypotheses differ, or the language is unknown.

    >>> result = score("मैं discovery देखता हूँ", "मैं डिस्कवरी देखती हूँ", lang="hi_en")
    >>> result.raw.errors, result.corrected.errors, dict(result.forgiven)
    (2, 1, {'script': 1})
    """
    reference_list = [references] if isinstance(references, str) else list(references)
    hypothesis_list = [hypotheses] if isinstance(hypotheses, str) else list(hypotheses)
    if len(reference_list) != len(hypothesis_list):
        raise InputError(
            f"{len(reference_list)} references and {len(hypothesis_list)} hypotheses",
            remedy="Give one hypothesis for each reference",
        )
    scorer = Scorer(judge or lang)
    return scorer.score(_each(scorer, reference_list, hypothesis_list), name)


def _each(scorer: Scorer, references: list[str], hypotheses: list[str]) -> Iterator[Utterance]:
    for number, (reference, hypothesis) in enumerate(zip(references, hypotheses, strict=True), 1):
        yield scorer.utterance(str(number), reference, hypothesis)


def _counts(words: int, errors: Counts) -> ErrorCounts:
    substitutions, deletions, insertions = errors
    return ErrorCounts(words - substitutions - deletions, substitutions, deletions, insertions)


def _forgiven(edits: Edits) -> dict[str, int]:
    forgiven: dict[str, int] = {}
    for errors, verdict in zip(edits.errors, edits.verdicts, strict=True):
        if errors and verdict is not None and verdict.kind is not None:
            forgiven[verdict.kind] = forgiven.get(verdict.kind, 0) + errors
    return forgiven


def _total(utterances: Iterable[Utterance]) -> Tally:
    # Adding frozen tallies one by one would make three objects per utterance.
    raw, corrected = [0, 0, 0, 0], [0, 0, 0, 0]
    forgiven: dict[str, int] = {}
    for utterance in utterances:
        for totals, counts in ((raw, utterance.raw), (corrected, utterance.corrected)):
            totals[0] += counts.hits
            totals[1] += counts.substitutions
            totals[2] += counts.deletions
            totals[3] += counts.insertions
        for kind, number in utterance.tally.forgiven.items():
            forgiven[kind] = forgiven.get(kind, 0) + number
    return Tally(ErrorCounts(*raw), ErrorCounts(*corrected), dict(sorted(forgiven.items())))
