"""Plain functions over batches, for ``datasets.map``, pandas and Ray Data.

A batch is a mapping of columns, each a list of the same length. Each function here makes a
function from a batch to the new columns. That one can be pickled, takes no room, and finds its
models in the process where it is called, which loads them once.

    dataset.map(batches.scorer("hi_en"), batched=True, num_proc=4)
    frame.assign(**batches.normalizer("hi")(frame))

What is missing in a table (None, NaN, NA) is an empty text.

>>> score = scorer("hi_en", reference="text", hypothesis="heard")
>>> score({"text": ["fancy साड़ी", "घर"], "heard": ["fancy Sadi", "घर"]})["corrected_errors"]
[0, 0]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from cswitch import tokens
from cswitch.errors import InputError
from cswitch.judge import THRESHOLD, Judge
from cswitch.normalize import normalize, normalizers
from cswitch.scoring import scorer_of

if TYPE_CHECKING:
    from cswitch.lid import Labeller

Batch = Mapping[str, Iterable[Any]]
Columns = dict[str, list[Any]]


def scorer(
    lang: str = "hi_en", reference: str = "reference", hypothesis: str = "hypothesis"
) -> Callable[[Batch], Columns]:
    """Count errors: ``words``, ``raw_errors``, ``corrected_errors``, which add up over rows.

    Args:
        reference: The column of the reference.
        hypothesis: The column of the hypothesis.
    """
    scorer_of(lang)  # an unknown language is an error at once
    return partial(_score, lang, reference, hypothesis)


def normalizer(
    lang: str, text: str = "text", form: str = "canonical", to: str | None = None
) -> Callable[[Batch], Columns]:
    """Normalize a column, in place or ``to`` another.

    >>> normalizer("hi", to="clean")({"text": ["अार"]})
    {'clean': ['आर']}
    """
    normalizers(lang)
    return partial(_normalize, lang, text, form, to or text)


def judge(
    lang: str = "hi_en",
    reference: str = "reference",
    hypothesis: str = "hypothesis",
    user: str | None = None,
    threshold: float = THRESHOLD,
) -> Callable[[Batch], Columns]:
    """Judge pairs of words: ``verdict``, ``kind``, ``probability``, ``evidence``.

    Args:
        reference: The column of the reference.
        hypothesis: The column of the hypothesis.
        user: A file of a user's own decisions.
        threshold: Probability from which a transliteration is a rendering.

    >>> judge()({"reference": ["डिस्कवरी"], "hypothesis": ["discovery"]})["verdict"]
    ['rendering']
    """
    _judge_of(lang, user, threshold)
    return partial(_judge, lang, user, threshold, reference, hypothesis)


def labeller(
    lang: str = "hi_en", text: str = "text", doubt: bool = False
) -> Callable[[Batch], Columns]:
    """Find the language of each token: ``tokens``, ``labels`` (LinCE's) and ``languages``, lists.

    >>> labeller()({"text": ["text बॉक्स पर"]})["languages"]
    [['en', 'en', 'hi']]
    """
    _labeller(lang, doubt)
    return partial(_label, lang, doubt, text)


def _score(lang: str, reference: str, hypothesis: str, batch: Batch) -> Columns:
    one = scorer_of(lang)
    found = [one.utterance("", *pair) for pair in _pairs(batch, reference, hypothesis)]
    return {
        "words": [each.raw.reference_words for each in found],
        "raw_errors": [each.raw.errors for each in found],
        "corrected_errors": [each.corrected.errors for each in found],
    }


def _normalize(lang: str, text: str, form: str, to: str, batch: Batch) -> Columns:
    return {to: [normalize(each, lang, form=form) for each in _texts(batch, text)]}


def _judge(
    lang: str, user: str | None, threshold: float, reference: str, hypothesis: str, batch: Batch
) -> Columns:
    one = _judge_of(lang, user, threshold)
    verdicts = [one.judge(*pair) for pair in _pairs(batch, reference, hypothesis)]
    return {
        "verdict": [each.verdict for each in verdicts],
        "kind": [each.kind for each in verdicts],
        "probability": [each.probability for each in verdicts],
        "evidence": [each.evidence for each in verdicts],
    }


def _label(lang: str, doubt: bool, text: str, batch: Batch) -> Columns:
    texts = _texts(batch, text)
    labels = [_labeller(lang, doubt).line(each) for each in texts]
    return {
        "tokens": [tokens.split(each) for each in texts],
        "labels": [[label.lince for label in line] for line in labels],
        "languages": [[label.language for label in line] for line in labels],
    }


@cache
def _judge_of(lang: str, user: str | None, threshold: float) -> Judge:
    return Judge(lang, user=user, threshold=threshold)


@cache
def _labeller(lang: str, doubt: bool) -> Labeller:
    from cswitch.lid import Labeller

    return Labeller(lang, doubt=doubt)


def _pairs(batch: Batch, reference: str, hypothesis: str) -> Iterable[tuple[str, str]]:
    return zip(_texts(batch, reference), _texts(batch, hypothesis), strict=True)


def _texts(batch: Batch, column: str) -> list[str]:
    """The texts of a column.

    Raises:
        InputError: There is no such column, or it holds something else.
    """
    if column not in batch:
        raise InputError(
            f"there is no column '{column}'", remedy=f"Name one of {', '.join(map(str, batch))}"
        )
    return [_text(value, column) for value in batch[column]]


def _text(value: object, column: str) -> str:
    if isinstance(value, str):
        return value
    # NaN differs from itself; pandas' NA has no answer to that question.
    if value is None or type(value).__name__ == "NAType" or value != value:
        return ""
    raise InputError(f"'{column}' has {value!r}, no text", remedy="Make it a column of text")
