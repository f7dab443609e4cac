"""NIST ``stm``: ``file channel speaker start end [<label>] text``, one segment a line.

https://github.com/usnistgov/SCTK (doc/infmts.htm). Segments are named ``file-channel-start-end``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from cswitch.formats import nist
from cswitch.formats.record import Record, Source

_LINE = re.compile(
    r"(?P<file>\S+)\s+(?P<channel>\S+)\s+(?P<speaker>\S+)\s+"
    r"(?P<start>\d*\.?\d+)\s+(?P<end>\d*\.?\d+)(?:\s+(?P<label><[^>]*>))?(?:\s+(?P<text>.*))?\Z"
)
_IGNORED = "IGNORE_TIME_SEGMENT_IN_SCORING"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a recording, as a line of the file gives it."""

    file: str
    channel: str
    speaker: str
    start: float
    end: float
    label: str
    text: str
    line: int

    @property
    def id(self) -> str:
        """The name of the segment."""
        return f"{self.file}-{self.channel}-{self.start:09.3f}-{self.end:09.3f}"

    @property
    def ignored(self) -> bool:
        """Whether the file says that this stretch is not to be scored."""
        return self.text.strip().upper() == _IGNORED


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether the file is called so, or every line has the five fields with their two times."""
    if (suffix := PurePath(path).suffix.lower()) in (".stm", ".ctm"):
        return suffix == ".stm"
    return nist.fits(_LINE, head)


def segments(source: Source) -> Iterator[Segment]:
    """Yield every segment of a file."""
    remedy = "Write 'file channel speaker start end <label> text'"
    for number, found in nist.entries(source, _LINE, "not a segment", remedy):
        yield Segment(
            file=found["file"],
            channel=found["channel"],
            speaker=found["speaker"],
            start=float(found["start"]),
            end=float(found["end"]),
            label=(found["label"] or "").strip("<>"),
            text=found["text"] or "",
            line=number,
        )


def records(source: Source) -> Iterator[Record]:
    """Yield the segments that are to be scored."""
    for segment in segments(source):
        if not segment.ignored:
            yield record(segment)


def record(segment: Segment) -> Record:
    """A segment as a transcript."""
    metadata = {"recording": segment.file, "speaker": segment.speaker, "label": segment.label}
    known = {name: value for name, value in metadata.items() if value}
    return Record(segment.text, segment.line, segment.id, known)
