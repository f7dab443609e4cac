"""NIST ``trn``: the transcript, then the name of the utterance in parentheses.

https://github.com/usnistgov/SCTK (doc/infmts.htm). The speaker is what stands before the first
``-`` or ``_`` of the name, as sclite has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from cswitch.formats import nist
from cswitch.formats.record import Record, Source

_LINE = re.compile(r"(?s)(?P<text>.*?)\s*\((?P<id>[^\s()]+)\)\s*\Z")
_SPEAKER = re.compile(r"[^-_]+(?=[-_])")
_ALTERNATION = re.compile(r"(?:^|\s)\{\s.*\s/\s.*\s\}(?:\s|$)")


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether the file is called ``.trn`` or every line ends in a name in parentheses."""
    return PurePath(path).suffix.lower() == ".trn" or nist.fits(_LINE, head)


def records(source: Source) -> Iterator[Record]:
    """Yield one record per line; ``;;`` begins a comment."""
    message = "no name in parentheses at the end of the line"
    for number, found in nist.entries(source, _LINE, message, "Write 'text (speaker_id)'"):
        if _ALTERNATION.search(found["text"]):
            raise source.error(
                "alternatives { a / b } are not supported",
                number,
                "Keep the one that was said; renderings of it are forgiven anyway",
            )
        speaker = _SPEAKER.match(found["id"])
        yield Record(found["text"], number, found["id"], {"speaker": speaker[0]} if speaker else {})
