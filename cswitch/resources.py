"""Where the data folders are, and how their tables are read and checked.

This is the only module that knows that ``normalizers/``, ``lexicons/``, ``lm/`` and ``models/``
lie beside the package in a checkout and in ``cswitch/data/`` once installed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from cswitch.errors import InputError
from cswitch.files import read_lines

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_LICENCE = "# Licence: "


@cache
def folder(kind: str) -> Path:
    """The folder of a kind of data: ``normalizers``, ``lexicons``, ``lm`` or ``models``."""
    package = Path(__file__).parent
    installed = package / "data" / kind
    return installed if installed.is_dir() else package.parent / kind


@cache
def names(kind: str) -> tuple[str, ...]:
    """The names of the folders of a kind, sorted: what is there is what is known."""
    root = folder(kind)
    if not root.is_dir():
        return ()
    return tuple(sorted(path.name for path in root.iterdir() if path.is_dir()))


def tables(kind: str, name: str) -> Iterator[Path]:
    """The TSV files of one folder, sorted by name."""
    return iter(sorted((folder(kind) / name).glob("*.tsv")))


def sample() -> Path:
    """The folder of the bundled sample: references, and three systems that render differently."""
    return Path(__file__).parent / "sample"


def read_table(path: str | Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Read a checked table: licence comment, header row, then one mapping per line.

    Escapes such as ``\\u200D`` are resolved. A last column ``note`` may follow the columns asked
    for; it is not returned.

    Args:
        path: A TSV file.
        columns: The names that the header row must have, in order.

    Raises:
        InputError: A missing licence line or header, a wrong number of columns, an empty or
            padded cell, text that is not NFC, or a row that stands there twice.
    """
    rows: dict[tuple[str, ...], int] = {}
    header: list[str] | None = None
    licensed = False
    for number, line in enumerate(read_lines(path), start=1):
        if header is None and line.startswith("#"):
            licensed = licensed or line.startswith(_LICENCE)
            continue
        cells = line.split("\t")
        if header is None:
            header = _header(cells, columns, licensed, path, number)
            continue
        row = _row(cells, header, len(columns), path, number)
        if row in rows:
            raise InputError(
                f"the row {' / '.join(row)} stands in line {rows[row]} already",
                path=path,
                line=number,
                remedy="Remove one of the two",
            )
        rows[row] = number
    if header is None:
        raise InputError(
            "the table is empty", path=path, remedy=f"Begin with '{_LICENCE}…' and a header row"
        )
    return list(rows)


def _header(
    cells: list[str], columns: Sequence[str], licensed: bool, path: str | Path, number: int
) -> list[str]:
    if not licensed:
        raise InputError(
            "no licence line", path=path, line=number, remedy=f"Begin the file with '{_LICENCE}…'"
        )
    wanted = list(columns)
    if cells not in (wanted, [*wanted, "note"]):
        raise InputError(
            f"the header is {cells}",
            path=path,
            line=number,
            remedy=f"Name the columns {wanted}, and 'note' last if there is one",
        )
    return cells


def _row(
    cells: list[str], header: list[str], width: int, path: str | Path, number: int
) -> tuple[str, ...]:
    if "note" in header and len(cells) == width:
        cells = [*cells, ""]
    if len(cells) != len(header):
        raise InputError(
            f"{len(cells)} columns where the header has {len(header)}",
            path=path,
            line=number,
            remedy="Separate the columns with single tabs",
        )
    for name, cell in zip(header, cells[:width], strict=False):
        if not cell or cell != cell.strip(" "):
            raise InputError(
                f"the column '{name}' is empty or padded with spaces",
                path=path,
                line=number,
                remedy="Write the value without spaces around it",
            )
        if not unicodedata.is_normalized("NFC", cell):
            raise InputError(
                f"the column '{name}' is not in NFC",
                path=path,
                line=number,
                remedy="Compose it, or write the code points as \\uXXXX escapes",
            )
    return tuple(_unescape(cell) for cell in cells[:width])


def _unescape(cell: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), cell)
