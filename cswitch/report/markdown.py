"""Scores as Markdown tables, for a pull request, a wiki or a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cswitch.analysis import Score
from cswitch.breakdown import Cell
from cswitch.files import atomic_write
from cswitch.report.summary import Rate, Summary, System, View, summarize
from cswitch.statistics.differences import probability

if TYPE_CHECKING:
    from cswitch.statistics.significance import Comparison


def write(scores: Sequence[Score], path: str | Path) -> None:
    """Write the rates, the forgiven errors, the breakdowns and the signature."""
    with atomic_write(path) as out:
        out.write("\n".join(_lines(summarize(scores))) + "\n")


def _lines(summary: Summary) -> Iterator[str]:
    names = [_escape(system.name) for system in summary.systems]
    yield (
        f"**{summary.lang}**: {summary.utterances:,} utterances, "
        f"{summary.reference_words:,} reference words"
    )
    yield from _rates(summary.systems)
    if summary.ranking:
        yield from ("", _escape(str(summary.ranking)))
    if summary.kinds:
        yield from _forgiven(summary, names)
    if summary.comparisons:
        yield from _comparisons(summary.comparisons)
    for view in summary.views:
        yield from _view(view, names)
    for signature in summary.signatures:
        yield from ("", f"`{signature}`")


def _rates(systems: Sequence[System]) -> Iterator[str]:
    head = ["system", "raw WER, %", "corrected WER, %", "rendering", "sub", "del", "ins"]
    return _table(
        head,
        [
            [
                _escape(system.name),
                _rate(system.raw),
                f"**{_rate(system.corrected)}**",
                f"{system.forgiven_share:.0%}",
                f"{system.score.corrected.substitutions:,}",
                f"{system.score.corrected.deletions:,}",
                f"{system.score.corrected.insertions:,}",
            ]
            for system in systems
        ],
    )


def _forgiven(summary: Summary, names: Sequence[str]) -> Iterator[str]:
    return _table(
        ["forgiven, points of WER", *names],
        [
            [kind, *(f"{100 * system.points(kind):.2f}" for system in summary.systems)]
            for kind in summary.kinds
        ],
    )


def _comparisons(comparisons: Sequence[Comparison]) -> Iterator[str]:
    return _table(
        ["systems", "errors", "difference", "p, MAPSSWE", "p, bootstrap", "p, randomization"],
        [
            [
                f"{_escape(each.first)} − {_escape(each.second)}",
                each.side,
                f"{100 * each.difference:+.2f}",
                *map(probability, (each.matched_pairs, each.bootstrap, each.randomization)),
            ]
            for each in comparisons
        ],
    )


def _view(view: View, names: Sequence[str]) -> Iterator[str]:
    return _table(
        [f"{_escape(view.name)}, raw → corrected WER, %", "words", *names],
        [
            [_escape(name) or "(none)", f"{words:,}", *map(_cell, cells)]
            for name, words, cells in view.rows
        ],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"| --- |{' ---: |' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _rate(rate: Rate) -> str:
    text = f"{100 * rate.wer:.2f}"
    if rate.low is None or rate.high is None:
        return text
    return f"{text} ({100 * rate.low:.2f}–{100 * rate.high:.2f})"


def _cell(cell: Cell) -> str:
    if not cell.words:
        return f"{cell.raw} → {cell.corrected} errors"
    return f"{100 * cell.raw_wer:.2f} → {100 * cell.corrected_wer:.2f}"


def _escape(text: str) -> str:
    # What would start markup or end a cell; line breaks end a table.
    for char in "\\`*_[]<>|":
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split())
