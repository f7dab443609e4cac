"""A line of output for each file: those of an unfinished run are kept, broken files are named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import click

from cswitch.cli._progress import Status, resumable
from cswitch.errors import InputError
from cswitch.files import STDIO, address, atomic_write

File = TypeVar("File")
Results = Iterable[str | InputError]


class Progress:
    """How many files are done, shown on a terminal."""

    def __init__(self, status: Status, done: int, total: int) -> None:
        self._status = status
        self._done = done
        self._total = total

    def show(self, within: str = "") -> None:
        """Show it, and how far within a file the work is."""
        self._status.show(", ".join(filter(None, [f"{self._done} of {self._total} files", within])))

    def count(self) -> None:
        """One more is done; the terminal is free for other lines until `show`."""
        self._done += 1
        self._status.clear()


def write_lines(
    output: str,
    files: Sequence[tuple[str, File]],
    settings: Callable[[], Any],
    results: Callable[[Sequence[File], Progress], Results],
    done: str,
) -> None:
    """Write the line of each file, in order, even if some have none.

    An output file on this machine appears when all lines are there. Until then they are kept
    beside it, and the same command goes on from there.

    Args:
        output: Where to write.
        files: Files with their names.
        settings: What the lines depend on.
        results: Gives the line of each file, or what is wrong with it.
        done: What happens to the files, as in "cannot be …".

    Raises:
        InputError: Some file has no line.
    """
    with _open(output, [name for name, _ in files], settings) as lines, Status() as status:
        left = [(name, file) for name, file in files if name not in lines]
        progress = Progress(status, len(files) - len(left), len(files))
        progress.show()
        broken = 0
        found = results([file for _, file in left], progress) if left else ()
        for (name, _), result in zip(left, found, strict=True):
            progress.count()
            if isinstance(result, str):
                lines.add(name, result)
            elif len(files) == 1:
                raise result
            else:
                broken += 1
                tell(result)
            progress.show()
        if broken:
            raise some_broken(broken, len(files), done)


def tell(problem: object) -> None:
    """Name a problem that does not end the work."""
    click.echo(f"cswitch: {problem}", err=True)


def some_broken(count: int, total: int, done: str) -> InputError:
    """The error at the end of work that left files out; each of them was named before."""
    return InputError(
        f"{count} of {total} files cannot be {done}", remedy="Mend them, or leave them out"
    )


class _Lines(Protocol):
    def __contains__(self, name: str) -> bool: ...

    def add(self, name: str, line: str) -> None: ...


class _Stream:
    """Lines that go out at once."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def __contains__(self, name: str) -> bool:
        return False

    def add(self, name: str, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


@contextmanager
def _open(output: str, names: Sequence[str], settings: Callable[[], Any]) -> Iterator[_Lines]:
    """Where lines go; all of them have to be there at the end."""
    if not _is_file(output):
        with atomic_write(output) as out:
            yield _Stream(out)
        return
    from cswitch.scale.unfinished import Unfinished

    with Unfinished(output, settings()) as kept:
        if before := sum(name in kept for name in names):
            click.echo(f"{before} of {len(names)} files are done, in {kept.path}", err=True)
        with resumable(kept.path, lambda: len(kept)):
            yield kept
        kept.finish(names)


def _is_file(output: str) -> bool:
    """Whether an output is a file on this machine, or will be: no pipe, device or address."""
    path = Path(output)
    return output != STDIO and address(output) is None and (path.is_file() or not path.exists())
