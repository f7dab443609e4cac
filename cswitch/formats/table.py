"""CSV and TSV whose first line names the columns.

CSV is quoted as in RFC 4180; in TSV every character stands for itself.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath

from cswitch.errors import InputError
from cswitch.formats import fields
from cswitch.formats.record import Record, Source

_SUFFIXES = {".csv", ".tsv"}

BOTH_SIDES = True


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether the file is called so, or its first line names a column of text."""
    if PurePath(path).suffix.lower() in _SUFFIXES:
        return True
    try:
        names = columns(head[0] if head else "", path)
    except InputError:  # a transcript may have a single quote
        return False
    return len(names) > 1 and fields.known(dict.fromkeys(names))


def records(source: Source) -> Iterator[Record]:
    """Yield one record per row."""
    first = next(source.lines, None)
    if first is None:
        return
    header = first[1]
    names = columns(header, source.path)
    if source.field is None and not fields.known(dict.fromkeys(names)):
        raise source.error(
            "the first row does not name a column of transcripts",
            1,
            "Begin with a row of names, such as reference and hypothesis, "
            "or say which they are with --reference-field and --hypothesis-field",
        )
    for number, row in rows(names, header, source.lines, source.path):
        yield fields.record(row, number, source)


def columns(header: str, path: str | Path) -> list[str]:
    """The names of the columns that a header row gives.

    Raises:
        InputError: It is no row.
    """
    try:
        return next(_cells([header], header), [])
    except csv.Error as error:
        raise _no_row(error, path, 1) from error


def rows(
    names: Sequence[str], header: str, lines: Iterator[tuple[int, str]], path: str | Path
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows below a header with the numbers of the lines that they begin on.

    Raises:
        InputError: A column has no name of its own, or a row is broken or of another width.
    """
    if len(set(names)) < len(names):
        raise InputError(
            "a column stands there twice",
            path=path,
            line=1,
            remedy="Give each column a name of its own",
        )
    start = 2
    read = 1

    def texts() -> Iterator[str]:
        nonlocal read
        for read, line in lines:  # noqa: B007 - where the next row begins
            yield line + "\n"

    try:
        for cells in _cells(texts(), header):
            if cells:
                yield start, _by_name(names, cells, start, path)
            start = read + 1
    except csv.Error as error:
        raise _no_row(error, path, start) from error


def _no_row(error: csv.Error, path: str | Path, line: int) -> InputError:
    return InputError(
        f"not a row: {error}",
        path=path,
        line=line,
        remedy="End lines with LF, and quote cells as in RFC 4180 or use tabs",
    )


def _by_name(
    names: Sequence[str], cells: Sequence[str], line: int, path: str | Path
) -> dict[str, str]:
    if len(cells) != len(names):
        raise InputError(
            f"{len(cells)} cells where the header has {len(names)}",
            path=path,
            line=line,
            remedy="Begin with a header row, and give every row all its cells",
        )
    return dict(zip(names, cells, strict=True))


def _cells(lines: Iterable[str], header: str) -> Iterator[list[str]]:
    if "\t" in header:
        return csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    delimiter = ";" if header.count(";") > header.count(",") else ","
    return csv.reader(lines, delimiter=delimiter, strict=True)
