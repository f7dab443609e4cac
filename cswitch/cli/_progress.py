"""Progress of long work, shown on a terminal only."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_INTERVAL = 0.2  # seconds between two updates


def progress(items: Iterable[Item], what: str) -> Iterator[Item]:
    """Pass items on and count them on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    count, shown = 0, time.monotonic()
    try:
        for count, item in enumerate(items, start=1):
            now = time.monotonic()
            if now - shown > _INTERVAL:
                sys.stderr.write(f"\r{count:,} {what}")
                sys.stderr.flush()
                shown = now
            yield item
    finally:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
