"""Scores as one HTML file that needs nothing else: pictures, tables and an utterance browser.

Tables and pictures are written here; the browser of utterances is drawn by the page itself from
the compact JSON that it carries, a page of utterances at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cswitch import mixing
from cswitch.align import Edit
from cswitch.analysis import Score, Utterance
from cswitch.breakdown import group_fields
from cswitch.files import atomic_write
from cswitch.report import summary
from cswitch.statistics.differences import probability

_PAGE = Path(__file__).parent / "page"
_HEADING = 80  # characters
_OPERATIONS = ("rendering", "substitution", "deletion", "insertion")


def write(scores: Sequence[Score], path: str | Path) -> None:
    """Write the report of one or more systems on the same utterances.

    Args:
        scores: One per system; scores without utterances give a report without the browser.
        path: The file; ``-`` is standard output.
    """
    with atomic_write(path) as out:
        for part in _page(scores):
            out.write(part)


def _page(scores: Sequence[Score]) -> Iterator[str]:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_PAGE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["percent"] = lambda rate: f"{100 * rate:.2f}"
    environment.filters["probability"] = probability
    environment.filters["count"] = lambda number: f"{number:,}"
    scores = [summary.made(score) for score in scores]
    shown = summary.summarize(scores)
    data = _Data(scores)
    return environment.get_template("report.html").generate(
        title=_title([score.name for score in scores]),
        style=(_PAGE / "report.css").read_text("utf-8"),
        script=(_PAGE / "report.js").read_text("utf-8"),
        summary=shown,
        operations=list(summary.OPERATIONS),
        utterances=data.utterances(),
        index=data.index,
    )


def _title(names: Sequence[str]) -> str:
    """The names of the systems, as long as they are a heading."""
    listed = ", ".join(names)
    return listed if len(listed) < _HEADING or len(names) < 2 else f"{len(names)} systems"


class _Data:
    """What the page's own script works on; strings that recur are written once."""

    def __init__(self, scores: Sequence[Score]) -> None:
        self._scores = scores
        self._fields = group_fields(scores[0].utterances)
        self._romanized = mixing.is_romanized(
            (utterance.reference for utterance in scores[0].utterances), scores[0].lang
        )
        self._evidence = _Table()
        self._tags = _Table()
        self._kinds = _Table()
        self._values = [_Table() for _ in self._fields]

    def utterances(self) -> Iterator[str]:
        """One JSON array for each utterance."""
        rows = zip(*(score.utterances for score in self._scores), strict=True)
        for number, renditions in enumerate(rows):
            yield ("" if number == 0 else ",\n") + _json(self._utterance(renditions))

    def index(self) -> str:
        """The tables that the utterances refer to; complete once those are written."""
        return _json(
            {
                "systems": [score.name for score in self._scores],
                "operations": _OPERATIONS,
                "kinds": self._kinds.items,
                "evidence": self._evidence.items,
                "languages": self._tags.items,
                "fields": self._fields,
                "values": [table.items for table in self._values],
            }
        )

    def _utterance(self, renditions: Sequence[Utterance]) -> list[Any]:
        first = renditions[0]
        tags = mixing.word_languages(first.reference, self._scores[0].lang, self._romanized)
        return [
            first.id,
            first.reference,
            [self._tags.number(tag or "") for tag in tags],
            [
                table.number(first.metadata.get(field, ""))
                for field, table in zip(self._fields, self._values, strict=True)
            ],
            [self._rendition(utterance) for utterance in renditions],
        ]

    def _rendition(self, utterance: Utterance) -> int | list[Any]:
        if utterance.hypothesis == utterance.reference:
            return 0
        return [
            utterance.hypothesis,
            utterance.raw.errors,
            utterance.corrected.errors,
            [number for edit in utterance.edits for number in self._edit(edit)],
        ]

    def _edit(self, edit: Edit) -> list[float]:
        verdict = edit.verdict
        return [
            _OPERATIONS.index(edit.operation),
            *edit.reference,
            *edit.hypothesis,
            edit.errors,
            self._kinds.number(verdict.kind) if verdict and verdict.kind else -1,
            round(verdict.probability, 3) if verdict else -1,
            self._evidence.number(verdict.evidence) if verdict else -1,
        ]


@dataclass(slots=True)
class _Table:
    """Strings, numbered in the order of their first use."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, item: str) -> int:
        return self.numbers.setdefault(item, len(self.numbers))

    @property
    def items(self) -> list[str]:
        return list(self.numbers)


def _json(value: Any) -> str:
    # "<" would let a transcript close the script element it stands in.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
