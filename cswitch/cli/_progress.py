"""What long work tells: how far it is, on a terminal only, and where it is when broken off."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import click

Item = TypeVar("Item")

_INTERVAL = 0.2  # seconds between two updates


class Status:
    """A line on standard error that is written over again and again, if that is a terminal.

    It is gone when the block ends.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown = 0.0

    def __enter__(self) -> Status:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    def show(self, text: str) -> None:
        """Write over what is shown, but not too often."""
        if not self._terminal or time.monotonic() - self._shown < _INTERVAL:
            return
        # A line that is wider than the terminal could not be written over.
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r\033[K{text[:width]}")
        sys.stderr.flush()
        self._shown = time.monotonic()

    def clear(self) -> None:
        """Make room for other lines; what is shown next is shown at once."""
        if self._terminal and self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
            self._shown = 0.0


def progress(items: Iterable[Item], what: str) -> Iterator[Item]:
    """Pass items on and count them on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    with Status() as status:
        for count, item in enumerate(items, start=1):
            status.show(f"{count:,} {what}")
            yield item


@contextmanager
def resumable(place: Path, is_begun: Callable[[], object]) -> Iterator[None]:
    """Say where the work is kept if it is broken off and something of it is done."""
    try:
        yield
    except BaseException:
        if is_begun():
            click.echo(f"What is done is in {place}: the same command goes on from there", err=True)
        raise
