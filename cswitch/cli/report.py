"""``cswitch report``: pictures and tables from saved results."""

from __future__ import annotations

import click

from cswitch import results
from cswitch.errors import InputError
from cswitch.files import STDIO


@click.command(name="report")
@click.argument("files", metavar="JSON...", nargs=-1, required=True)
@click.option("--html", metavar="FILE", help="Write the report as one HTML file.")
@click.option("--markdown", metavar="FILE", help="Write Markdown tables; - for stdout.")
@click.option("--latex", metavar="FILE", help="Write a LaTeX table; - for stdout.")
@click.option("--csv", metavar="FILE", help="Write every edit as a row; - for stdout.")
@click.option("--edits", is_flag=True, help="Print every edit with its evidence.")
def command(
    files: tuple[str, ...],
    html: str | None,
    markdown: str | None,
    latex: str | None,
    csv: str | None,
    edits: bool,
) -> None:
    """Show results that were saved with cswitch score --json.

    The utterances are shown too if they were saved (--utterance-results). Systems of several
    files are compared if their references are the same. Without any option, the tables are
    printed.

    \b
    cswitch score ref.txt hyp.txt --json result.json --utterance-results
    cswitch report result.json --html report.html
    """
    from cswitch import report

    written = {"html": html, "markdown": markdown, "latex": latex, "edits": csv}
    if list(written.values()).count(STDIO) > 1:
        raise InputError(
            "several reports go to standard output", remedy="Name files for all but one"
        )
    scores = [score for file in files for score in results.read(file)]
    if (csv or edits) and not all(score.utterances for score in scores):
        raise InputError(
            "no utterances were saved",
            path=files[0],
            remedy="Save them with cswitch score --json FILE --utterance-results",
        )
    for name, path in written.items():
        if path is not None:
            report.write(scores, path, name)
    if STDIO not in written.values() and (edits or not any(written.values())):
        from cswitch.report import terminal

        if edits:
            terminal.print_utterances(scores)
        terminal.print_scores(scores)
