"""Files and pipes: text that is surely UTF-8 comes in, files that are surely whole go out."""

from __future__ import annotations

import contextlib
import errno
import glob
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO

from cswitch.errors import InputError

STDIO = "-"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


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


def expand(path: str | Path) -> list[str]:
    """The files that a pattern matches, in order; a path without ``*``, ``?`` or ``[`` as it is.

    Raises:
        InputError: No file matches.
    """
    remote = address(path)
    if glob.has_magic(str(path)) and not (remote is None and Path(path).exists()):
        if remote is None:
            found = glob.glob(str(path))  # noqa: PTH207 - a Path would need its fixed part
        else:
            with _remote(remote) as (system, name):
                found = [system.unstrip_protocol(match) for match in system.glob(name)]
        if not found:
            raise InputError("no file matches", path=path, remedy="Check the folder and the name")
        return sorted(found)
    return [str(path)]


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


@contextlib.contextmanager
def atomic_write(path: str | Path) -> Iterator[IO[str]]:
    """Open a text file that appears under its name only when the block ends without an error.

    ``-`` is standard output; an address such as ``s3://…`` is opened by fsspec.
    """
    if str(path) == STDIO:
        yield sys.stdout
        return
    with atomic_binary(path) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as out:
        yield out


@contextlib.contextmanager
def atomic_binary(path: str | Path) -> Iterator[BinaryIO]:
    """The same for a file of bytes, which standard output is not."""
    if (remote := address(path)) is not None:
        with (
            _remote(remote) as (system, name),
            system.transaction,
            system.open(name, "wb") as out,
        ):
            yield out
        return
    with atomic_path(path) as temporary, open(temporary, "wb") as out:
        yield out


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it there when the block succeeds.

    A link is followed. A pipe or a device gets what was written, for it cannot be replaced.

    Raises:
        InputError: Nothing can be written there, or there is no room for it.
    """
    target = Path(path)
    if target.is_dir():
        raise InputError("cannot write: it is a folder", path=path, remedy="Name a file in it")
    if target.exists() and not target.is_file():
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / "output"
            with open(Path(folder) / "output", "rb") as whole, open(target, "wb") as out:
                shutil.copyfileobj(whole, out)
        return
    target = target.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise cannot_write(error, path, "Choose a folder you can write to") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise cannot_write(error, path) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def cannot_write(
    error: OSError, path: str | Path | None, remedy: str = "Make room for it, or write elsewhere"
) -> InputError:
    """The error of an output that the system refuses."""
    return InputError(f"cannot write: {error.strerror}", path=path, remedy=remedy)


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


@contextlib.contextmanager
def open_binary(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file, an address or standard input to be read as bytes."""
    if str(path) == STDIO:
        yield sys.stdin.buffer
        return
    if (remote := address(path)) is not None:
        with _remote(remote) as (system, name), system.open(name, "rb") as stream:
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


def address(path: str | Path) -> str | None:
    """The address of a file elsewhere, None for one here; a `Path` has lost some of its slashes.

    >>> address(Path("s3://bucket/file")), address("file:///folder/file"), address("folder/file")
    ('s3://bucket/file', 'file:///folder/file', None)
    """
    found = re.match(r"([a-z][a-z0-9+.]+):/{1,3}(?=[^/])", str(path))
    if found is None:
        return None
    root = "/" if found[1] == "file" else ""  # what follows is no host but a path from the root
    return f"{found[1]}://{root}{str(path)[found.end() :]}"


@contextlib.contextmanager
def _remote(remote: str) -> Iterator[tuple[Any, str]]:
    """The file system of an address and the name in it; its errors are those of bad input."""
    try:
        import fsspec
    except ImportError as error:
        raise InputError(
            "reading or writing there needs fsspec",
            path=remote,
            remedy="Install it with: pip install 'cswitch-asr[ray]'",
        ) from error
    try:
        yield fsspec.core.url_to_fs(remote)
    except (OSError, ImportError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"cannot read or write: {error}", path=remote, remedy="Check the address"
        ) from error
