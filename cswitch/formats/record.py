"""What every format is turned into: records, read one at a time from a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cswitch.errors import InputError

Role = Literal["reference", "hypothesis"]


@dataclass(frozen=True, slots=True)
class Record:
    """One transcript of a file.

    Attributes:
        text: The transcript, untouched.
        line: Where it stands, counted from 1.
        id: The name of the utterance; None in formats where only the place counts.
        metadata: Speaker, domain and the like.
    """

    text: str
    line: int
    id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A file being read.

    Attributes:
        path: Its name, for messages.
        lines: Its lines with their numbers, not yet read.
        role: What is looked for in files that hold both sides.
        field: The column to take; None for the usual names.
        shared: The reference comes from the same file, so its column is not the hypothesis.
    """

    path: str
    lines: Iterator[tuple[int, str]]
    role: Role = "reference"
    field: str | None = None
    shared: bool = False

    def error(self, message: str, line: int | None, remedy: str) -> InputError:
        """An `InputError` about this source."""
        return InputError(message, path=self.path, line=line, remedy=remedy)
