"""Kaldi ``text``: the name of the utterance, white space, the transcript.

https://kaldi-asr.org/doc/data_prep.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cswitch.formats.record import Record, Source

# Names as people give them: visible ASCII with a digit in it, and more than the digit.
_ID = re.compile(r"(?=\S*[0-9])(?=\S*[A-Za-z_.:/-])[!-~]{2,}\Z")
_ENOUGH = 3
_DIFFERENT = 0.9


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether every line begins with a name of its own.

    A single line is taken for Kaldi's only if the name has a separator in it, and bare numbers
    only from three lines on: ``mp3 file खोलो`` and ``10 people came`` are transcripts.
    """
    names = [line.split(None, 1)[0] for line in head if line.strip()]
    # A name that stands twice is a mistake to report, not a sign of plain text.
    if not names or len(set(names)) < _DIFFERENT * len(names):
        return False
    if all(name.isascii() and name.isdigit() for name in names):
        return len(names) >= _ENOUGH
    separated = len(names) > 1 or any(mark in names[0] for mark in "_-")
    return separated and all(_ID.match(name) for name in names)


def records(source: Source) -> Iterator[Record]:
    """Yield one record per line; a name alone is an empty transcript."""
    for number, line in source.lines:
        if not line.strip():
            continue
        if line[0].isspace():
            raise source.error(
                "the line does not begin with the name of an utterance",
                number,
                "Write 'id text', or choose --format plain",
            )
        name = line.split(None, 1)[0]
        yield Record(line[len(name) :].lstrip(), number, name)
