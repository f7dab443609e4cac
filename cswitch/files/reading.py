"""Files that come in: lines that are surely UTF-8, and bytes."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cswitch.errors import InputError
from cswitch.files.addresses import STDIO, address, expand, file_system


def read_lines(path: str | Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file, or of standard input for ``-``, without line ends.

    An address such as ``s3://bucket/file`` is opened by fsspec, if that is installed. The files
    that a pattern such as ``part-*.txt`` matches are read one after the other.

    Lines end at ``\\n`` or ``\\r\\n`` only: other Unicode line separators may be part of a
    transcript. A byte order mark at the start is dropped.

    Raises:
        InputError: The file cannot be opened, or a line is not UTF-8 (with its number).
    """
    for each in expand(path):
        yield from _lines(each)


@contextlib.contextmanager
def open_binary(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file, an address or standard input to be read as bytes.

    Raises:
        InputError: It cannot be read.
    """
    if str(path) == STDIO:
        yield sys.stdin.buffer
        return
    if (remote := address(path)) is not None:
        with file_system(remote) as (system, name), system.open(name, "rb") as stream:
            yield stream
        return
    try:
        stream = open(path, "rb")  # noqa: SIM115 - closed below; only opening may fail here
    except OSError as error:
        raise InputError(
            f"cannot read: {error.strerror}", path=path, remedy="Check the name and the permissions"
        ) from error
    with stream:
        yield stream


@contextlib.contextmanager
def local(path: str | Path) -> Iterator[Path]:
    """A file that programs can open: ``path`` itself, or for the while a copy of one elsewhere."""
    if address(path) is None:
        yield Path(path)
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / Path(path).name
        with open_binary(path) as stream, open(copy, "wb") as out:
            shutil.copyfileobj(stream, out)
        yield copy


def _lines(path: str) -> Iterator[str]:
    with open_binary(path) as stream:
        for number, raw in enumerate(stream, start=1):
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise InputError(
                    f"byte 0x{raw[error.start]:02x} at column {error.start + 1} is not UTF-8",
                    path=path,
                    line=number,
                    remedy=_remedy(raw),
                ) from error
            if number == 1 and "\0" in line:
                # UTF-16 without a mark of its own is valid UTF-8, but not what was meant.
                raise InputError("it has NUL bytes", path=path, line=number, remedy=_remedy(raw))
            yield line.rstrip("\n").removesuffix("\r")


def _remedy(raw: bytes) -> str:
    """How to make UTF-8 of a file with this line."""
    if raw.startswith(b"\x1f\x8b"):
        return "Unpack the file, for example with gunzip"
    utf16 = b"\0" in raw or raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return f"Convert the file, for example with iconv {'-f UTF-16 ' if utf16 else ''}-t UTF-8"
