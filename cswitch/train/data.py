"""A corpus as training examples: features computed once, labels per frame, batches by length."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cswitch import json_input
from cswitch.errors import InputError
from cswitch.files import atomic_path, read_lines
from cswitch.recognition import audio, features
from cswitch.recognition.recordings import located, part_of
from cswitch.synth import accents
from cswitch.train import augment

SUBSAMPLING = 4
LANGUAGES = ("sil", "hi", "en")
IGNORED = -1
# By so many seconds a duration may differ from what its file has.
_TOLERANCE = 1.0
_FRAME_SECONDS = features.FRAME_SHIFT / features.SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance: where its features lie, its words, and what sounds when."""

    start: int
    frames: int
    words: tuple[str, ...]
    languages: NDArray[np.int8]
    phones: NDArray[np.int8]


class Joined:
    """Arrays of features on disk, read as if they were one; no example lies in two of them."""

    def __init__(self, arrays: Sequence[NDArray[np.float16] | Joined]) -> None:
        self._arrays = arrays
        self._starts = list(accumulate((len(array) for array in arrays), initial=0))

    def __len__(self) -> int:
        return self._starts[-1]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self), features.BINS

    def __getitem__(self, frames: slice) -> NDArray[np.float16]:
        part = bisect_right(self._starts, frames.start) - 1
        start = self._starts[part]
        return self._arrays[part][frames.start - start : frames.stop - start]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Examples over one array of features on disk, or several."""

    features: NDArray[np.float16] | Joined
    examples: tuple[Example, ...]

    @property
    def hours(self) -> float:
        return sum(example.frames for example in self.examples) * _FRAME_SECONDS / 3600


def load(folder: str | Path, progress: Callable[[float], None] | None = None) -> Corpus:
    """Read a folder that `cswitch synth` wrote, or that has a NeMo manifest of real speech.

    Features are computed at the first time, and again when the manifest has changed. An utterance
    without ``words`` or ``phones`` has no such labels; one with an ``offset`` is a part of its
    file, and times of words and phones begin with it.

    Raises:
        InputError: There is no manifest, it has no utterance, a line of it is not understood, or
            audio cannot be read or is of another length.
    """
    root = Path(folder)
    manifest = root / "manifest.jsonl"
    entries = _entries(manifest)
    stored = root / "features.npy"
    if not _fits(stored, manifest, sum(entry.frames for entry in entries)):
        _compute(manifest, entries, stored, progress)
    starts = accumulate((entry.frames for entry in entries), initial=0)
    examples = map(_example, entries, starts)
    return Corpus(np.load(stored, mmap_mode="r"), tuple(examples))


def join(corpora: Sequence[Corpus]) -> Corpus:
    """Several corpora as one."""
    arrays = Joined([corpus.features for corpus in corpora])
    starts = accumulate((len(corpus.features) for corpus in corpora), initial=0)
    examples = (
        replace(example, start=start + example.start)
        for corpus, start in zip(corpora, starts, strict=False)
        for example in corpus.examples
    )
    return Corpus(arrays, tuple(examples))


# A name with the seconds it begins and ends at.
_Span = tuple[str, float, float]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of a manifest; spans are None where nothing is known of languages."""

    line: int
    audio: Path
    offset: float | None
    seconds: float
    words: tuple[str, ...]
    languages: tuple[_Span, ...] | None
    phones: tuple[_Span, ...]

    @property
    def frames(self) -> int:
        return features.frame_count(round(self.seconds * features.SAMPLE_RATE))


def _entries(manifest: Path) -> list[_Entry]:
    if not manifest.is_file():
        raise InputError(
            f"there is no {manifest.name} in this folder",
            path=manifest.parent,
            remedy="Name one that cswitch synth wrote, or write a NeMo manifest of that name",
        )
    entries = [
        entry
        for number, line in enumerate(read_lines(manifest), start=1)
        if line.strip() and (entry := _entry(line, number, manifest)).frames > 0
    ]
    if not entries:
        raise InputError("no utterances", path=manifest, remedy="Run cswitch synth")
    return entries


