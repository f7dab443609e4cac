"""What to transcribe: files, folders of audio, and NeMo manifests become recordings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cswitch import json_input
from cswitch.errors import InputError
from cswitch.files import address, below, expand, read_lines
from cswitch.recognition import posteriors
from cswitch.recognition.audio import Part

_MANIFESTS = (".json", ".jsonl")
# What libsndfile reads and people keep speech in; then what it does not read, so that nobody takes
# such a recording for transcribed.
_AUDIO = (
    *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf", ".w64"),
    *(".m4a", ".aac", ".wma", ".amr", ".3gp", ".webm", ".mp4"),
)
_LINE = 'Write one object a line: {"audio_filepath": "talk.wav"}'


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of audio or posteriors, or a part of one.

    Attributes:
        path: Where it is; addresses have lost a slash, as every `Path` of one has.
        name: What results call it.
        offset: Where the part begins, in seconds, as a manifest writes it; None for a whole file.
        seconds: How long the part is; None for the rest of the file.
        manifest: Which file names it, if one does.
        line: The line of the manifest.
    """

    path: Path
    name: str
    offset: float | None = None
    seconds: float | None = None
    manifest: Path | None = None
    line: int | None = None

    @property
    def is_audio(self) -> bool:
        """Whether there is something to hear, not posteriors of a recognizer that has heard it."""
        return self.path.suffix.lower() not in posteriors.ENDINGS

    @property
    def part(self) -> Part:
        """What of the file it is."""
        return Part(self.offset or 0.0, self.seconds)

    @property
    def stem(self) -> str:
        """What files that are made of it are called.

        >>> Recording(Path("in/talk.wav"), "talk.wav", offset=2.5).stem
        'talk@2.5'
        """
        return self.path.stem if self.offset is None else f"{self.path.stem}@{self.offset}"

    @property
    def key(self) -> str:
        """Tells it from all others."""
        whole = self.offset is None
        return str(self.path) if whole else f"{self.path}@{self.offset}+{self.seconds}"

    def error(self, problem: InputError) -> InputError:
        """What is wrong with the file, said of the place that names it."""
        if self.manifest is None:
            return InputError(problem.message, path=self.name, remedy=problem.remedy)
        return InputError(
            f"{self.name}: {problem.message}",
            path=self.manifest,
            line=self.line,
            remedy=problem.remedy,
        )


def find(paths: Iterable[str | Path]) -> Iterator[Recording]:
    """The recordings that paths, patterns, folders and manifests name, in order.

    Of a folder that is the audio in it and in the folders below, hidden files left out. A manifest
    has lines with ``audio_filepath``, relative to it or to the current folder, and results use the
    same name: so they can be scored against it. A line with an ``offset`` is about a part of the
    file, of the line's ``duration`` or to the end; without one, about all of it.

    Raises:
        InputError: A pattern matches nothing, a folder has no audio, or a line of a manifest
            names none, or a part that makes no sense.
    """
    for pattern in paths:
        for name in expand(pattern):
            path = Path(name)
            if address(name) is None and path.is_dir():
                for found in below(path, _AUDIO, "is no audio"):
                    yield Recording(found, str(found))
            elif path.suffix.lower() in _MANIFESTS:
                yield from _manifest(path)
            else:
                yield Recording(path, address(name) or name)


def _manifest(path: Path) -> Iterator[Recording]:
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        entry = json_input.parse(line, path, _LINE, number)
        name = entry.get("audio_filepath") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name:
            raise InputError("the line names no audio", path=path, line=number, remedy=_LINE)
        try:
            offset, seconds = part_of(entry)
        except ValueError as error:
            raise InputError(
                str(error), path=path, line=number, remedy="Give offset and duration in seconds"
            ) from error
        yield Recording(located(name, path), name, offset, seconds, path, number)


def located(name: str, manifest: Path) -> Path:
    """Where audio is that a manifest names: beside the manifest, or else, as in NeMo, from here."""
    beside = manifest.parent / name
    here = Path(name)
    return here if address(name) or (here.exists() and not beside.exists()) else beside


def part_of(entry: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The offset of a manifest line, None for a whole file, and how long the part is.

    Raises:
        ValueError: A value is no number of seconds.

    >>> part_of({"offset": 1.5, "duration": 2}), part_of({"duration": 2})
    ((1.5, 2), (None, None))
    """
    offset = entry.get("offset")
    if offset is None:
        return None, None
    # A duration of nothing is one that is not known.
    seconds = entry.get("duration") or None
    for name, value in (("offset", offset), ("duration", seconds)):
        if value is not None and (type(value) not in (int, float) or not 0 <= value < math.inf):
            raise ValueError(f"{name} is {value!r}")
    return offset, seconds
