"""A corpus as training examples: features computed once, labels per frame, batches by length."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cswitch import audio, features
from cswitch.errors import InputError
from cswitch.files import atomic_path, read_lines
from cswitch.synth import accents
from cswitch.train import augment

SUBSAMPLING = 4
LANGUAGES = ("sil", "hi", "en")
IGNORED = -1
_FRAME_SECONDS = features.FRAME_SHIFT / features.SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance: where its features lie, its words, and what sounds when."""

    start: int
    frames: int
    words: tuple[str, ...]
    languages: NDArray[np.int8]
    phones: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Examples over one array of features on disk."""

    features: NDArray[np.float16]
    examples: tuple[Example, ...]


def load(folder: str | Path, progress: Any = None) -> Corpus:
    """Read a folder that `cswitch synth` wrote; features are computed at the first time.

    Raises:
        InputError: There is no manifest, or it has no utterance.
    """
    root = Path(folder)
    entries = [json.loads(line) for line in read_lines(root / "manifest.jsonl")]
    if not entries:
        raise InputError("no utterances", path=root / "manifest.jsonl", remedy="Run cswitch synth")
    cache = root / "features.npy"
    if not cache.exists():
        _compute(root, entries, cache, progress)
    stored = np.load(cache, mmap_mode="r")
    examples, start = [], 0
    for entry in entries:
        count = int(entry["frames"]) if "frames" in entry else _frames(entry)
        examples.append(_example(entry, start, count))
        start += count
    return Corpus(stored, tuple(examples))


def _frames(entry: dict[str, Any]) -> int:
    return features.frame_count(round(entry["duration"] * features.SAMPLE_RATE))


def _compute(root: Path, entries: Sequence[dict[str, Any]], cache: Path, progress: Any) -> None:
    total = sum(_frames(entry) for entry in entries)
    with atomic_path(cache) as temporary:
        stored = np.lib.format.open_memmap(
            temporary, mode="w+", dtype=np.float16, shape=(total, features.BINS)
        )
        start = 0
        for entry in entries:
            count = _frames(entry)
            mel = features.log_mel(audio.read(root / entry["audio_filepath"]))
            stored[start : start + count] = mel[:count]
            start += count
            if progress is not None:
                progress(start / total)
        stored.flush()


def _example(entry: dict[str, Any], start: int, frames: int) -> Example:
    languages = np.zeros(frames, np.int8)
    for word in entry["words"]:
        languages[_frame(word["start"]) : _frame(word["end"])] = LANGUAGES.index(word["lang"])
    phones = np.full(frames, IGNORED, np.int8)
    known = {name: index for index, name in enumerate(accents.inventory())}
    for name, begin, end in entry["phones"]:
        phones[_frame(begin) : _frame(end)] = known[name]
    return Example(start, frames, tuple(entry["text"].split()), languages, phones)


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
    corpus: Corpus, seconds: float, rng: np.random.Generator, strength: augment.Strength
) -> Iterator[Batch]:
    """One pass over the corpus in batches of like length, each utterance disturbed anew."""
    lengths = np.array([example.frames for example in corpus.examples])
    order = np.argsort(lengths * rng.uniform(0.9, 1.1, len(lengths)))
    groups: list[list[int]] = [[]]
    for index in order:
        longest = max(lengths[index], *(lengths[i] for i in groups[-1]), 1)
        if groups[-1] and longest * (len(groups[-1]) + 1) * _FRAME_SECONDS > seconds:
            groups.append([])
        groups[-1].append(int(index))
    for group in rng.permutation(len(groups)):
        yield _batch(corpus, [corpus.examples[i] for i in groups[group]], rng, strength)


def _batch(
    corpus: Corpus,
    examples: Sequence[Example],
    rng: np.random.Generator,
    strength: augment.Strength,
) -> Batch:
    raw = [corpus.features[e.start : e.start + e.frames].astype(np.float32) for e in examples]
    longest = max(e.frames for e in examples)
    padded = np.zeros((len(examples), longest, features.BINS), np.float32)
    languages = np.full((len(examples), longest), IGNORED, np.int64)
    phones = np.full((len(examples), longest), IGNORED, np.int64)
    for row, (example, mel) in enumerate(zip(examples, raw, strict=True)):
        heard = augment.disturb(mel, rng, strength, raw[row - 1])
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
