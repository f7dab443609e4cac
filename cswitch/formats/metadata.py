"""What is known of utterances beside their text: a table of its own, or Kaldi's ``utt2spk``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from cswitch.errors import InputError
from cswitch.files import read_lines
from cswitch.formats import fields, table
from cswitch.formats.pairing import Row

Known = Mapping[str, Mapping[str, str]]


def attach(rows: Iterator[Row], path: str | Path) -> Iterator[Row]:
    """Add the metadata of a file to the rows of the same names.

    The file is CSV or TSV with a header row and a column ``id`` (or another usual name), or has
    lines ``utterance speaker`` as Kaldi's ``utt2spk``. In formats without names, an utterance is
    named by its line number.

    Raises:
        InputError: The file is neither, a name stands twice in it, or an utterance is missing.
    """
    known = _read(path)
    for row in rows:
        if row.id not in known:
            raise InputError(
                f"nothing about the utterance '{row.id}'",
                path=path,
                remedy="Give every utterance a line",
            )
        yield replace(row, metadata={**row.metadata, **known[row.id]})


def _read(path: str | Path) -> Known:
    lines = enumerate(read_lines(path), start=1)
    _, header = next(lines, (1, ""))
    names = table.columns(header)
    key = next((name for name in fields.NAME if name in names), None)
    if key is None:
        return _collect(_speakers([(1, header), *lines], path), path)
    found = ((number, row.pop(key), row) for number, row in table.rows(names, header, lines, path))
    return _collect(found, path)


def _speakers(
    lines: list[tuple[int, str]], path: str | Path
) -> Iterator[tuple[int, str, dict[str, str]]]:
    for number, line in lines:
        cells = line.split()
        if len(cells) != 2:
            raise InputError(
                "neither a table with a column 'id' nor lines 'utterance speaker'",
                path=path,
                line=number,
                remedy="Begin with a header row such as 'id', a tab, 'speaker'",
            )
        yield number, cells[0], {"speaker": cells[1]}


def _collect(rows: Iterator[tuple[int, str, dict[str, str]]], path: str | Path) -> Known:
    known: dict[str, dict[str, str]] = {}
    for number, name, row in rows:
        if name in known:
            raise InputError(
                f"the utterance '{name}' stands there twice",
                path=path,
                line=number,
                remedy="Keep one of the two lines",
            )
        known[name] = row
    return known
