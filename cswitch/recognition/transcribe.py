"""Audio or posteriors to words with times, confidences and languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cswitch.errors import InputError
from cswitch.recognition import audio, posteriors
from cswitch.recognition.ctc import Greedy
from cswitch.recognition.decode import Decoder
from cswitch.recognition.nbest import Hypothesis, Word
from cswitch.recognition.posteriors import Labels
from cswitch.recognition.recognizer import Chunk, Recognizer
from cswitch.recognition.spoken_language import out_of_silence, word_languages


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in one file, or in a part of one.

    Attributes:
        audio_filepath: The file.
        duration: Of what was heard, in seconds.
        hypotheses: The best one first; the times of words begin with what was heard.
        offset: Where the part begins in the file; None for all of it.
    """

    audio_filepath: str
    duration: float
    hypotheses: tuple[Hypothesis, ...]
    offset: float | None = None

    def as_json(self, nbest: bool = False) -> dict[str, Any]:
        """The object of one output line; NeMo manifests have the same names."""
        best = self.hypotheses[0] if self.hypotheses else Hypothesis("")
        line: dict[str, Any] = {
            "audio_filepath": self.audio_filepath,
            **({} if self.offset is None else {"offset": self.offset}),
            "duration": round(self.duration, 3),
            "text": best.text,
            "words": _words(best),
        }
        if nbest:
            line["nbest"] = [
                {"text": one.text, **one.scores, "words": _words(one)} for one in self.hypotheses
            ]
        return line


def _words(hypothesis: Hypothesis) -> list[dict[str, Any]]:
    return [asdict(word) for word in hypothesis.words]


def transcribe(
    path: str | Path,
    recognizer: Recognizer,
    decoder: Decoder | None = None,
    nbest: int = 1,
    keep: list[Chunk] | None = None,
    progress: Callable[[float], None] = lambda seconds: None,
    *,
    part: audio.Part = audio.WHOLE,
    lang: str = "hi_en",
) -> Transcript:
    """Transcribe an audio file.

    Args:
        path: Audio of any format, rate, length and number of channels.
        recognizer: The model.
        decoder: A beam search, `cswitch.recognition.decode.Decoder`; without it, the best label of
            each frame is taken.
        nbest: How many hypotheses, of a beam search.
        keep: If given, receives the posteriors.
        progress: Hears now and then how many seconds are done.
        part: What of the file to transcribe; all of it by default.
        lang: The languages that the scripts of words stand for where no network has heard them.

    Raises:
        InputError: The file cannot be read or is not audio.
    """
    heard = transcribe_stream(
        audio.blocks(path, part=part), recognizer, decoder, nbest, keep, progress, lang=lang
    )
    return replace(heard, audio_filepath=str(path))


def transcribe_stream(
    blocks: Iterable[audio.Samples],
    recognizer: Recognizer,
    decoder: Decoder | None = None,
    nbest: int = 1,
    keep: list[Chunk] | None = None,
    progress: Callable[[float], None] = lambda seconds: None,
    *,
    lang: str = "hi_en",
) -> Transcript:
    """Transcribe audio that is in memory, or that arrives while it is transcribed.

    Args:
        blocks: Mono samples at 16 kHz between -1 and 1, in blocks of any size; see
            `resample` and `Resampler` of `cswitch.recognition.audio` for other rates.
        recognizer: The model.
        decoder: This and what follows as for `transcribe`.
        nbest: Likewise.
        keep: Likewise.
        progress: Likewise.
        lang: Likewise.

    >>> second = np.zeros(16_000, np.float32)
    >>> transcribe_stream([second, second], Recognizer.load()).as_json()
    {'audio_filepath': '', 'duration': 2.0, 'text': '', 'words': []}
    """
    counted = _Counted(blocks)
    search = _search(recognizer.labels, recognizer.frame_seconds, decoder)
    languages: list[posteriors.Array] = []
    for chunk in recognizer.stream(counted):
        search.feed(chunk)
        if chunk.lid is not None:
            languages.append(chunk.lid.astype(np.float32))
        if keep is not None:
            keep.append(chunk)
        progress(counted.samples / audio.SAMPLE_RATE)
    lid = np.concatenate(languages) if languages else None
    found = _with_languages(search.finish(nbest), lid, recognizer.lid_classes, lang)
    return Transcript("", counted.samples / audio.SAMPLE_RATE, found)


