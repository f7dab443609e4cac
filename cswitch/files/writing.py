"""Files that go out: whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from cswitch.errors import InputError
from cswitch.files.addresses import STDIO, address, file_system

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


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
            file_system(remote) as (system, name),
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


def make_folder(path: str | Path) -> None:
    """Create a folder, and those it is in, if they are not there.

    Raises:
        InputError: The system refuses.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot create the folder: {error.strerror}",
            path=path,
            remedy="Choose a place you can write to",
        ) from error


def cannot_write(
    error: OSError, path: str | Path | None, remedy: str = "Make room for it, or write elsewhere"
) -> InputError:
    """The error of an output that the system refuses."""
    return InputError(f"cannot write: {error.strerror}", path=path, remedy=remedy)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
