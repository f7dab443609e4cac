"""Formats whose columns have names: which column is what.

Names are those that recognizers and corpora use; any other can be said.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import shorten
from typing import Any

from cswitch.formats.record import Record, Source

REFERENCE = ("reference", "ref", "text", "sentence", "transcript", "transcription", "words")
HYPOTHESIS = ("hypothesis", "hyp", "pred_text", "prediction", "pred")
NAME = ("id", "utterance_id", "utt_id", "utt", "segment_id", "key", "audio_filepath", "path")
_MEASURED = ("duration", "offset")


def record(row: Mapping[str, Any], line: int, source: Source) -> Record:
    """A row as a transcript; the other columns become metadata.

    Raises:
        InputError: The text is missing or no text, or its column is not known.
    """
    column = _column(row, line, source)
    text = row[column]
    if not isinstance(text, str):
        raise source.error(f"'{column}' is no text but {text!r}", line, "Write it in quotes")
    name = next((key for key in NAME if row.get(key) not in (None, "")), None)
    apart = {column, name, *REFERENCE, *HYPOTHESIS, *_MEASURED}
    metadata = {
        key: str(value)
        for key, value in row.items()
        if key not in apart and isinstance(value, str | int | bool)
    }
    return Record(text, line, None if name is None else _name(row, name), metadata)


def known(names: Mapping[str, Any]) -> bool:
    """Whether one of the names is that of a text."""
    return any(name in names for name in (*REFERENCE, *HYPOTHESIS))


def _listed(row: Mapping[str, Any]) -> str:
    names = [shorten(str(name), 40, placeholder="…") for name in row]
    return ", ".join(names) or "(none)"


def _name(row: Mapping[str, Any], key: str) -> str:
    # Segments of one recording have its path in common.
    return str(row[key]) if row.get("offset") is None else f"{row[key]}@{row['offset']}"


def _column(row: Mapping[str, Any], line: int, source: Source) -> str:
    if source.field is not None:
        wanted: tuple[str, ...] = (source.field,)
    elif source.role == "reference":
        wanted = REFERENCE
    else:
        # In a file of its own, a hypothesis may be called "text" too.
        wanted = HYPOTHESIS if source.shared else (*HYPOTHESIS, *REFERENCE)
    for name in wanted:
        if name in row:
            return name
    raise source.error(
        f"no {source.role} among the columns {_listed(row)}",
        line,
        f"Call it '{wanted[0]}', or name it with --{source.role}-field",
    )
