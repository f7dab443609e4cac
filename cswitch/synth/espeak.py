"""espeak-ng in this process, by ctypes: formant and Klatt synthesis of both languages."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from cswitch.errors import InputError
from cswitch.recognition.audio import SAMPLE_RATE, resample
from cswitch.synth.process import uninterrupted
from cswitch.synth.speech import InconsistentError, Manner, Samples, Span, Speech, Spoken, check

# Constants of espeak-ng's speak_lib.h.
_SYNCHRONOUS = 2
_PHONEME_EVENTS, _PHONEME_IPA = 1, 2
_UTF8 = 1
_RATE, _PITCH = 1, 3
_WORD, _END, _PHONEME = 1, 5, 7
_WORDS_PER_MINUTE = 165
_PITCH_MIDDLE = 50
# Variants that are effects, not speakers: nobody talks like that.
_EFFECTS = frozenset(
    (
        "whisper",
        "whisperf",
        "croak",
        "Demonic",
        "UniRobot",
        "anikaRobot",
        "Tweaky",
        "fast",
        "AnxiousAndy",
    )
)


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@cache
def shared() -> Espeak:
    """The synthesizer: the library keeps one global state, so there is one per process."""
    return Espeak()


class Espeak:
    """The synthesizer; get it by `shared`."""

    name = "espeak"

    def __init__(self) -> None:
        try:
            import espeakng_loader
        except ImportError as error:
            raise InputError(
                "espeak-ng is not installed",
                remedy="Install it with pip install cswitch-asr[train]",
            ) from error
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        data = Path(espeakng_loader.get_data_path())
        options = _PHONEME_EVENTS | _PHONEME_IPA
        rate = self._library.espeak_Initialize(_SYNCHRONOUS, 200, str(data).encode(), options)
        if rate <= 0:
            raise InputError(
                "espeak-ng does not start", path=data, remedy="Reinstall espeakng-loader"
            )
        self._rate: int = rate
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))
        variants = sorted(path.name for path in (data / "voices" / "!v").iterdir())
        self._variants = tuple(name for name in variants if name not in _EFFECTS)
        self._blocks: list[np.ndarray[Any, Any]] = []
        self._events: list[tuple[int, int, int, str]] = []
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)
        self._voice = ""

    def voices(self, language: str) -> tuple[str, ...]:
        # The Hindi voice switches to English phonemes by itself for words in Latin letters.
        return self._variants if language in ("hi", "en") else ()

    def speak(self, words: Sequence[Spoken], manner: Manner) -> Speech:
        self._set_voice(f"hi+{manner.voice}")
        self._library.espeak_SetParameter(_RATE, round(_WORDS_PER_MINUTE * manner.rate), 0)
        self._library.espeak_SetParameter(_PITCH, round(_PITCH_MIDDLE * manner.pitch), 0)
        text = " ".join(word.reading for word in words)
        samples = self._synthesize(text)
        spans = _words(text, self._events, len(samples) / SAMPLE_RATE)
        phones = _phones(self._events)
        return check(Speech(samples, spans, phones), words)

    def _set_voice(self, voice: str) -> None:
        if voice != self._voice and self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise InputError(f"espeak-ng has no voice '{voice}'", remedy="Choose another one")
        self._voice = voice

    def _synthesize(self, text: str) -> Samples:
        self._blocks, self._events = [], []
        raw = text.encode()
        with uninterrupted():
            status = self._library.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, _UTF8, None, None)
        if status != 0 or not self._blocks:
            raise InconsistentError(f"espeak-ng returned {status}")
        samples: Samples = np.concatenate(self._blocks).astype(np.float32) / np.float32(32768)
        return resample(samples, self._rate, SAMPLE_RATE)

    def _receive(self, wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            self._blocks.append(np.ctypeslib.as_array(wave, shape=(count,)).copy())
        index = 0
        while events[index].type != 0:
            event = events[index]
            name = event.id.string.decode(errors="replace") if event.type == _PHONEME else ""
            self._events.append((event.type, event.text_position, event.audio_position, name))
            index += 1
        return 0


def _words(text: str, events: list[tuple[int, int, int, str]], duration: float) -> tuple[Span, ...]:
    """One span per word of the text, from the word event at its first letter to the next one."""
    starts, position = {}, 1
    for word in text.split(" "):
        starts[position] = word
        position += len(word) + 1
    times: dict[int, float] = {}
    for kind, place, milliseconds, _ in events:
        if kind == _WORD and place in starts:
            times.setdefault(place, milliseconds / 1000)
    if len(times) != len(starts):
        raise InconsistentError(f"{len(times)} word events for {len(starts)} words")
    end = max((ms / 1000 for kind, _, ms, _ in events if kind == _END), default=duration)
    begins = [times[place] for place in starts]
    return tuple(
        Span(word, start, stop)
        for word, start, stop in zip(
            starts.values(), begins, [*begins[1:], min(end, duration)], strict=True
        )
    )


def _phones(events: list[tuple[int, int, int, str]]) -> tuple[Span, ...]:
    """Phone spans; espeak-ng sends an event where a phone begins, an empty one for silence."""
    marks = [(ms / 1000, name) for kind, _, ms, name in events if kind in (_PHONEME, _END)]
    return tuple(
        Span(name, start, stop)
        for (start, name), (stop, _) in pairwise(marks)
        if name and stop > start
    )
