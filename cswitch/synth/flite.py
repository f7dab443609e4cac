"""Flite in child processes: small English voices, statistical and diphone."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import soundfile

from cswitch.errors import InputError
from cswitch.recognition.audio import SAMPLE_RATE, resample
from cswitch.synth import accents
from cswitch.synth.speech import InconsistentError, Manner, Span, Speech, Spoken, check

_VOICES = ("awb", "kal16", "rms", "slt")


class Flite:
    """The synthesizer; Hindi is spoken with the nearest English phones."""

    name = "flite"

    def __init__(self) -> None:
        if shutil.which("flite") is None:
            raise InputError("flite is not installed", remedy="apt-get install flite")

    def voices(self, language: str) -> tuple[str, ...]:
        return _VOICES if language in ("hi", "en") else ()

    def speak(self, words: Sequence[Spoken], manner: Manner) -> Speech:
        phones = [
            accents.native(word.reading) if word.language == "en" else accents.foreign(word.reading)
            for word in words
        ]
        if not all(phones):
            raise InconsistentError("a word without phones")
        # Said as words of its lexicon: bare phones would have no syllables, and no prosody.
        tokens = [accents.made_up(index) for index in range(len(words))]
        stretch = manner.pitch / manner.rate
        with tempfile.TemporaryDirectory(prefix="cswitch-flite-") as folder:
            wave, lexicon = Path(folder) / "speech.wav", Path(folder) / "words.lex"
            entries = zip(tokens, phones, strict=True)
            lexicon.write_text("".join(f"{token} : {_stressed(p)}\n" for token, p in entries))
            settings = ["-voice", manner.voice, "--setf", f"duration_stretch={stretch:.4f}"]
            text = " ".join(tokens)
            run = subprocess.run(
                ["flite", *settings, "-add_lex", lexicon, "-psdur", "-t", text, "-o", wave],
                capture_output=True,
                text=True,
                check=False,
            )
            if run.returncode != 0 or not wave.exists():
                raise InconsistentError("flite could not say it")
            samples, rate = soundfile.read(wave, dtype="float32")
        played = round(rate * manner.pitch)
        spans = tuple(s for s in _phone_spans(run.stdout, manner.pitch) if s.name != "pau")
        speech = Speech(
            resample(samples, played - played % 100, SAMPLE_RATE),
            _word_spans(words, phones, spans),
            spans,
        )
        return check(speech, words)


def _stressed(phones: Sequence[str]) -> str:
    """Phones of a lexicon entry: every vowel with its stress, the first one's if none is known."""
    known = any(phone[-1].isdigit() for phone in phones)
    marked, first = [], True
    for phone in phones:
        if phone[0] in "aeiou" and not known:
            phone, first = f"{phone}{int(first)}", False
        # Its lexicon knows no secondary stress, and calls the reduced vowel ax.
        marked.append("ax0" if phone == "ah0" else phone.replace("2", "1"))
    return " ".join(marked)


def _phone_spans(output: str, pitch: float) -> tuple[Span, ...]:
    spans, before = [], 0.0
    for mark in output.split():
        name, _, end = mark.partition(":")
        spans.append(Span(name, before, float(end) / pitch))
        before = float(end) / pitch
    return tuple(spans)


def _word_spans(
    words: Sequence[Spoken], phones: Sequence[Sequence[str]], spans: Sequence[Span]
) -> tuple[Span, ...]:
    if len(spans) != sum(map(len, phones)):
        raise InconsistentError(f"{len(spans)} phones for {sum(map(len, phones))}")
    result, first = [], 0
    for word, of_word in zip(words, phones, strict=True):
        last = first + len(of_word) - 1
        result.append(Span(word.text, spans[first].start, spans[last].end))
        first = last + 1
    return tuple(result)
