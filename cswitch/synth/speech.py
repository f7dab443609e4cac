"""What every engine gives: samples with the times of words and phones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cswitch.recognition.audio import SAMPLE_RATE

Samples = NDArray[np.float32]


class InconsistentError(Exception):
    """The engine's own events contradict its text or its audio; the utterance is discarded."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word to be spoken: how it is written, how the engine should read it, and its language.

    ``reading`` differs from ``text`` where English is spoken with Hindi phonemes: the engine is
    given a Devanagari spelling, the transcript keeps the Latin one.
    """

    text: str
    reading: str
    language: str


@dataclass(frozen=True, slots=True)
class Span:
    """A word or a phone, with its times in seconds."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Speech:
    """Samples at 16 kHz, one span per word, and the phones if the engine tells them."""

    samples: Samples
    words: tuple[Span, ...]
    phones: tuple[Span, ...]

    @property
    def duration(self) -> float:
        return len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Manner:
    """How to speak: a voice of the engine; rate, pitch and tone relative to its habit.

    An engine may change the size of the speaker with the pitch. Tone is the fundamental
    frequency alone, for the engines that can.
    """

    voice: str
    rate: float = 1.0
    pitch: float = 1.0
    tone: float = 1.0


class Engine(Protocol):
    """A speech synthesizer."""

    name: str

    def voices(self, language: str) -> tuple[str, ...]:
        """The voices that speak a language; empty if none does."""

    def speak(self, words: Sequence[Spoken], manner: Manner) -> Speech:
        """Say words of which each voice understands the language.

        Raises:
            InconsistentError: The events do not fit.
        """


def check(speech: Speech, words: Sequence[Spoken]) -> Speech:
    """Return the speech if its events can be true: all words, in order, each inside the audio.

    Raises:
        InconsistentError: They cannot.
    """
    if len(speech.words) != len(words):
        raise InconsistentError(f"{len(speech.words)} word events for {len(words)} words")
    before = 0.0
    for span in speech.words:
        if not before <= span.start < span.end <= speech.duration + 0.01:
            raise InconsistentError(f"word from {span.start} to {span.end}")
        before = span.start
    if not np.isfinite(speech.samples).all() or np.abs(speech.samples).max(initial=0.0) < 0.01:
        raise InconsistentError("no sound")
    return speech


def shift(spans: Sequence[Span], seconds: float) -> tuple[Span, ...]:
    """The spans, later by some seconds."""
    return tuple(replace(s, start=s.start + seconds, end=s.end + seconds) for s in spans)
