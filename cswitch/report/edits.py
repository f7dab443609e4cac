"""Every edit as a row of CSV, for a spreadsheet or a data frame."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from cswitch import mixing
from cswitch.analysis import Score, Utterance
from cswitch.breakdown import edit_near_switch, group_fields
from cswitch.files import atomic_write

COLUMNS = (
    "system",
    "utterance",
    "operation",
    "kind",
    "probability",
    "raw_errors",
    "reference",
    "hypothesis",
    "language",
    "at_switch",
    "evidence",
)


def write(scores: Sequence[Score], path: str | Path) -> None:
    """Write the edits of all systems; fields that group utterances are the last columns."""
    with atomic_write(path) as out:
        fields = group_fields(scores[0].utterances)
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow([*COLUMNS, *fields])
        for score in scores:
            references = (utterance.reference for utterance in score.utterances)
            romanized = mixing.is_romanized(references, score.lang)
            for utterance in score.utterances:
                tags = mixing.word_languages(utterance.reference, score.lang, romanized)
                groups = [utterance.metadata.get(field, "") for field in fields]
                rows.writerows([score.name, *row, *groups] for row in _rows(utterance, tags))


def _rows(utterance: Utterance, tags: Sequence[str | None]) -> Iterator[list[object]]:
    near = mixing.near_switch(tags)
    for edit, words, heard in utterance.edited():
        verdict = edit.verdict
        yield [
            utterance.id,
            edit.operation,
            verdict.kind if verdict and verdict.kind else "",
            f"{verdict.probability:.3f}" if verdict else "",
            edit.errors,
            words,
            heard,
            " ".join(tag or "" for tag in tags[slice(*edit.reference)]),
            int(edit_near_switch(edit, near)),
            verdict.evidence if verdict else "",
        ]
