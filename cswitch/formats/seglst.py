"""SegLST: a JSON list of segments with ``session_id``, ``speaker``, times and ``words``.

https://github.com/fgnt/meeteval (the format of the CHiME challenges). A segment is named by its
``segment_id``; or by its session, where each session is one segment; or by session, speaker and
start time.
"""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cswitch import json_input
from cswitch.formats.record import Record, Source

_TEXT = "words"
_SESSION = "session_id"
_TIMES = ("start_time", "end_time", "duration")
_REMEDY = "Write a JSON list of objects with session_id, speaker, start_time, end_time and words"


def detect(path: str, head: Sequence[str]) -> bool:
    """Whether the file begins with a JSON list."""
    first = next((line for line in head if line.strip()), "")
    return first.lstrip()[:1] == "[" and "{" in "".join(head) and '"' in "".join(head)


def records(source: Source) -> Iterator[Record]:
    """Yield one record per segment.

    What a segment is called depends on the others, so all of them wait on disk first.
    """
    sessions: Counter[Any] = Counter()
    with tempfile.TemporaryFile() as waiting:
        for number, segment in json_input.elements(source.lines, source.path, _REMEDY):
            _check(segment, number, source)
            sessions[segment.get(_SESSION)] += 1
            pickle.dump((number, segment), waiting)
        waiting.seek(0)
        for _ in range(sessions.total()):
            number, segment = pickle.load(waiting)
            alone = sessions[segment.get(_SESSION)] == 1
            yield Record(segment[_TEXT], number, _name(segment, alone), _metadata(segment))


def _check(segment: Any, line: int, source: Source) -> None:
    if not isinstance(segment, dict) or not isinstance(segment.get(_TEXT), str):
        raise source.error("a segment has no words", line, _REMEDY)
    if "segment_id" not in segment and _SESSION not in segment:
        raise source.error("a segment has no session_id", line, _REMEDY)
    if not isinstance(segment.get(_SESSION), str | int | None):
        raise source.error("a session_id is no text", line, _REMEDY)


def _name(segment: Mapping[str, Any], alone: bool) -> str:
    if "segment_id" in segment:
        return str(segment["segment_id"])
    if alone:
        return str(segment[_SESSION])
    parts = (segment[_SESSION], segment.get("speaker"), segment.get("start_time"))
    return "-".join(str(part) for part in parts if part is not None)


def _metadata(segment: Mapping[str, Any]) -> dict[str, str]:
    apart = {_TEXT, "segment_id", *_TIMES}
    return {
        name: str(value)
        for name, value in segment.items()
        if name not in apart and isinstance(value, str | int | float | bool)
    }
