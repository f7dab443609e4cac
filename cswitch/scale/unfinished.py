"""Results of long work, kept beside its output until all are there: what is done is done once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from cswitch.errors import InputError
from cswitch.files import atomic_write, cannot_write

SUFFIX = ".part"


def states(files: Iterable[str | Path | None]) -> list[list[Any]]:
    """Files as they are, for settings: a file that changes makes other results."""
    named = (Path(file) for file in files if file is not None)
    found = ((str(file), file.stat() if file.exists() else None) for file in named)
    return [[name] if at is None else [name, at.st_size, at.st_mtime_ns] for name, at in found]


class Unfinished:
    """Lines under keys, in the file ``OUTPUT.part`` while the work is not finished.

    Its first line says what the lines depend on, each other line has a key and its line. A line
    that was cut off at the end, by the end of a program or its machine, counts for nothing.

    Args:
        output: The file that the lines are for.
        settings: What they depend on, as JSON can say it.

    Raises:
        InputError: There are lines that depend on something else, or nothing can be written.

    >>> import tempfile
    >>> output = Path(tempfile.mkdtemp()) / "out"
    >>> with Unfinished(output, {"beam": 8}) as lines:
    ...     lines.add("a", "one")
    >>> output.exists()
    False
    >>> with Unfinished(output, {"beam": 8}) as lines:
    ...     lines.add("b", "two")
    ...     "a" in lines, lines.finish(["b", "a"])
    (True, None)
    >>> output.read_text()
    'two\\none\\n'
    """

    def __init__(self, output: str | Path, settings: Any) -> None:
        self.path = Path(f"{output}{SUFFIX}")
        self._output = output
        self._places: dict[str, int] = {}
        begun = self.path.exists()
        try:
            self._stream: BinaryIO = open(self.path, "r+b" if begun else "x+b")  # noqa: SIM115
        except OSError as error:
            raise cannot_write(error, output, "Choose a folder you can write to") from error
        if not begun:
            self._write(settings)
            return
        try:
            self._read(settings)
        except InputError:
            self._stream.close()
            raise

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __enter__(self) -> Unfinished:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        if not self._places:
            self.path.unlink(missing_ok=True)

    def add(self, key: str, line: str) -> None:
        """Keep a line."""
        self._places[key] = self._write([key, line])

    def finish(self, keys: Iterable[str]) -> None:
        """Write the output: the line of each key in this order. Nothing is kept any longer."""
        with atomic_write(self._output) as out:
            for key in keys:
                self._stream.seek(self._places[key])
                out.write(json.loads(self._stream.readline())[1] + "\n")
        self._places = {}

    def _write(self, value: Any) -> int:
        """Add a line of JSON at the end; give its place."""
        place = self._stream.seek(0, 2)
        self._stream.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")
        self._stream.flush()
        return place

    def _read(self, settings: Any) -> None:
        wrong = InputError(
            "has results of an unfinished run with other options, or with other models",
            path=self.path,
            remedy="Repeat that run to finish it, or delete the file",
        )
        try:
            if json.loads(self._stream.readline()) != json.loads(json.dumps(settings)):
                raise wrong
            place = self._stream.tell()
            while (line := self._stream.readline()).endswith(b"\n"):
                self._places[json.loads(line)[0]] = place
                place += len(line)
        except ValueError as error:
            raise wrong from error
        self._stream.truncate(place)
