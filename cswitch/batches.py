"""Plain functions over batches, for ``datasets.map``, pandas and Ray Data.

A batch is a dictionary of columns, each a list of the same length. Each function here makes a
function from a batch to the new columns; it can be pickled by way of its arguments, and keeps its
models for all batches.

    dataset.map(batches.scorer("hi_en"), batched=True)
    frame = frame.assign(**batches.normalizer("hi")(frame.to_dict("list")))

>>> score = scorer("hi_en", reference="text", hypothesis="heard")
>>> score({"text": ["fancy साड़ी", "घर"], "heard": ["fancy Sadi", "घर"]})["corrected_errors"]
[0, 0]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Batch = Mapping[str, list[Any]]
Columns = dict[str, list[Any]]


def scorer(
    lang: str = "hi_en", reference: str = "reference", hypothesis: str = "hypothesis"
) -> Callable[[Batch], Columns]:
    """Count errors: ``words``, ``raw_errors``, ``corrected_errors``, which add up over rows.

    Args:
        reference: The column of the reference.
        hypothesis: The column of the hypothesis.
    """
    from cswitch.scoring import scorer_of

    one = scorer_of(lang)

    def score(batch: Batch) -> Columns:
        found = [
            one.utterance("", left or "", right or "")
            for left, right in zip(batch[reference], batch[hypothesis], strict=True)
        ]
        return {
            "words": [each.raw.reference_words for each in found],
            "raw_errors": [each.raw.errors for each in found],
            "corrected_errors": [each.corrected.errors for each in found],
        }

    return score


def normalizer(
    lang: str, text: str = "text", form: str = "canonical", to: str | None = None
) -> Callable[[Batch], Columns]:
    """Normalize a column, in place or ``to`` another.

    >>> normalizer("hi", to="clean")({"text": ["अार"]})
    {'clean': ['आर']}
    """
    from cswitch.normalize import normalize

    def normalize_batch(batch: Batch) -> Columns:
        return {to or text: [normalize(each or "", lang, form=form) for each in batch[text]]}

    return normalize_batch


def judge(
    lang: str = "hi_en", reference: str = "reference", hypothesis: str = "hypothesis"
) -> Callable[[Batch], Columns]:
    """Judge pairs of words: ``verdict``, ``kind``, ``probability``, ``evidence``.

    >>> judge()({"reference": ["डिस्कवरी"], "hypothesis": ["discovery"]})["verdict"]
    ['rendering']
    """
    from cswitch.scoring import scorer_of

    one = scorer_of(lang).judge

    def judge_batch(batch: Batch) -> Columns:
        verdicts = [
            one.judge(left or "", right or "")
            for left, right in zip(batch[reference], batch[hypothesis], strict=True)
        ]
        return {
            "verdict": [each.verdict for each in verdicts],
            "kind": [each.kind for each in verdicts],
            "probability": [each.probability for each in verdicts],
            "evidence": [each.evidence for each in verdicts],
        }

    return judge_batch
