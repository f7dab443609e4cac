"""Plain text: one utterance a line, known by its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cswitch.formats.record import Record, Source


def detect(path: str, head: Sequence[str]) -> bool:
    """Everything is at least plain text."""
    return True


def records(source: Source) -> Iterator[Record]:
    """Yield one record per line, empty lines included."""
    return (Record(text, number) for number, text in source.lines)
