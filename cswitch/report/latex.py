"""Scores as a LaTeX table (booktabs), for a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cswitch.analysis import Score
from cswitch.files import atomic_write
from cswitch.report.summary import Rate, Summary, summarize

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "&%$#_{}"},
}


def write(scores: Sequence[Score], path: str | Path) -> None:
    """Write one table: a row per system, raw and corrected WER, and what was forgiven by kind."""
    with atomic_write(path) as out:
        out.write("\n".join(_lines(summarize(scores))) + "\n")


def _lines(summary: Summary) -> Iterator[str]:
    yield "% Needs \\usepackage{booktabs}."
    yield from (f"% {signature}" for signature in summary.signatures)
    yield f"\\begin{{tabular}}{{l{'r' * (2 + len(summary.kinds))}}}"
    yield "\\toprule"
    if summary.kinds:
        yield (
            f"& & & \\multicolumn{{{len(summary.kinds)}}}{{c}}{{forgiven, points of WER}} \\\\"
            f" \\cmidrule(l){{4-{3 + len(summary.kinds)}}}"
        )
    yield _row("system", "raw WER", "corrected WER", *summary.kinds)
    yield "\\midrule"
    best = min(system.corrected.wer for system in summary.systems)
    for system in summary.systems:
        corrected = _rate(system.corrected)
        yield _row(
            _escape(system.name),
            _rate(system.raw),
            f"\\textbf{{{corrected}}}" if system.corrected.wer == best else corrected,
            *(f"{100 * system.points(kind):.2f}" for kind in summary.kinds),
        )
    yield "\\bottomrule"
    yield "\\end{tabular}"


def _row(*cells: str) -> str:
    return " & ".join(cells) + " \\\\"


def _rate(rate: Rate) -> str:
    text = f"{100 * rate.wer:.2f}"
    if rate.low is None or rate.high is None:
        return text
    half = 50 * (rate.high - rate.low)
    return f"{text} {{\\scriptsize$\\pm${half:.2f}}}"


def _escape(text: str) -> str:
    return "".join(_SPECIAL.get(char, char) for char in " ".join(text.split()))
