"""NIST ``ctm``: ``file channel start duration word [confidence]``, one word a line.

https://github.com/usnistgov/SCTK (doc/infmts.htm). Words have no segments of their own: beside an
stm reference they go to the segment of their channel that holds their middle, or else to the
nearest one, so that none is lost; otherwise a channel is one utterance. The words of a channel
stand together, as NIST's tools want them, so only one channel is in memory at a time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath

from cswitch.formats import nist
from cswitch.formats.record import Record, Source
from cswitch.formats.stm import Segment

Channel = tuple[str, str]
"""A recording and one of its channels."""

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
    """Whether the file is called so, or every line is a word with a start and a duration."""
    if PurePath(path).suffix.lower() == ".ctm":
        return True
    return nist.fits(_LINE, head)


def words(source: Source) -> Iterator[Word]:
    """Yield every word of a file."""
    remedy = "Write 'file channel start duration word'"
    for number, found in nist.entries(source, _LINE, "not a word with its time", remedy):
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
    for (file, channel), found in _channels(source):
        yield Record(_text(found), found[0].line, f"{file}-{channel}", {"recording": file})


def by_segment(source: Source, segments: Sequence[Segment]) -> Iterator[Record]:
    """Yield the words of each segment that is to be scored; empty segments too.

    Words in the middle of an ignored segment are dropped with it.

    Raises:
        InputError: A word's file and channel are not in the reference.
    """
    channels: dict[Channel, list[Segment]] = {}
    for segment in sorted(segments, key=lambda segment: (segment.start, segment.end)):
        channels.setdefault((segment.file, segment.channel), []).append(segment)
    for (file, channel), found in _channels(source):
        here = channels.pop((file, channel), None)
        if here is None:
            raise source.error(
                f"the reference has no segment of {file}, channel {channel}",
                found[0].line,
                "Name files and channels as the reference does",
            )
        yield from _filled(here, found)
    for silent in channels.values():
        yield from _filled(silent, [])


def _channels(source: Source) -> Iterator[tuple[Channel, list[Word]]]:
    """The words of one channel after the other.

    Raises:
        InputError: The words of a channel do not stand together.
    """
    seen: set[Channel] = set()
    for channel, found in groupby(words(source), key=lambda word: (word.file, word.channel)):
        together = list(found)
        if channel in seen:
            raise source.error(
                f"more words of {channel[0]}, channel {channel[1]}, after those of others",
                together[0].line,
                "Sort the file, for example with sort -s -k1,2",
            )
        seen.add(channel)
        yield channel, together


def _filled(segments: Sequence[Segment], found: Sequence[Word]) -> Iterator[Record]:
    """The segments of a channel with its words."""
    said: dict[str, list[Word]] = {segment.id: [] for segment in segments}
    for word in found:
        said[_nearest(segments, word.middle).id].append(word)
    for segment in segments:
        if not segment.ignored:
            yield Record(_text(said[segment.id]), segment.line, segment.id)


def _nearest(segments: Sequence[Segment], time: float) -> Segment:
    place = bisect_right(segments, time, key=lambda segment: segment.start)
    around = segments[max(0, place - 1) : place + 1]
    return min(around, key=lambda segment: max(segment.start - time, time - segment.end, 0.0))


def _text(found: Sequence[Word]) -> str:
    return " ".join(word.text for word in sorted(found, key=lambda word: word.start))
