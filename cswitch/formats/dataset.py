"""Hugging Face ``datasets`` as ``save_to_disk`` leaves them: a folder of Arrow files.

Needs pyarrow (the extra ``datasets``). Only columns of text, numbers and truth values are read;
audio stays where it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cswitch import parquet
from cswitch.errors import InputError
from cswitch.formats import fields
from cswitch.formats.record import Record, Source

_STATE = "state.json"

BOTH_SIDES = True


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether it is a folder."""
    return Path(path).is_dir()


def records(source: Source) -> Iterator[Record]:
    """Yield one record per row."""
    number = 0
    for batch in _batches(Path(source.path)):
        for row in batch:
            number += 1
            yield fields.record(row, number, source)


def _batches(folder: Path) -> Iterator[list[dict[str, Any]]]:
    try:
        import pyarrow as pa
        from pyarrow import ipc
    except ImportError as error:
        raise InputError(
            "reading a dataset needs pyarrow",
            path=folder,
            remedy="Install it with pip install 'cswitch-asr[datasets]'",
        ) from error
    for name in _files(folder):
        with pa.memory_map(str(folder / name)) as stream, ipc.open_stream(stream) as batches:
            for batch in batches:
                yield batch.select(parquet.plain_columns(batch.schema)).to_pylist()


def _files(folder: Path) -> list[str]:
    try:
        state = json.loads((folder / _STATE).read_text("utf-8"))
        return [file["filename"] for file in state["_data_files"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        splits = sorted(path.parent.name for path in folder.glob(f"*/{_STATE}"))
        remedy = (
            f"Name one of its splits: {', '.join(splits)}"
            if splits
            else "Name a file, or a dataset that save_to_disk has written"
        )
        raise InputError("not a dataset on disk", path=folder, remedy=remedy) from error
