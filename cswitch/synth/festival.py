"""Festival in a child process: Hindi diphones of one speaker and three English voices."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import soundfile

from cswitch.audio import SAMPLE_RATE, resample
from cswitch.errors import InputError
from cswitch.synth import accents
from cswitch.synth.speech import InconsistentError, Manner, Span, Speech, Spoken, check

# The voices of Debian's packages and the language each of them reads.
_NATIVE = {"hindi_NSK_diphone": "hi"}
_ENGLISH = ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts")
# Mean and standard deviation of the diphone voices' fundamental frequency in Hz.
_HABIT = {"kal_diphone": (105, 14), "ked_diphone": (105, 15)}
_END = "cswitch-end"
_REPORT = f"""
(define (cswitch_say text file)
  (let ((utt (utt.synth (eval (list 'Utterance 'Text text)))))
    (mapcar (lambda (w) (format t "W %f %f\\n" (item.feat w "word_start") (item.feat w "word_end")))
            (utt.relation.items utt 'Word))
    (mapcar (lambda (s) (format t "P %s %f\\n" (item.name s) (item.feat s "end")))
            (utt.relation.items utt 'Segment))
    (utt.save.wave utt file 'riff)
    (format t "{_END}\\n")
    nil))
"""


class Festival:
    """The synthesizer; use it as a context manager, which ends the child process.

    The English voices speak Hindi with the nearest English phones: a foreign accent, but three
    more speakers.
    """

    name = "festival"

    def __init__(self) -> None:
        if shutil.which("festival") is None:
            raise InputError(
                "festival is not installed",
                remedy="apt-get install festival festival-hi festvox-hi-nsk "
                "festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts, or leave this engine out",
            )
        self._folder = tempfile.TemporaryDirectory(prefix="cswitch-festival-")
        self._voice, self._stretch = "", 0.0
        self._known: set[str] = set()
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        self._folder.cleanup()

    def voices(self, language: str) -> tuple[str, ...]:
        native = tuple(voice for voice, reads in _NATIVE.items() if reads == language)
        return native + _ENGLISH

    def speak(self, words: Sequence[Spoken], manner: Manner) -> Speech:
        # The voices have one pitch each; playing them faster or slower gives other speakers.
        stretch = manner.pitch / manner.rate
        try:
            self._prepare(manner, stretch)
            text = " ".join(self._token(word, manner.voice) for word in words)
            lines = self._ask(f'(cswitch_say "{text}" "{self._wave}")')
        except InconsistentError:
            self._stop()
            raise
        samples, rate = soundfile.read(self._wave, dtype="float32")
        played = round(rate * manner.pitch)
        speech = Speech(
            resample(samples, played - played % 100, SAMPLE_RATE),
            tuple(_word_spans(words, lines, manner.pitch)),
            tuple(_phone_spans(lines, manner.pitch)),
        )
        return check(speech, words)

    @property
    def _wave(self) -> Path:
        return Path(self._folder.name) / "speech.wav"

    def _prepare(self, manner: Manner, stretch: float) -> None:
        if self._process is None:
            self._process = subprocess.Popen(
                ["festival", "--pipe"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
            self._voice, self._known = "", set()
            self._write(_REPORT)
        if manner.voice != self._voice:
            self._ask(f'(begin (voice_{manner.voice}) (format t "{_END}\\n") nil)')
            self._voice, self._stretch = manner.voice, 0.0
        if manner.voice in _HABIT:
            mean, deviation = (manner.tone * hertz for hertz in _HABIT[manner.voice])
            self._write(
                f"(set! int_lr_params '((target_f0_mean {mean:.1f}) (target_f0_std {deviation:.1f})"
                " (model_f0_mean 170) (model_f0_std 34)))"
            )
        if stretch != self._stretch:
            self._write(f"(Parameter.set 'Duration_Stretch {stretch:.4f})")
            self._stretch = stretch

    def _token(self, word: Spoken, voice: str) -> str:
        """The word as the voice should get it; Hindi in an English voice enters its lexicon."""
        if voice in _NATIVE:
            return accents.compose_nukta(word.reading)
        if word.language == "en":
            return word.reading
        token = "h" + "".join(chr(ord("a") + ord(char) % 26) + "q" for char in word.reading)
        if token not in self._known:
            entry = accents.syllables(accents.foreign(word.reading))
            self._write(f'(lex.add.entry \'("{token}" nil ({entry})))')
            self._known.add(token)
        return token

    def _write(self, command: str) -> None:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise InconsistentError("festival has died") from error

    def _ask(self, command: str) -> list[str]:
        assert self._process is not None and self._process.stdout is not None
        # An error returns to the reader without the end mark: this sends one that tells.
        self._write(command)
        self._write(f'(begin (format t "{_END} late\\n") (fflush nil))')
        lines: list[str] = []
        for line in self._process.stdout:
            if line.startswith(f"{_END} late"):
                break
            lines.append(line.strip())
        if _END not in lines:
            raise InconsistentError("festival could not say it")
        return lines

    def _stop(self) -> None:
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._process.kill()
            with self._process:
                self._process.wait()
            self._process = None


def _word_spans(words: Sequence[Spoken], lines: list[str], pitch: float) -> list[Span]:
    times = [line.split()[1:] for line in lines if line.startswith("W ")]
    if len(times) != len(words):
        raise InconsistentError(f"{len(times)} word events for {len(words)} words")
    return [
        Span(word.text, float(start) / pitch, float(end) / pitch)
        for word, (start, end) in zip(words, times, strict=True)
    ]


def _phone_spans(lines: list[str], pitch: float) -> list[Span]:
    spans, before = [], 0.0
    for line in lines:
        if line.startswith("P "):
            name, end = line.split()[1], float(line.split()[2]) / pitch
            spans.append(Span(unicodedata.normalize("NFC", name), before, end))
            before = end
    return spans
