"""NIST ``trn``: the transcript, then the name of the utterance in parentheses.

https://github.com/usnistgov/SCTK (doc/infmts.htm). The speaker is what stands before the first
``-`` or ``_`` of the name, as sclite has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from cswitch.formats.record import Record, Source

_LINE = re.compile(r"(?s)(?P<text>.*?)\s*\((?P<id>[^\s()]+)\)\s*\Z")
_SPEAKER = re.compile(r"[^-_]+(?=[-_])")
_COMMENT = ";;"
_ALTERNATION = re.compile(r"(?:^|\s)\{\s.*\s/\s.*\s\}(?:\s|$)")


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether the file is called ``.trn`` or every line ends in a name in parentheses."""
    lines = [line for line in head if line.strip() and not line.startswith(_COMMENT)]
    return PurePath(path).suffix.lower() == ".trn" or (
        bool(lines) and all(_LINE.match(line) for line in lines)
    )


def records(source: Source) -> Iterator[Record]:
    """Yield one record per line; ``;;`` begins a comment."""
    for number, line in source.lines:
        if not line.strip() or line.startswith(_COMMENT):
            continue
        found = _LINE.match(line)
        if found is None:
            raise source.error(
                "no name in parentheses at the end of the line", number, "Write 'text (speaker_id)'"
            )
        if _ALTERNATION.search(found["text"]):
            raise source.error(
                "alternatives { a / b } are not supported",
                number,
                "Keep the one that was said; renderings of it are forgiven anyway",
            )
        speaker = _SPEAKER.match(found["id"])
        yield Record(found["text"], number, found["id"], {"speaker": speaker[0]} if speaker else {})