def _entry(line: str, number: int, manifest: Path) -> _Entry:
    row = json_input.parse(line, manifest, _LINE, number)
    try:
        words = row.get("words")
        return _Entry(
            number,
            located(_text(row["audio_filepath"]), manifest),
            part_of(row)[0],
            _seconds(row["duration"]),
            tuple(_text(row.get("text") or "").split()),
            None if words is None else tuple(_span(w["lang"], w["start"], w["end"]) for w in words),
            tuple(_span(name, start, end) for name, start, end in row.get("phones") or ()),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = "it has another form"
        if isinstance(error, KeyError | ValueError):
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise InputError(
            f"no manifest line: {reason}", path=manifest, line=number, remedy=_LINE
        ) from error


_LINE = (
    "Give JSON with audio_filepath, duration and text, and perhaps offset, words, each with lang, "
    "start and end, and phones, each [name, start, end]"
)
_LONGEST = 24 * 3600.0  # seconds


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 <= seconds <= _LONGEST:
        raise ValueError(f"{value} is no number of seconds")
    return seconds


def _span(name: Any, start: Any, end: Any) -> _Span:
    span = _text(name), _seconds(start), _seconds(end)
    if span[1] > span[2]:
        raise ValueError(f"'{name}' ends before it begins")
    return span


def _fits(stored: Path, manifest: Path, frames: int) -> bool:
    """Whether features were computed from this manifest."""
    if not stored.exists() or stored.stat().st_mtime < manifest.stat().st_mtime:
        return False
    try:
        return np.load(stored, mmap_mode="r").shape == (frames, features.BINS)
    except (ValueError, EOFError):
        return False


def _compute(
    manifest: Path,
    entries: Sequence[_Entry],
    path: Path,
    progress: Callable[[float], None] | None,
) -> None:
    total = sum(entry.frames for entry in entries)
    with atomic_path(path) as temporary:
        stored = np.lib.format.open_memmap(
            temporary, mode="w+", dtype=np.float16, shape=(total, features.BINS)
        )
        start = 0
        for entry in entries:
            samples = _samples(entry, manifest)
            mel = features.log_mel(samples)[: entry.frames]
            stored[start : start + len(mel)] = mel
            # A manifest may have rounded the duration up.
            stored[start + len(mel) : start + entry.frames] = np.log(features.FLOOR)
            start += entry.frames
            if progress is not None:
                progress(start / total)
        stored.flush()


def _samples(entry: _Entry, manifest: Path) -> audio.Samples:
    """What an entry is about: a part of a file if it has an offset, or all of it."""
    part = audio.WHOLE if entry.offset is None else audio.Part(entry.offset, entry.seconds)
    try:
        samples = audio.read(entry.audio, part=part)
    except InputError as error:
        raise InputError(
            f"{entry.audio}: {error.message}", path=manifest, line=entry.line, remedy=error.remedy
        ) from error
    seconds = len(samples) / features.SAMPLE_RATE
    if abs(seconds - entry.seconds) > _TOLERANCE:
        raise InputError(
            f"the duration is {entry.seconds:.1f} s, that of {entry.audio} {seconds:.1f} s",
            path=manifest,
            line=entry.line,
            remedy="Correct one of the two; if this is a part of the file, give its offset",
        )
    return samples


def _example(entry: _Entry, start: int) -> Example:
    languages = np.full(entry.frames, IGNORED if entry.languages is None else 0, np.int8)
    for name, begin, end in entry.languages or ():
        number = LANGUAGES.index(name) if name in LANGUAGES else IGNORED
        languages[_frame(begin) : _frame(end)] = number
    phones = np.full(entry.frames, IGNORED, np.int8)
    known = _phone_numbers()
    for name, begin, end in entry.phones:
        phones[_frame(begin) : _frame(end)] = known.get(name, IGNORED)
    return Example(start, entry.frames, entry.words, languages, phones)


@cache
def _phone_numbers() -> dict[str, int]:
    return {name: index for index, name in enumerate(accents.inventory())}


def _frame(seconds: float) -> int:
    # The first frame is centred at 12.5 ms.
    return max(round(seconds / _FRAME_SECONDS - 0.75), 0)


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded features with their lengths, word lists and frame labels."""

    features: NDArray[np.float32]
    lengths: NDArray[np.int64]
    words: tuple[tuple[str, ...], ...]
    languages: NDArray[np.int64]
    phones: NDArray[np.int64]

    @property
    def seconds(self) -> float:
        return float(self.lengths.sum()) * _FRAME_SECONDS


def batches(
    corpus: Corpus,
    seconds: float,
    rng: np.random.Generator,
    strength: augment.Strength,
    share: tuple[int, int] = (0, 1),
) -> Iterator[Batch]:
    """One pass over the corpus in batches of like length, each utterance disturbed anew.

    Args:
        corpus: The examples; at least as many as there are workers.
        seconds: The length of a batch, all workers together.
        rng: Order and disturbances follow from it.
        strength: Of the disturbances.
        share: Which worker this is, and how many there are: each gets its part of every batch.
    """
    rank, workers = share
    for group in _groups(corpus, seconds, rng, workers):
        # Each utterance has its own seed: it sounds the same whoever disturbs it.
        seeds = rng.integers(2**63, size=len(group))
        chosen = range(rank, len(group), workers)
        yield _batch(corpus, group, chosen, seeds, strength)


def _groups(
    corpus: Corpus, seconds: float, rng: np.random.Generator, least: int
) -> list[list[Example]]:
    """The examples in groups of like length, none with fewer than the least number of them."""
    lengths = np.array([example.frames for example in corpus.examples])
    groups: list[list[Example]] = [[]]
    longest = 0
    for index in np.argsort(lengths * rng.uniform(0.9, 1.1, len(lengths))):
        longest = max(longest, int(lengths[index]))
        if len(groups[-1]) >= least and longest * (len(groups[-1]) + 1) * _FRAME_SECONDS > seconds:
            groups.append([])
            longest = int(lengths[index])
        groups[-1].append(corpus.examples[index])
    if len(groups) > 1 and len(groups[-1]) < least:
        last = groups.pop()
        groups[-1] += last
    return [groups[place] for place in rng.permutation(len(groups))]


def _batch(
    corpus: Corpus,
    group: Sequence[Example],
    chosen: Sequence[int],
    seeds: NDArray[np.int64],
    strength: augment.Strength,
) -> Batch:
    def mel(example: Example) -> NDArray[np.float32]:
        return corpus.features[example.start : example.start + example.frames].astype(np.float32)

    examples: list[Example] = []
    longest = max(group[place].frames for place in chosen)
    padded = np.zeros((len(chosen), longest, features.BINS), np.float32)
    languages = np.full((len(chosen), longest), IGNORED, np.int64)
    phones = np.full((len(chosen), longest), IGNORED, np.int64)
    for row, place in enumerate(chosen):
        example, rng = group[place], np.random.default_rng(seeds[place])
        sound = mel(example)
        if rng.random() < strength.silence:
            example = _hushed(example)
            sound = np.full_like(sound, np.log(features.FLOOR))
        examples.append(example)
        heard = augment.disturb(sound, rng, strength, mel(group[place - 1]))
        heard = features.normalize(heard)
        augment.mask(heard, rng, strength.masks)
        padded[row, : example.frames] = heard
        languages[row, : example.frames] = example.languages
        phones[row, : example.frames] = example.phones
    return Batch(
        padded,
        np.array([e.frames for e in examples]),
        tuple(e.words for e in examples),
        languages,
        phones,
    )


def _hushed(example: Example) -> Example:
    """As long a time in which nobody speaks, though a room may sound."""
    nothing = np.full(example.frames, IGNORED, np.int8)
    return replace(example, words=(), languages=np.zeros(example.frames, np.int8), phones=nothing)
