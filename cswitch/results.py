"""Scores as JSON: the contract that scripts rely on, and the way back.

One object: ``signature``, ``lang``, ``utterances`` (how many), ``systems`` with their ``raw`` and
``corrected`` counts (``low`` and ``high``: the 95 % interval, null where there is none)
and what was ``forgiven``; ``differences`` of every two systems on each side, with ``p`` (see
`cswitch.statistics.differences`); and, only when asked for, ``utterance_results``, one utterance a
line, from which `read` restores the scores exactly.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import index
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, get_args

from cswitch import json_input, tokens
from cswitch.align import OPERATIONS, Edit
from cswitch.analysis import SIDES, ErrorCounts, Score, Tally, Utterance
from cswitch.errors import InputError
from cswitch.files import atomic_write, read_lines
from cswitch.judge import Kind, Verdict
from cswitch.statistics.differences import Difference, differences

if TYPE_CHECKING:
    from cswitch.statistics.bootstrap import Bounds

_VERDICTS = ("match", "rendering", "modeling")
_KINDS = (None, *get_args(Kind))
_REMEDY = "Write it with cswitch score --json FILE --utterance-results"


def to_json(scores: Sequence[Score], *, utterances: bool = False) -> dict[str, Any]:
    """The result of one or more systems as an object that ``json`` can write.

    Args:
        utterances: Also put every utterance with every edit into it.

    >>> score = Score("a", "hi_en", "v:1", (), Tally(ErrorCounts(hits=3), ErrorCounts(hits=3)))
    >>> to_json([score])["systems"][0]["raw"]["reference_words"]
    3
    """
    result: dict[str, Any] = {
        "signature": scores[0].signature if scores else "",
        "lang": scores[0].lang if scores else "",
        "utterances": scores[0].size if scores else 0,
        "systems": [_system(score) for score in scores],
        "differences": [_difference(each) for each in differences(scores)],
    }
    if utterances:
        result["utterance_results"] = list(_utterances(scores))
    return result


def write(scores: Sequence[Score], path: str | Path, *, utterances: bool = False) -> None:
    """Write `to_json` to a file, an utterance at a time; ``-`` is standard output."""
    with atomic_write(path) as out:
        head = json.dumps(to_json(scores), ensure_ascii=False, indent=2)
        if utterances:
            out.write(head.removesuffix("\n}") + ',\n  "utterance_results": [')
            _write_lines(_utterances(scores), out)
            out.write("\n  ]\n}\n")
        else:
            out.write(head + "\n")


def read(path: str | Path) -> tuple[Score, ...]:
    """Read the scores that `write` wrote; without ``utterance_results`` they have no utterances.

    Raises:
        InputError: The file is not such a result, or its counts contradict each other.
    """
    result = json_input.parse("\n".join(read_lines(path)), path, _REMEDY)
    try:
        return _scores(result)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(
            f"not a result of cswitch score ({type(error).__name__}: {error})",
            path=path,
            remedy=_REMEDY,
        ) from error


def _system(score: Score) -> dict[str, Any]:
    forgiven = dict(score.forgiven)
    raw, corrected = _intervals(score) or (None, None)
    return {
        "name": score.name,
        "raw": _counts(score.raw, raw),
        "corrected": _counts(score.corrected, corrected),
        "forgiven": {"total": sum(forgiven.values()), "by_kind": forgiven},
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "systems": [difference.first, difference.second],
        "side": difference.side,
        "difference": difference.difference,
        "p": difference.p,
    }


def _intervals(score: Score) -> tuple[Bounds, Bounds] | None:
    if score.intervals or len(score.utterances) < 2 or not score.raw.reference_words:
        return score.intervals
    from cswitch.statistics import confidence

    (raw,), (corrected,) = (confidence.intervals([score], side) for side in SIDES)
    return (raw.low, raw.high), (corrected.low, corrected.high)


def _counts(counts: ErrorCounts, bounds: Bounds | None) -> dict[str, Any]:
    low, high = bounds or (None, None)
    return {
        "wer": counts.wer,
        "low": low,
        "high": high,
        "hits": counts.hits,
        "substitutions": counts.substitutions,
        "deletions": counts.deletions,
        "insertions": counts.insertions,
        "reference_words": counts.reference_words,
    }


def _utterances(scores: Sequence[Score]) -> Iterator[dict[str, Any]]:
    for renditions in zip(*(score.utterances for score in scores), strict=True):
        first = renditions[0]
        yield {
            "id": first.id,
            "reference": first.reference,
            **({"metadata": dict(first.metadata)} if first.metadata else {}),
            "systems": [_rendition(utterance) for utterance in renditions],
        }


def _rendition(utterance: Utterance) -> dict[str, Any]:
    return {
        "hypothesis": utterance.hypothesis,
        "raw": _four(utterance.raw),
        "corrected": _four(utterance.corrected),
        "edits": [_edit(edit) for edit in utterance.edits],
    }


def _four(counts: ErrorCounts) -> list[int]:
    return [counts.hits, counts.substitutions, counts.deletions, counts.insertions]


def _edit(edit: Edit) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "operation": edit.operation,
        "reference": list(edit.reference),
        "hypothesis": list(edit.hypothesis),
        "errors": edit.errors,
    }
    if edit.verdict is not None:
        fields |= {
            "verdict": edit.verdict.verdict,
            "kind": edit.verdict.kind,
            "probability": edit.verdict.probability,
            "evidence": edit.verdict.evidence,
        }
    return fields


def _write_lines(items: Iterator[dict[str, Any]], out: IO[str]) -> None:
    separator = "\n    "
    for item in items:
        out.write(separator + json.dumps(item, ensure_ascii=False, separators=(",", ":")))
        separator = ",\n    "


def _scores(result: Mapping[str, Any]) -> tuple[Score, ...]:
    rows = result.get("utterance_results", [])
    scores = []
    for place, system in enumerate(result["systems"]):
        utterances = tuple(_utterance(row, row["systems"][place]) for row in rows)
        raw, corrected = _read_counts(system["raw"]), _read_counts(system["corrected"])
        forgiven = {kind: index(n) for kind, n in system["forgiven"]["by_kind"].items()}
        tally = Tally(raw, corrected, forgiven)
        if raw.errors != corrected.errors + sum(tally.forgiven.values()):
            raise ValueError(f"the counts of {system['name']} do not add up")
        scores.append(
            Score(
                _text(system["name"]),
                _text(result["lang"]),
                _text(result["signature"]),
                utterances,
                tally,
                index(result["utterances"]),
                _read_intervals(system["raw"], system["corrected"]),
            )
        )
    if not scores:
        raise ValueError("it has no systems")
    return tuple(scores)


def _read_counts(counts: Mapping[str, Any]) -> ErrorCounts:
    return _error_counts(
        counts[name] for name in ("hits", "substitutions", "deletions", "insertions")
    )


def _error_counts(numbers: Iterable[Any]) -> ErrorCounts:
    """Counts that are surely numbers."""
    return ErrorCounts(*map(index, numbers))


def _read_intervals(
    raw: Mapping[str, Any], corrected: Mapping[str, Any]
) -> tuple[Bounds, Bounds] | None:
    """The intervals, which older results do not have."""
    if raw.get("low") is None:
        return None
    low, high, fair_low, fair_high = (
        _number(side[name]) for side in (raw, corrected) for name in ("low", "high")
    )
    return (low, high), (fair_low, fair_high)


def _utterance(row: Mapping[str, Any], rendition: Mapping[str, Any]) -> Utterance:
    edits = tuple(_read_edit(edit) for edit in rendition["edits"])
    forgiven: dict[str, int] = {}
    for edit in edits:
        if edit.operation == "rendering" and edit.errors and edit.verdict and edit.verdict.kind:
            forgiven[edit.verdict.kind] = forgiven.get(edit.verdict.kind, 0) + edit.errors
    raw, corrected = _error_counts(rendition["raw"]), _error_counts(rendition["corrected"])
    reference, hypothesis = _text(row["reference"]), _text(rendition["hypothesis"])
    rows, columns = len(tokens.split(reference)), len(tokens.split(hypothesis))
    if any(edit.reference[1] > rows or edit.hypothesis[1] > columns for edit in edits):
        raise ValueError(f"an edit of {row['id']} stands beyond its words")
    return Utterance(
        str(row["id"]),
        reference,
        hypothesis,
        Tally(raw, corrected, forgiven),
        edits,
        {name: _text(value) for name, value in row.get("metadata", {}).items()},
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _read_edit(fields: Mapping[str, Any]) -> Edit:
    verdict = None
    if "verdict" in fields:
        if fields["verdict"] not in _VERDICTS or fields["kind"] not in _KINDS:
            raise ValueError(f"{fields['verdict']!r}, {fields['kind']!r} is no verdict")
        verdict = Verdict(
            fields["verdict"],
            fields["kind"],
            _number(fields["probability"]),
            _text(fields["evidence"]),
        )
    if fields["operation"] not in OPERATIONS:
        raise ValueError(f"{fields['operation']!r} is no operation")
    first, last, start, end = map(index, (*fields["reference"], *fields["hypothesis"]))
    return Edit(fields["operation"], (first, last), (start, end), index(fields["errors"]), verdict)
