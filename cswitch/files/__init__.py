"""Files and pipes, here and elsewhere: how they are named, read and written."""

from __future__ import annotations

from cswitch.files.addresses import STDIO, address, below, expand
from cswitch.files.reading import local, open_binary, read_lines
from cswitch.files.writing import (
    NO_ROOM,
    atomic_binary,
    atomic_path,
    atomic_write,
    binary_output,
    cannot_write,
    make_folder,
)

__all__ = [
    "NO_ROOM",
    "STDIO",
    "address",
    "atomic_binary",
    "atomic_path",
    "atomic_write",
    "below",
    "binary_output",
    "cannot_write",
    "expand",
    "local",
    "make_folder",
    "open_binary",
    "read_lines",
]
