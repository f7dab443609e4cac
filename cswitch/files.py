"""Files and pipes: text that is surely UTF-8 comes in, files that are surely whole go out."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from cswitch.errors import InputError

STDIO = "-"


def read_lines(path: str | Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file, or of standard input for ``-``, without line ends.

    Lines end at ``\\n`` or ``\\r\\n`` only: other Unicode line separators may be part of a
    transcript. A byte order mark at the start is dropped.

    Raises:
        InputError: The file cannot be opened, or a line is not UTF-8 (with its number).
    """
    with _open_binary(path) as stream:
        for number, raw in enumerate(stream, start=1):
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise InputError(
                    f"byte 0x{raw[error.start]:02x} at column {error.start + 1} is not UTF-8",
                    path=_name(path),
                    line=number,
                    remedy="Convert the file, for example with iconv -t UTF-8",
                ) from error
            yield line.rstrip("\n").removesuffix("\r")


@contextlib.contextmanager
def atomic_write(path: str | Path) -> Iterator[IO[str]]:
    """Open a text file that appears under its name only when the block ends without an error.

    ``-`` is standard output.
    """
    if str(path) == STDIO:
        yield sys.stdout
        return
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as out:
        yield out


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it there when the block succeeds."""
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise InputError(
            f"cannot write: {error.strerror}", path=path, remedy="Choose a folder you can write to"
        ) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def _open_binary(path: str | Path) -> Iterator[BinaryIO]:
    if str(path) == STDIO:
        yield sys.stdin.buffer
        return
    try:
        stream = open(path, "rb")  # noqa: SIM115 - closed below; only opening may fail here
    except OSError as error:
        raise InputError(
            f"cannot read: {error.strerror}", path=path, remedy="Check the name and the permissions"
        ) from error
    with stream:
        yield stream


def _name(path: str | Path) -> str:
    return "standard input" if str(path) == STDIO else str(path)
