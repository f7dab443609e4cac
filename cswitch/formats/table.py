"""CSV and TSV whose first line names the columns.

CSV is quoted as in RFC 4180; in TSV every character stands for itself.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from cswitch.formats import fields
from cswitch.formats.record import Record, Source

_SUFFIXES = {".csv", ".tsv"}


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether the file is called so, or its first line names a column of text."""
    if PurePath(path).suffix.lower() in _SUFFIXES:
        return True
    if not head:
        return False
    names = _names(head[0])
    return len(names) > 1 and fields.known(dict.fromkeys(names))


def records(source: Source) -> Iterator[Record]:
    """Yield one record per row."""
    first = next(source.lines, None)
    if first is None:
        return
    header = first[1]
    names = _names(header)
    if len(set(names)) < len(names):
        raise source.error("a column stands there twice", 1, "Give each column a name of its own")
    start = 2
    read = 1

    def lines() -> Iterator[str]:
        nonlocal read
        for read, line in source.lines:  # noqa: B007 - where the next row begins
            yield line + "\n"

    try:
        for row in _rows(lines(), header):
            if row:
                yield fields.record(_by_name(names, row, start, source), start, source)
            start = read + 1
    except csv.Error as error:
        raise source.error(
            f"not a row: {error}", start, "Quote cells as in RFC 4180, or use tabs"
        ) from error


def _by_name(
    names: Sequence[str], row: Sequence[str], line: int, source: Source
) -> dict[str, str]:
    if len(row) != len(names):
        raise source.error(
            f"{len(row)} cells where the header has {len(names)}",
            line,
            "Begin with a header row, and give every row all its cells",
        )
    return dict(zip(names, row, strict=True))


def _rows(lines: Iterable[str], header: str) -> Iterator[list[str]]:
    if "\t" in header:
        return csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    delimiter = ";" if header.count(";") > header.count(",") else ","
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _names(header: str) -> list[str]:
    return next(_rows([header], header), [])
