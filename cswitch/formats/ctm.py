"""NIST ``ctm``: ``file channel start duration word [confidence]``, one word a line.

https://github.com/usnistgov/SCTK (doc/infmts.htm). Words have no segments of their own: beside an
stm reference they go to the segment of their channel that holds their middle, or else to the
nearest one, so that none is lost; otherwise a channel is one utterance.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cswitch.formats.record import Record, Source
from cswitch.formats.stm import Segment

_COMMENT = ";;"
_LINE = re.compile(
    r"(?P<file>\S+)\s+(?P<channel>\S+)\s+(?P<start>\d*\.?\d+)\s+(?P<duration>\d*\.?\d+)\s+"
    r"(?P<word>\S+)(?:\s+(?P<confidence>-?\d*\.?\d+(?:[eE][-+]?\d+)?|NA))?(?:\s+\S+)*\s*\Z"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place in time."""

    file: str
    channel: str
    start: float
    duration: float
    text: str
    line: int

    @property
    def middle(self) -> float:
        """The time by which it belongs to a segment."""
        return self.start + self.duration / 2


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether every line is a word with a start and a duration."""
    lines = [line for line in head if line.strip() and not line.startswith(_COMMENT)]
    return bool(lines) and all(_LINE.match(line) for line in lines)


def words(source: Source) -> Iterator[Word]:
    """Yield every word of a file."""
    for number, line in source.lines:
        if not line.strip() or line.startswith(_COMMENT):
            continue
        found = _LINE.match(line)
        if found is None:
            raise source.error(
                "not a word with its time", number, "Write 'file channel start duration word'"
            )
        if found["word"].upper().startswith("<ALT"):
            raise source.error(
                "alternatives are not supported", number, "Keep the first and remove the others"
            )
        yield Word(
            found["file"],
            found["channel"],
            float(found["start"]),
            float(found["duration"]),
            found["word"],
            number,
        )


def records(source: Source) -> Iterator[Record]:
    """Yield the words of each channel as one utterance."""
    channels: dict[tuple[str, str], list[Word]] = {}
    for word in words(source):
        channels.setdefault((word.file, word.channel), []).append(word)
    for (file, channel), found in channels.items():
        yield Record(_text(found), found[0].line, f"{file}-{channel}", {"recording": file})


def by_segment(source: Source, segments: Sequence[Segment]) -> Iterator[Record]:
    """Yield the words of each segment that is to be scored; empty segments too.

    Words in the middle of an ignored segment are dropped with it.

    Raises:
        InputError: A word's file and channel are not in the reference.
    """
    channels: dict[tuple[str, str], list[Segment]] = {}
    for segment in sorted(segments, key=lambda segment: (segment.start, segment.end)):
        channels.setdefault((segment.file, segment.channel), []).append(segment)
    said: dict[str, list[Word]] = {segment.id: [] for segment in segments}
    for word in words(source):
        here = channels.get((word.file, word.channel))
        if here is None:
            raise source.error(
                f"the reference has no segment of {word.file}, channel {word.channel}",
                word.line,
                "Name files and channels as the reference does",
            )
        said[_nearest(here, word.middle).id].append(word)
    for segment in segments:
        if not segment.ignored:
            yield Record(_text(said[segment.id]), segment.line, segment.id)


def _nearest(segments: Sequence[Segment], time: float) -> Segment:
    place = bisect_right(segments, time, key=lambda segment: segment.start)
    around = segments[max(0, place - 1) : place + 1]
    return min(around, key=lambda segment: max(segment.start - time, time - segment.end, 0.0))


def _text(found: Sequence[Word]) -> str:
    return " ".join(word.text for word in sorted(found, key=lambda word: word.start))
