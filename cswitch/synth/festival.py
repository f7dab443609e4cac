"""Festival in a child process: Hindi diphones of one speaker, and voices of other languages."""

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

from cswitch.errors import InputError
from cswitch.recognition.audio import SAMPLE_RATE, resample
from cswitch.synth import accents
from cswitch.synth.speech import InconsistentError, Manner, Span, Speech, Spoken, check

# The voices of Debian's packages by how they speak Hindi, and each one's phone set.
NATIVE = {"hindi_NSK_diphone": "nsk"}
ENGLISH = dict.fromkeys(("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts"), "radio")
# Neither Hindi nor English is theirs: a woman, a child and two men more.
DISTANT = dict.fromkeys(("czech_dita", "czech_krb", "czech_machac", "czech_ph"), "czech")
_PHONE_SETS = NATIVE | ENGLISH | DISTANT
_PACKAGES = (
    "festival festival-hi festival-czech festvox-hi-nsk festvox-kallpc16k festvox-kdlpc16k "
    "festvox-us-slt-hts festvox-czech-dita festvox-czech-krb festvox-czech-machac "
    "festvox-czech-ph"
)
# Mean and standard deviation of the diphone voices' fundamental frequency in Hz.
_HABIT = {
    "kal_diphone": (105, 14),
    "ked_diphone": (105, 15),
    "czech_dita": (222, 15),
    "czech_krb": (258, 16),
    "czech_machac": (75, 6),
    "czech_ph": (136, 8),
}
_INTONATION = {
    "radio": "(set! int_lr_params '((target_f0_mean {0:.1f}) (target_f0_std {1:.1f})"
    " (model_f0_mean 170) (model_f0_std 34)))",
    "czech": "(set! int_general_params (cons (list 'targ_func czech-int-targets)"
    " '((f0_mean {0:.1f}) (f0_std {1:.1f}))))",
}
# Czech makes consonants alike and the last one voiceless, so that बाद would be a बात; of that,
# only the nasal that the voices need before k and g.
_CAREFUL = """
(define (czech-adjust-phonetic-form utt)
  (mapcar (lambda (s)
            (if (and (string-equal (item.name s) "n")
                     (member_string (item.feat s "n.name") '("k" "g")))
                (item.set_name s "n*")))
          (utt.relation.items utt 'Segment))
  utt)
"""
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

    Voices of other languages say words in their own nearest phones: a foreign accent, but more
    speakers than have been recorded for Hindi.
    """

    name = "festival"

    def __init__(self) -> None:
        if shutil.which("festival") is None:
            raise _lacking("festival is not installed")
        self._folder = tempfile.TemporaryDirectory(prefix="cswitch-festival-")
        self._voice, self._stretch = "", 0.0
        self._tokens: dict[tuple[str, ...], str] = {}
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
        native = tuple(NATIVE) if language == "hi" else ()
        return (*native, *ENGLISH, *DISTANT)

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
            self._voice = ""
            self._write(_REPORT)
            self._check_voices()
        if manner.voice != self._voice:
            self._ask(f'(begin (voice_{manner.voice}) (format t "{_END}\\n") nil)')
            self._voice, self._stretch, self._tokens = manner.voice, 0.0, {}
            if manner.voice in DISTANT:
                self._write(_CAREFUL)
        if manner.voice in _HABIT:
            hertz = [manner.tone * habit for habit in _HABIT[manner.voice]]
            self._write(_INTONATION[phone_set(manner.voice)].format(*hertz))
        if stretch != self._stretch:
            self._write(f"(Parameter.set 'Duration_Stretch {stretch:.4f})")
            self._stretch = stretch

    def _check_voices(self) -> None:
        # Without one of them the same seed would give another corpus.
        installed = " ".join(self._ask(f'(begin (print (voice.list)) (format t "{_END}\\n") nil)'))
        missing = [voice for voice in _PHONE_SETS if voice not in installed]
        if missing:
            raise _lacking(f"festival lacks the voice {', '.join(missing)}")

    def _token(self, word: Spoken, voice: str) -> str:
        """The word as the voice should get it; a foreign one enters the voice's lexicon."""
        if voice in NATIVE:
            return accents.compose_nukta(word.reading)
        if voice in ENGLISH and word.language == "en":
            return word.reading
        phones = accents.foreign(word.reading, phone_set(voice))
        if phones not in self._tokens:
            self._tokens[phones] = accents.made_up(len(self._tokens))
            entry = f'("{self._tokens[phones]}" nil ({accents.syllables(phones)}))'
            self._write(f"(lex.add.entry '{entry})")
        return self._tokens[phones]

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


def phone_set(voice: str) -> str:
    """The phone set in which a voice names what it says."""
    return _PHONE_SETS[voice]


def _lacking(problem: str) -> InputError:
    return InputError(problem, remedy=f"apt-get install {_PACKAGES}, or leave this engine out")


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
