"""JSON lines and NeMo manifests: one object a line, ``text`` and ``pred_text`` side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from cswitch import json_input
from cswitch.formats import fields
from cswitch.formats.record import Record, Source

BOTH_SIDES = True
_SUFFIXES = {".jsonl", ".ndjson", ".json"}
_REMEDY = "Write one JSON object per line"


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether the file is called so, or the first line is a JSON object."""
    if PurePath(path).suffix.lower() in _SUFFIXES:
        return True
    first = next((line for line in head if line.strip()), "")
    return first.lstrip().startswith("{") and first.rstrip().endswith("}")


def records(source: Source) -> Iterator[Record]:
    """Yield one record per line."""
    for number, line in source.lines:
        if not line.strip():
            continue
        row = json_input.parse(line, source.path, _REMEDY, number)
        if not isinstance(row, dict):
            raise source.error("not a JSON object", number, _REMEDY)
        yield fields.record(row, number, source)
