"""What is known of utterances beside their text: a table of its own, or Kaldi's ``utt2spk``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from cswitch.errors import InputError
from cswitch.files import read_lines
from cswitch.formats import fields, table
from cswitch.formats.by_name import ByName
from cswitch.formats.names import Names
from cswitch.formats.pairing import Row
from cswitch.formats.record import Record


def attach(rows: Iterator[Row], path: str | Path) -> Iterator[Row]:
    """Add the metadata of a file to the rows of the same names.

    The file is CSV or TSV with a header row and a column ``id`` (or another usual name), or has
    lines ``utterance speaker`` as Kaldi's ``utt2spk``. In formats without names, an utterance is
    named by its line number. A file in the order of the rows is streamed.

    Raises:
        InputError: The file is neither, a name stands twice in it, or an utterance is missing.
    """
    names = Names(str(path))
    records = ByName(str(path), (record for record in _records(path) if names.add(record)))
    for row in rows:
        known = records.take(row.id)
        if known is None:
            names.check()
            raise InputError(
                f"nothing about the utterance '{row.id}'",
                path=path,
                remedy="Give every utterance a line",
            )
        yield replace(row, metadata={**row.metadata, **known.metadata})
    records.left()
    names.check()


def _records(path: str | Path) -> Iterator[Record]:
    """What the file says, without a text."""
    lines = enumerate(read_lines(path), start=1)
    _, header = next(lines, (1, ""))
    names = table.columns(header, path)
    key = next((name for name in fields.NAME if name in names), None)
    if key is None:
        yield from _speakers(chain([(1, header)], lines), path)
        return
    for number, row in table.rows(names, header, lines, path):
        yield Record("", number, row.pop(key), row)


def _speakers(lines: Iterable[tuple[int, str]], path: str | Path) -> Iterator[Record]:
    for number, line in lines:
        cells = line.split()
        if len(cells) != 2:
            raise InputError(
                "neither a table with a column 'id' nor lines 'utterance speaker'",
                path=path,
                line=number,
                remedy="Begin with a header row such as 'id', a tab, 'speaker'",
            )
        yield Record("", number, cells[0], {"speaker": cells[1]})
