"""N-best lists: hypotheses with scores and timed words, as JSON lines.

A line is an object with ``id`` (or ``audio_filepath``, and ``offset`` if it has one), ``text`` and
``words`` of the best hypothesis, and ``nbest``: a list of objects with ``text``, numbers (each one
is a score, a natural logarithm) and ``words`` where they are known.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from cswitch import json_input
from cswitch.errors import InputError
from cswitch.files import read_lines

_REMEDY = 'Write {"id": …, "nbest": [{"text": …, "score": …}, …]}'


@dataclass(frozen=True, slots=True)
class Word:
    """A recognized word.

    Attributes:
        word: As it is written.
        start: Where it begins, in seconds.
        end: Where it ends.
        confidence: The posterior probability of the word among all hypotheses.
        lang: The language it belongs to, such as ``hi``, where it is known.
    """

    word: str
    start: float
    end: float
    confidence: float
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reading of an utterance.

    Attributes:
        text: The words, joined by spaces.
        scores: Natural-log scores by name: ``score`` (what the list is sorted by), ``acoustic``,
            ``lm``, ``lid``, or whatever another recognizer gave.
        words: The words with times, where they are known.
    """

    text: str
    scores: Mapping[str, float] = field(default_factory=dict)
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class NBest:
    """The hypotheses of one utterance, best first, and its reference where there is one."""

    id: str
    hypotheses: tuple[Hypothesis, ...]
    reference: str | None = None


def read(path: str | Path) -> Iterator[NBest]:
    """Read n-best lists, one JSON object a line.

    Raises:
        InputError: A line is no such object; the message has its number.
    """
    for number, line in enumerate(read_lines(path), start=1):
        value = json_input.parse(line, path, _REMEDY, number)
        try:
            entry = _parse(value, number)
        except (ValueError, OverflowError) as error:
            raise InputError(
                f"not an n-best list: {error}", path=path, line=number, remedy=_REMEDY
            ) from error
        yield entry


def dump(entry: NBest, count: int | None = None) -> str:
    """The JSON line of an n-best list.

    Args:
        entry: The list.
        count: How many hypotheses to write under ``nbest``; 0 for the best text alone.

    >>> dump(NBest("a", (Hypothesis("हाँ", {"score": -1.0}),)), count=0)
    '{"id": "a", "text": "हाँ", "words": []}'
    """
    best = entry.hypotheses[0] if entry.hypotheses else Hypothesis("")
    value: dict[str, Any] = {"id": entry.id, "text": best.text, "words": _words(best)}
    if entry.reference is not None:
        value["reference"] = entry.reference
    if count != 0:
        value["nbest"] = [_value(one) for one in entry.hypotheses[:count]]
    return json.dumps(value, ensure_ascii=False)


def _words(hypothesis: Hypothesis) -> list[dict[str, Any]]:
    return [asdict(word) for word in hypothesis.words]


def _value(hypothesis: Hypothesis) -> dict[str, Any]:
    scores = {name: round(score, 4) for name, score in hypothesis.scores.items()}
    return {"text": hypothesis.text, **scores, "words": _words(hypothesis)}


def _parse(value: Any, number: int) -> NBest:
    if not isinstance(value, dict) or not isinstance(value.get("nbest"), list):
        raise ValueError("there is no list 'nbest'")
    hypotheses = tuple(_hypothesis(one) for one in value["nbest"])
    recording = value.get("audio_filepath", number)
    if value.get("offset") is not None:
        recording = f"{recording}@{value['offset']}"
    identity = value.get("id", recording)
    reference = value.get("reference")
    if not isinstance(reference, str | None):
        raise ValueError("'reference' is no text")
    return NBest(str(identity), hypotheses, reference)


def _hypothesis(value: Any) -> Hypothesis:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise ValueError("a hypothesis has no text 'text'")
    # What is no number is no score, but a note of the recognizer; a score that is none is wrong.
    scores = {name: float(one) for name, one in value.items() if _is_number(one)}
    if "score" in value and "score" not in scores:
        raise ValueError("'score' is not a number")
    odd = next((name for name, score in scores.items() if not math.isfinite(score)), None)
    if odd is not None:
        raise ValueError(f"'{odd}' is not a finite number")
    try:
        words = tuple(Word(**word) for word in value.get("words", ()))
    except TypeError as error:
        names = ", ".join(each.name for each in fields(Word))
        raise ValueError(f"'words' is no list of objects with {names}") from error
    return Hypothesis(value["text"], scores, words)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
