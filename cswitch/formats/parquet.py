"""Parquet: a row an utterance, columns with names; a file, a pattern of files, here or elsewhere.

Needs pyarrow (the extra ``datasets``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cswitch import parquet
from cswitch.formats import fields
from cswitch.formats.record import Record, Source

BOTH_SIDES = True


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether the file is called so."""
    return parquet.is_table(path)


def records(source: Source) -> Iterator[Record]:
    """Yield one record per row."""
    number = 0
    for table in parquet.read(source.path, plain=True):
        for row in table.to_pylist():
            number += 1
            yield fields.record(row, number, source)