def transcribe_posteriors(
    path: str | Path,
    labels: Labels,
    decoder: Decoder | None = None,
    nbest: int = 1,
    frame_seconds: float = 0.04,
    lid_classes: Sequence[str] = ("sil", "hi", "en"),
    lang: str = "hi_en",
) -> Transcript:
    """Transcribe posteriors that a recognizer of any kind has written to ``.npy`` or ``.npz``.

    Raises:
        InputError: The file holds no log-probabilities of these labels.
    """
    given = posteriors.read(path, frame_seconds=frame_seconds)
    ctc = posteriors.check(given.ctc, width=len(labels), path=path)
    if given.lid is not None and lid_classes and given.lid.shape[1] != len(lid_classes):
        raise InputError(
            f"lid has {given.lid.shape[1]} columns for {len(lid_classes)} classes",
            path=path,
            remedy=f"Write a column for each of {', '.join(lid_classes)}, or none",
        )
    search = _search(labels, given.frame_seconds, decoder)
    search.feed(Chunk(ctc, given.lid))
    # Their frames may be longer or shorter than ours: the length of the recording is the same.
    duration = len(ctc) * given.frame_seconds
    frames = 1 if given.lid is None else max(len(given.lid), 1)
    found = _with_languages(search.finish(nbest), given.lid, lid_classes, lang, duration / frames)
    return Transcript(str(path), duration, found)


class _Greedy:
    """Greedy search behind the same two verbs as a beam search."""

    def __init__(self, labels: Labels, frame_seconds: float) -> None:
        self._greedy = Greedy(labels, frame_seconds)

    def feed(self, chunk: Chunk) -> None:
        self._greedy.feed(chunk.ctc)

    def finish(self, count: int) -> tuple[Hypothesis, ...]:
        words = self._greedy.finish()
        return (Hypothesis(" ".join(word.word for word in words), words=words),)


class _Beam:
    """Beam search of a stream."""

    def __init__(self, decoder: Decoder, frame_seconds: float) -> None:
        self._stream = decoder.stream(frame_seconds)

    def feed(self, chunk: Chunk) -> None:
        self._stream.feed(chunk.ctc, chunk.lid)

    def finish(self, count: int) -> tuple[Hypothesis, ...]:
        return self._stream.finish(count)


def _search(labels: Labels, frame_seconds: float, decoder: Decoder | None) -> _Greedy | _Beam:
    return _Greedy(labels, frame_seconds) if decoder is None else _Beam(decoder, frame_seconds)


def _with_languages(
    hypotheses: Iterable[Hypothesis],
    lid: posteriors.Array | None,
    classes: Sequence[str],
    lang: str,
    frame_seconds: float = 0.04,
) -> tuple[Hypothesis, ...]:
    def named(words: tuple[Word, ...]) -> tuple[Word, ...]:
        if lid is not None:
            words = out_of_silence(words, lid, classes, frame_seconds)
        return word_languages(words, lid, classes, frame_seconds, lang)

    return tuple(replace(one, words=named(one.words)) for one in hypotheses)


class _Counted:
    """Blocks that pass through, counted: some formats do not tell their length beforehand."""

    def __init__(self, blocks: Iterable[audio.Samples]) -> None:
        self._blocks = iter(blocks)
        self.samples = 0

    def __iter__(self) -> _Counted:
        return self

    def __next__(self) -> audio.Samples:
        block = next(self._blocks)
        self.samples += len(block)
        return block
