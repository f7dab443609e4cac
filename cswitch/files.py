"""Files and pipes: text that is surely UTF-8 comes in, files that are surely whole go out."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO

from cswitch.errors import InputError

STDIO = "-"


def read_lines(path: str | Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file, or of standard input for ``-``, without line ends.

    An address such as ``s3://bucket/file`` is opened by fsspec, if that is installed.

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
                    path=path,
                    line=number,
                    remedy="Convert the file, for example with iconv -t UTF-8",
                ) from error
            yield line.rstrip("\n").removesuffix("\r")


@contextlib.contextmanager
def atomic_write(path: str | Path) -> Iterator[IO[str]]:
    """Open a text file that appears under its name only when the block ends without an error.

    ``-`` is standard output; an address such as ``s3://…`` is opened by fsspec.
    """
    if str(path) == STDIO:
        yield sys.stdout
        return
    if (address := _address(path)) is not None:
        with (
            _remote(address) as (system, name),
            system.transaction,
            system.open(name, "w", encoding="utf-8", newline="") as out,
        ):
            yield out
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


@contextlib.contextmanager
def binary_output(path: str | Path) -> Iterator[Path]:
    """Yield the path to write a file of bytes to; what stands there for ``-`` goes to a pipe.

    Raises:
        InputError: Standard output is a terminal, which no one could read such bytes on.
    """
    if str(path) != STDIO:
        yield Path(path)
        return
    if sys.stdout.isatty():
        raise InputError(
            "bytes are not written to a terminal",
            remedy="Name a file with -o, or lead the output into one",
        )
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / "output"
        yield temporary
        sys.stdout.buffer.write(temporary.read_bytes())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def _open_binary(path: str | Path) -> Iterator[BinaryIO]:
    if str(path) == STDIO:
        yield sys.stdin.buffer
        return
    if (address := _address(path)) is not None:
        with _remote(address) as (system, name), system.open(name, "rb") as stream:
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


def _address(path: str | Path) -> str | None:
    """The address of a file elsewhere; a `Path` has lost one of its slashes."""
    found = re.match(r"([a-z][a-z0-9+.]+):/{1,2}(?=[^/])", str(path))
    return None if found is None else f"{found[1]}://{str(path)[found.end() :]}"


@contextlib.contextmanager
def _remote(address: str) -> Iterator[tuple[Any, str]]:
    """The file system of an address and the name in it; its errors are those of bad input."""
    try:
        import fsspec
    except ImportError as error:
        raise InputError(
            "reading or writing there needs fsspec",
            path=address,
            remedy="Install it with: pip install 'cswitch-asr[ray]'",
        ) from error
    try:
        yield fsspec.core.url_to_fs(address)
    except (OSError, ImportError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"cannot read or write: {error}", path=address, remedy="Check the address"
        ) from error
