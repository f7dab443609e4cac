"""``cswitch normalize``: text in, normalized text out, line by line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import click

from cswitch import json_input
from cswitch.cli._jobs import engine_options, run, run_on_table
from cswitch.cli._options import output_option
from cswitch.errors import InputError
from cswitch.files import atomic_write, read_lines
from cswitch.normalize import FORMS, normalizers
from cswitch.normalize.report import CHANGED, LINES, normalize_lines
from cswitch.parquet import is_table
from cswitch.scale.parallel import batched

Numbered = list[tuple[int, str]]  # lines with their numbers


@click.command()
@click.argument("file")
@click.option("--lang", required=True, help="A language, a tag or a pair: hi, hi-Deva, hi_en.")
@click.option(
    "--form",
    type=click.Choice(FORMS),
    default="canonical",
    show_default=True,
    help="What to write.",
)
@click.option(
    "--field",
    help="FILE has a JSON object per line, or is Parquet; normalize this field (Parquet: text).",
)
@click.option("--report", is_flag=True, help="Say on stderr how many lines each rule changed.")
@output_option
@engine_options
def command(
    file: str,
    lang: str,
    form: str,
    field: str | None,
    report: bool,
    output: str,
    jobs: int | None,
    engine: str,
) -> None:
    """Write FILE (or standard input for -) in one form of its LANG, line by line.

    A FILE called .parquet is a table; so is then the output.
    """
    normalizers(lang)  # an unknown language is an error even if there is no line
    if is_table(file):
        if report:
            raise InputError("rules are counted in text only", remedy="Leave out --report")
        from cswitch.scale import batches

        make_columns = partial(batches.normalizer, lang, field or "text", form)
        run_on_table(make_columns, file, output, jobs, engine)
        return
    totals: Counter[str] = Counter()
    make = partial(_block_normalizer, file, lang, form, field, report)
    blocks = batched(enumerate(read_lines(file), start=1))
    with atomic_write(output) as out:
        for results, changes in run(make, blocks, jobs, engine):
            out.writelines(f"{result}\n" for result in results)
            totals.update(changes)
    if report:
        click.echo(_table(totals), err=True)


def _block_normalizer(
    file: str, lang: str, form: str, field: str | None, report: bool
) -> Callable[[Numbered], tuple[list[str], Counter[str]]]:
    def normalize_block(lines: Numbered) -> tuple[list[str], Counter[str]]:
        changes: Counter[str] = Counter()
        counted = changes if report else None
        if field is None:
            results = normalize_lines((line for _, line in lines), lang, form, counted)
        else:
            results = _json_lines(lines, file, field, lang, form, counted)
        return list(results), changes

    return normalize_block


def _json_lines(
    lines: Iterable[tuple[int, str]],
    file: str,
    field: str,
    lang: str,
    form: str,
    changes: Counter[str] | None,
) -> Iterator[str]:
    """Objects with one field normalized; the other fields, and their order, stay."""
    for number, line in lines:
        item = _object(line, field, file, number)
        (item[field],) = normalize_lines([item[field]], lang, form, changes)
        yield json.dumps(item, ensure_ascii=False)


def _object(line: str, field: str, file: str, number: int) -> dict[str, Any]:
    remedy = "Give one JSON object per line, or leave --field out"
    item = json_input.parse(line, file, remedy, number)
    if not isinstance(item, dict) or not isinstance(item.get(field), str):
        raise InputError(
            f"the object has no text field '{field}'",
            path=file,
            line=number,
            remedy="Name a field that every object has",
        )
    return item


def _table(changes: Counter[str]) -> str:
    """The counts, the totals first, then the rules that changed most."""
    totals = [LINES, CHANGED]
    rules = sorted(set(changes) - set(totals), key=lambda name: (-changes[name], name))
    width = max(map(len, [*rules, *totals]))
    return "\n".join(f"{name:{width}}  {changes[name]:>9,}" for name in [*totals, *rules])
