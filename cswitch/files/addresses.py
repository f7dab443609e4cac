"""Where a file is: here, on a standard stream, or elsewhere; and the files that a pattern means."""

from __future__ import annotations

import contextlib
import glob
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from cswitch.errors import InputError

STDIO = "-"


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
            with file_system(remote) as (system, name):
                found = [system.unstrip_protocol(match) for match in system.glob(name)]
        if not found:
            raise InputError("no file matches", path=path, remedy="Check the folder and the name")
        return sorted(found)
    return [str(path)]


def below(folder: Path, endings: Collection[str], what: str) -> list[Path]:
    """The files with some endings in a folder and in those below, hidden ones left out.

    Args:
        folder: Where to look.
        endings: In small letters; files may have them in capitals.
        what: What to say without them, as in "is no audio".

    Raises:
        InputError: There are none.
    """
    files = (path for path in folder.rglob("*") if not path.name.startswith("."))
    found = sorted(path for path in files if path.suffix.lower() in endings)
    if not found:
        raise InputError(
            f"there {what} in this folder",
            path=folder,
            remedy=f"Looked for {', '.join(endings)}; name other files themselves",
        )
    return found


@contextlib.contextmanager
def file_system(remote: str) -> Iterator[tuple[Any, str]]:
    """The file system of an address and the name in it; its errors are those of bad input.

    Raises:
        InputError: fsspec is not installed, or nothing can be read or written there.
    """
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
