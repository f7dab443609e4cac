"""``cswitch audit``: examine the judge, on its own lexicon and on a run."""

from __future__ import annotations

import click

from cswitch import annotation, audit, results
from cswitch.analysis import Score
from cswitch.cli._options import lang_option, output_option, user_option
from cswitch.errors import InputError
from cswitch.files import STDIO, atomic_write


@click.group(invoke_without_command=True)
@lang_option
@user_option
@click.option(
    "--pairs",
    default=20_000,
    show_default=True,
    type=click.IntRange(0),
    help="Judge so many pairs; 0 for all.",
)
@click.option("--seed", default=audit.SEED, show_default=True, help="Draws the pairs.")
@click.option(
    "-o", "--output", metavar="FILE", help="Write the forgiven pairs as TSV; - for stdout."
)
@click.pass_context
def command(
    context: click.Context, lang: str, user: str | None, pairs: int, seed: int, output: str | None
) -> None:
    """Examine the judge: does it forgive different words, is it symmetric, where is it unsure?

    By itself: near pairs of different words of the lexicon are judged, and what is forgiven is
    counted: words of the same script, English words against native forms of others, and native
    words against romanizations of others. The last may well be right: kal is both कल and काल.
    """
    if context.invoked_subcommand is not None:
        return
    from cswitch.judge import Judge

    judge = Judge(lang, user=user)
    found = audit.audit_lexicon(judge, pairs or None, seed)
    if output is not None:
        _write_forgiven(found, output)
    if output != STDIO:
        click.echo("near pairs of different words      pairs  forgiven")
        for relation in audit.RELATIONS:
            click.echo(f"  {relation:<28}{_rate(found, relation)}")
        click.echo(f"judged otherwise in reverse   {len(found.asymmetric):>10,}")
        click.echo(judge.signature)


@command.command()
@click.argument("file", metavar="JSON|-")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1), help="How many pairs."
)
@output_option
def doubtful(file: str, limit: int, output: str) -> None:
    """List the least certain verdicts of a run, for a person to check."""
    annotation.write_sheet(annotation.doubtful(_read(file), limit), output)


@command.command()
@click.argument("file", metavar="JSON|-")
@click.option(
    "--size",
    default=200,
    show_default=True,
    type=click.IntRange(2),
    help="How many edits to draw.",
)
@click.option("--seed", default=audit.SEED, show_default=True, help="Draws the edits.")
@output_option
def sheet(file: str, size: int, seed: int, output: str) -> None:
    """Draw edits of a run for annotation: half forgiven ones, half others.

    Fill the first column of the sheet, verdict, with rendering or modeling, then give the sheet
    to cswitch audit agree.
    """
    annotation.write_sheet(annotation.sample(_read(file), size, seed), output)


@command.command()
@click.argument("file", metavar="SHEET|-")
@click.option("--user", metavar="FILE", help="Write your corrections as a list for --user.")
def agree(file: str, user: str | None) -> None:
    """Compare the judge with an annotated SHEET: precision and recall, with intervals."""
    found = annotation.agreement(annotation.read_sheet(file))
    for name, value in (("precision", found.precision), ("recall", found.recall)):
        click.echo(f"{name:<10}{value.value:.3f}  ({value.low:.3f}–{value.high:.3f})")
    click.echo(f"{found.annotated} edits annotated, {len(found.corrections)} pairs corrected")
    if user is not None:
        annotation.write_corrections(found.corrections, user)


def _read(file: str) -> list[Score]:
    scores = list(results.read(file))
    if not any(score.utterances for score in scores):
        raise InputError(
            "the result has no utterances",
            path=file,
            remedy="Save them with cswitch score --json FILE --utterance-results",
        )
    return scores


def _rate(found: audit.LexiconAudit, relation: audit.Relation) -> str:
    """How much was forgiven, where there was anything to forgive."""
    pairs = found.pairs.get(relation, 0)
    if not pairs:
        return "  no such pairs: nothing was tested"
    return (
        f"{pairs:>10,}{found.forgiven_of(relation):>10,}  {found.false_forgiveness(relation):7.2%}"
    )


def _write_forgiven(found: audit.LexiconAudit, output: str) -> None:
    with atomic_write(output) as out:
        out.write("relation\treference\thypothesis\tkind\tprobability\tevidence\n")
        for each in found.forgiven:
            verdict = each.verdict
            cells = (each.relation, each.reference, each.hypothesis, verdict.kind or "-")
            out.write("\t".join(cells) + f"\t{verdict.probability:.4f}\t{verdict.evidence}\n")
