"""What to transcribe: files, folders of audio, and NeMo manifests become recordings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cswitch import json_input
from cswitch.errors import InputError
from cswitch.files import address, expand, read_lines

POSTERIORS = (".npy", ".npz")
_MANIFESTS = (".json", ".jsonl")
# What libsndfile reads and people keep speech in.
_AUDIO = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf", ".w64")
_LINE = 'Write one object a line: {"audio_filepath": "talk.wav"}'


@dataclass(frozen=True, slots=True)
class Recording:
    """One file of audio or posteriors.

    Attributes:
        path: Where it is; addresses have lost a slash, as every `Path` of one has.
        name: What results call it.
    """

    path: Path
    name: str

    @property
    def is_audio(self) -> bool:
        """Whether there is something to hear, not posteriors of a recognizer that has heard it."""
        return self.path.suffix.lower() not in POSTERIORS


def find(paths: Iterable[str | Path]) -> Iterator[Recording]:
    """The recordings that paths, patterns, folders and manifests name, in order.

    Of a folder that is the audio in it and in the folders below. A manifest has lines with
    ``audio_filepath``, relative to it, and results use the same name: so they can be scored
    against it.

    Raises:
        InputError: A pattern matches nothing, a folder has no audio, or a line of a manifest
            names none.
    """
    for pattern in paths:
        for name in expand(pattern):
            path = Path(name)
            if address(name) is None and path.is_dir():
                yield from _folder(path)
            elif path.suffix.lower() in _MANIFESTS:
                yield from _manifest(path)
            else:
                yield Recording(path, address(name) or name)


def _folder(folder: Path) -> Iterator[Recording]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _AUDIO)
    if not found:
        raise InputError(
            "there is no audio in this folder",
            path=folder,
            remedy=f"Looked for {', '.join(_AUDIO)}; name other files themselves",
        )
    for path in found:
        yield Recording(path, str(path))


def _manifest(path: Path) -> Iterator[Recording]:
    for number, line in enumerate(read_lines(path), start=1):
        entry = json_input.parse(line, path, _LINE, number)
        name = entry.get("audio_filepath") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name:
            raise InputError("the line names no audio", path=path, line=number, remedy=_LINE)
        if entry.get("offset"):
            raise InputError(
                "the line is about a part of a file",
                path=path,
                line=number,
                remedy="Cut the audio into files: only whole ones are transcribed",
            )
        yield Recording(Path(name) if address(name) else path.parent / name, name)
