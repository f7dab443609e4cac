"""Scores on a terminal: a table of rates, what was forgiven, and the edits in colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from cswitch.align import Edit
from cswitch.analysis import Score, Utterance
from cswitch.ranking import rank
from cswitch.statistics.differences import Difference, differences, probability

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

MARKS = {
    "hit": " ",
    "rendering": "≈",
    "substitution": "×",
    "deletion": "−",
    "insertion": "+",
}
_FILE_WIDTH = 160
_STYLES = {
    "hit": "",
    "rendering": "cyan",
    "substitution": "bold red",
    "deletion": "bold magenta",
    "insertion": "bold yellow",
}


def print_scores(scores: Sequence[Score], file: IO[str] | None = None) -> None:
    """Print the rates of the systems and what was forgiven, by kind, and the signature.

    Colour is used where the file is a terminal that has it.
    """
    console = _console(file)
    size, words = scores[0].size, scores[0].raw.reference_words
    console.print(f"{scores[0].lang}: {size:,} utterances, {words:,} words", style="bold")
    console.print(_rates(scores))
    if any(score.forgiven for score in scores):
        console.print("Forgiven, in points of WER", style="bold")
        console.print(_kinds(scores))
    if found := differences(scores):
        console.print("Differences, in points of WER (paired bootstrap, Holm)", style="bold")
        console.print(_differences(found))
    if len(scores) > 1:
        console.print(str(rank(scores)), soft_wrap=True)
    for signature in dict.fromkeys(score.signature for score in scores):
        console.print(signature, style="dim", soft_wrap=True)


def print_utterances(scores: Sequence[Score], file: IO[str] | None = None) -> None:
    """Print every utterance that has an error: the words, a mark for each edit, the evidence."""
    console = _console(file)
    for renditions in zip(*(score.utterances for score in scores), strict=True):
        for score, utterance in zip(scores, renditions, strict=True):
            if utterance.edits:
                console.print(_heading(score, utterance), soft_wrap=True)
                for edit, words, heard in utterance.edited():
                    console.print(_edit(edit, words, heard), soft_wrap=True)


def _console(file: IO[str] | None) -> Console:
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            raise  # what becomes of a command whose reader has gone is not for rich to say

    console = Quiet(file=file, highlight=False, markup=False)
    # A file has no width of its own; rich would take 80 columns and fold the names of systems.
    return console if console.is_terminal else Quiet(file=file, markup=False, width=_FILE_WIDTH)


def _table() -> Table:
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, pad_edge=False)


def _rates(scores: Sequence[Score]) -> Table:
    table = _table()
    table.add_column("system", overflow="fold")
    for name in ("raw WER", "corrected", "forgiven", "sub", "del", "ins"):
        table.add_column(name, justify="right", style="bold" if name == "corrected" else "")
    for score in scores:
        left = score.corrected
        table.add_row(
            score.name,
            _rate(score, 0),
            _rate(score, 1),
            f"{sum(score.forgiven.values()):,}",
            *(f"{count:,}" for count in (left.substitutions, left.deletions, left.insertions)),
        )
    return table


def _rate(score: Score, side: int) -> str:
    """An error rate with its interval, where that is known."""
    wer = (score.raw, score.corrected)[side].wer
    if score.intervals is None:
        return f"{wer:.2%}"
    low, high = score.intervals[side]
    return f"{wer:.2%} ({100 * low:.2f}–{100 * high:.2f})"


def _kinds(scores: Sequence[Score]) -> Table:
    from cswitch.breakdown import kinds

    table = _table()
    table.add_column("system", overflow="fold")
    names = kinds(scores)
    for kind in names:
        table.add_column(kind, justify="right")
    for score in scores:
        words = score.raw.reference_words or 1
        points = (100 * score.forgiven.get(kind, 0) / words for kind in names)
        table.add_row(score.name, *(f"{each:.2f}" for each in points))
    return table


def _differences(found: Sequence[Difference]) -> Table:
    table = _table()
    table.add_column("systems", overflow="fold")
    for name in ("raw", "p", "corrected", "p"):
        table.add_column(name, justify="right")
    pairs: dict[tuple[str, str], list[str]] = {}
    for each in found:
        row = pairs.setdefault((each.first, each.second), [])
        row += [f"{100 * each.difference:+.2f}", probability(each.p)]
    for (first, second), row in pairs.items():
        table.add_row(f"{first} − {second}", *row)
    return table


def _heading(score: Score, utterance: Utterance) -> Text:
    from rich.text import Text

    return Text.assemble(
        (f"\n{utterance.id}", "bold"),
        (f"  {score.name}  {utterance.raw.errors} errors, ", "dim"),
        (f"{utterance.corrected.errors} of them real\n", "dim"),
        utterance.reference,
    )


def _edit(edit: Edit, words: str, heard: str) -> Text:
    from rich.text import Text

    verdict = edit.verdict
    kind = verdict.kind if verdict and verdict.kind else edit.operation
    line = Text.assemble(
        (f"  {MARKS[edit.operation]} {kind:<13}", _STYLES[edit.operation]),
        (words or "∅"),
        (" → ", "dim"),
        (heard or "∅"),
    )
    if verdict:
        line.append(f"  {verdict.evidence} ({verdict.probability:.2f})", style="dim")
    return line
