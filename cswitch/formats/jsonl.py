"""JSON lines and NeMo manifests: one object a line, ``text`` and ``pred_text`` side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from cswitch.formats import fields
from cswitch.formats.record import Record, Source

BOTH_SIDES = True


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether the first line is a JSON object."""
    first = next((line for line in head if line.strip()), "")
    return first.lstrip().startswith("{") and first.rstrip().endswith("}")


def records(source: Source) -> Iterator[Record]:
    """Yield one record per line."""
    for number, line in source.lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise source.error(
                f"not JSON: {error.msg}", number, "Write one JSON object per line"
            ) from error
        if not isinstance(row, dict):
            raise source.error("not a JSON object", number, "Write one JSON object per line")
        yield fields.record(row, number, source)
