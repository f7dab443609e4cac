"""A corpus of synthetic speech: seeded plan per utterance, parts that appear whole, resumable."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from cswitch.files import atomic_path, atomic_write
from cswitch.recognition.audio import SAMPLE_RATE
from cswitch.synth import accents, festival
from cswitch.synth.disturb import Conditions, Disturbance, apply
from cswitch.synth.process import apart
from cswitch.synth.speech import (
    Engine,
    InconsistentError,
    Manner,
    Samples,
    Span,
    Speech,
    Spoken,
    shift,
)
from cswitch.synth.texts import Sentence, Texts, language

PART = 100
# Makes the utterance of an index; None where the engine's events do not fit.
Maker = Callable[[int], "Utterance | None"]
Speaker = Callable[[], AbstractContextManager[Maker]]
# Shares of the voices that speak Hindi: formant synthesis, Hindi diphones, English voices, and
# voices of other languages. Those with an accent are the hardest and nearest to an engine never
# heard: training has more of them.
_TEST_SHARES = {"espeak": 0.4, "native": 0.3, "english": 0.3}
_TRAINING_SHARES = {"espeak": 0.3, "native": 0.2, "english": 0.3, "distant": 0.2}
_VOICES = {
    "native": festival.NATIVE,
    "english": festival.ENGLISH,
    "distant": festival.DISTANT,
}
_ONE_VOICE = 0.6
_INDIAN_ACCENT = 0.12
# Every twelfth voice variant speaks only in test sets.
_HELD_OUT_VOICE_IN = 12
_LEVEL = 0.08
_CROSSFADE = SAMPLE_RATE // 100


@dataclass(frozen=True, slots=True)
class Role:
    """Who speaks a language in an utterance."""

    engine: str
    manner: Manner
    indian: bool = False


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence with the voices that speak it, what came out, and what disturbs it."""

    words: Sentence
    roles: Mapping[str, Role]
    speech: Speech
    disturbance: Disturbance | None = None


def held_out_voices(voices: Sequence[str]) -> tuple[str, ...]:
    """The voices that training must not hear."""
    return tuple(voices[5::_HELD_OUT_VOICE_IN])


def cast(
    engines: Mapping[str, Engine],
    rng: np.random.Generator,
    shares: Mapping[str, float] = _TEST_SHARES,
) -> dict[str, Role]:
    """Choose who speaks Hindi and who speaks English, among the voices of training."""
    shares = {k: v for k, v in shares.items() if k == "espeak" or "festival" in engines}
    kind = str(rng.choice(list(shares), p=np.array(list(shares.values())) / sum(shares.values())))
    hindi = _role(engines, kind, rng)
    if kind == "native":
        hindi = Role(hindi.engine, hindi.manner, indian=bool(rng.random() < 0.5))
        if hindi.indian:
            return {"hi": hindi, "en": hindi}
    elif rng.random() < _ONE_VOICE:
        role = Role(hindi.engine, hindi.manner, kind == "espeak" and rng.random() < _INDIAN_ACCENT)
        return {"hi": role, "en": role}
    other = "english" if "festival" in engines and rng.random() < 0.6 else "espeak"
    return {"hi": hindi, "en": _role(engines, other, rng)}


def _role(engines: Mapping[str, Engine], kind: str, rng: np.random.Generator) -> Role:
    name = "espeak" if kind == "espeak" else "festival"
    if kind == "espeak":
        voices = engines[name].voices("hi")
        reserved = held_out_voices(voices)
        voices = tuple(voice for voice in voices if voice not in reserved)
        pitch = float(rng.uniform(0.5, 1.6))
    else:
        voices = tuple(_VOICES[kind])
        pitch = float(rng.uniform(0.86, 1.16))
    voice = voices[rng.integers(len(voices))]
    return Role(name, Manner(voice, float(rng.uniform(0.7, 1.15)), pitch))


def perform(
    words: Sentence,
    roles: Mapping[str, Role],
    engines: Mapping[str, Engine],
    rng: np.random.Generator,
) -> Speech:
    """Speak a sentence; where the voice changes, the pieces are joined word by word.

    Raises:
        InconsistentError: An engine's events do not fit.
    """
    pieces = []
    for role, group in groupby(words, key=lambda word: roles[language(word)]):
        spoken = [_spoken(word, role) for word in group]
        pieces.append(engines[role.engine].speak(spoken, role.manner))
    return splice(pieces, rng)


def _spoken(word: str, role: Role) -> Spoken:
    tag = language(word)
    reading = (accents.indian(word) if role.indian and tag == "en" else None) or word
    if role.indian and language(reading) == "en":
        raise InconsistentError(f"no Indian reading of {word}")
    return Spoken(word, reading, tag)


def splice(pieces: Sequence[Speech], rng: np.random.Generator) -> Speech:
    """Join pieces at their words, at one level, with short random gaps and silence around."""
    samples: Samples = np.zeros(int(rng.uniform(0.05, 0.35) * SAMPLE_RATE), np.float32)
    words: list[Span] = []
    phones: list[Span] = []
    for piece in pieces:
        first = max(piece.words[0].start - 0.03, 0.0)
        last = min(piece.words[-1].end + 0.05, piece.duration)
        sound = _level(piece.samples[int(first * SAMPLE_RATE) : int(last * SAMPLE_RATE)])
        offset = len(samples) / SAMPLE_RATE - first
        words += shift(piece.words, offset)
        phones += shift(
            [p for p in piece.phones if first <= p.start and p.end <= last + 0.01], offset
        )
        gap = np.zeros(int(rng.exponential(0.02) * SAMPLE_RATE), np.float32)
        samples = np.concatenate([samples, sound, gap])
    tail = np.zeros(int(rng.uniform(0.05, 0.35) * SAMPLE_RATE), np.float32)
    return Speech(np.concatenate([samples, tail]), tuple(words), tuple(phones))


def _level(samples: Samples) -> Samples:
    loudness = float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
    scaled = samples * (_LEVEL / max(loudness, 1e-4))
    fade = np.linspace(0, 1, min(_CROSSFADE, len(scaled) // 2), dtype=np.float32)
    if len(fade):
        scaled[: len(fade)] *= fade
        scaled[-len(fade) :] *= fade[::-1]
    clipped: Samples = np.clip(scaled, -1, 1).astype(np.float32)
    return clipped


def plan(texts: Texts, engines: Mapping[str, Engine], seed: int, index: int) -> Utterance | None:
    """The training utterance of an index: the same for the same seed. None: events do not fit."""
    rng = np.random.default_rng([seed, index])
    words = texts.draw(rng)
    roles = _varied(cast(engines, rng, _TRAINING_SHARES), rng)
    return _utterance(words, roles, engines, rng)


def _varied(roles: Mapping[str, Role], rng: np.random.Generator) -> dict[str, Role]:
    """The same casting, with festival's few voices made larger, smaller, lower, higher."""
    size, tone = float(rng.uniform(0.92, 1.1)), float(rng.uniform(0.75, 1.7))
    return {
        tag: role
        if role.engine != "festival"
        else replace(role, manner=replace(role.manner, pitch=role.manner.pitch * size, tone=tone))
        for tag, role in roles.items()
    }


def plan_sentence(
    sentences: Sequence[Sentence], engines: Mapping[str, Engine], seed: int, index: int
) -> Utterance | None:
    """One of the given sentences, spoken by any voices."""
    rng = np.random.default_rng([seed, index])
    return _utterance(sentences[index], cast(engines, rng), engines, rng)


def plan_test(
    texts: Texts, engines: Mapping[str, Engine], seed: int, index: int, condition: str
) -> Utterance | None:
    """A test utterance of a held-out sentence.

    Args:
        texts: Where the sentences come from.
        engines: The synthesizers.
        seed: Of the voices.
        index: The sentence.
        condition: ``seen`` (voices of training), ``voices`` (espeak-ng voices that training never
            heard) or the name of an engine that training never heard.
    """
    rng = np.random.default_rng([seed, index])
    words = texts.held_out[index % len(texts.held_out)]
    roles = cast(engines, rng) if condition == "seen" else _stranger(engines, condition, rng)
    return _utterance(words, roles, engines, rng)


def _utterance(
    words: Sentence,
    roles: Mapping[str, Role],
    engines: Mapping[str, Engine],
    rng: np.random.Generator,
) -> Utterance | None:
    try:
        return Utterance(words, roles, perform(words, roles, engines, rng))
    except InconsistentError:
        return None


def _stranger(
    engines: Mapping[str, Engine], condition: str, rng: np.random.Generator
) -> dict[str, Role]:
    name = "espeak" if condition == "voices" else condition
    voices = engines[name].voices("hi")
    if name == "espeak":
        voices = held_out_voices(voices)
    voice = voices[rng.integers(len(voices))]
    role = Role(name, Manner(voice, float(rng.uniform(0.75, 1.0)), 1.0))
    return {"hi": role, "en": role}


def disturbed(utterance: Utterance, conditions: Conditions, seed: int, index: int) -> Utterance:
    """The same words by the same voices, heard under some conditions."""
    # Numbers of their own: with and without noise, the same seed gives the same speech.
    rng = np.random.default_rng([seed, index, 1])
    disturbance, speech = conditions.draw(rng), utterance.speech
    first, last = speech.words[0].start, speech.words[-1].end
    spoken = slice(int(first * SAMPLE_RATE), int(last * SAMPLE_RATE) + 1)
    heard = replace(speech, samples=apply(speech.samples, spoken, disturbance, rng))
    return replace(utterance, speech=heard, disturbance=disturbance)


def write(
    folder: str | Path,
    speaker: Speaker,
    hours: float = math.inf,
    count: int | None = None,
    progress: Callable[[float, int], None] = lambda hours, discarded: None,
) -> tuple[float, int]:
    """Write utterances in parts of a hundred; parts that are there already are kept.

    Args:
        folder: Receives the audio, the parts, and in the end ``manifest.jsonl``.
        speaker: Opens the engines and gives what makes the utterance of an index.
        hours: Stop when so much speech is there.
        count: Stop after so many utterances.
        progress: Called after each part with the hours and the discarded utterances so far.

    Returns:
        The hours written and the number of utterances discarded.
    """
    root = Path(folder)
    (root / "audio").mkdir(parents=True, exist_ok=True)
    seconds, discarded = 0.0, 0
    parts: list[Path] = []
    while seconds < hours * 3600 and (count is None or len(parts) * PART < count):
        first = len(parts) * PART
        indexes = range(first, first + PART if count is None else min(first + PART, count))
        path = root / f"part-{len(parts):05}.jsonl"
        if not path.exists():
            apart(partial(_write_part, path, root, indexes, speaker))
        entries = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        seconds += sum(entry["duration"] for entry in entries)
        discarded += len(indexes) - len(entries)
        parts.append(path)
        progress(seconds / 3600, discarded)
    with atomic_write(root / "manifest.jsonl") as out:
        for path in parts:
            out.write(path.read_text("utf-8"))
    return seconds / 3600, discarded


def _write_part(path: Path, root: Path, indexes: range, speaker: Speaker) -> None:
    with speaker() as utterance_of, atomic_write(path) as out:
        for index in indexes:
            utterance = utterance_of(index)
            if utterance is None:
                continue
            name = f"audio/{index:07}.flac"
            with atomic_path(root / name) as temporary:
                soundfile.write(temporary, utterance.speech.samples, SAMPLE_RATE, format="FLAC")
            out.write(json.dumps(entry(name, utterance), ensure_ascii=False) + "\n")


def entry(name: str, utterance: Utterance) -> dict[str, Any]:
    """The manifest line of an utterance (NeMo's fields, and the labels of synthesis)."""
    speech, disturbance = utterance.speech, utterance.disturbance
    line: dict[str, Any] = {
        "audio_filepath": name,
        "duration": round(speech.duration, 4),
        "text": " ".join(utterance.words),
        "words": [
            {
                "word": word,
                "start": round(s.start, 3),
                "end": round(s.end, 3),
                "lang": language(word),
            }
            for word, s in zip(utterance.words, speech.words, strict=True)
        ],
        "phones": [
            [name, round(s.start, 3), round(s.end, 3)] for name, s in _named_phones(utterance)
        ],
        "voices": {tag: f"{r.engine}/{r.manner.voice}" for tag, r in utterance.roles.items()},
    }
    if disturbance is not None:
        line["disturbance"] = {k: v for k, v in asdict(disturbance).items() if v is not None}
    return line


def _named_phones(utterance: Utterance) -> Iterator[tuple[str, Span]]:
    """Phones by their common names; those that no table knows are left out.

    Which set a phone belongs to follows from who speaks at that time.
    """
    words = list(zip(utterance.words, utterance.speech.words, strict=True))
    position = 0
    for span in utterance.speech.phones:
        middle = (span.start + span.end) / 2
        while position + 1 < len(words) and words[position + 1][1].start <= middle:
            position += 1
        role = utterance.roles[language(words[position][0])]
        name = accents.common(_phone_set(role), span.name)
        if name is not None:
            yield name, span


def _phone_set(role: Role) -> str:
    if role.engine == "festival":
        return festival.phone_set(role.manner.voice)
    return "espeak" if role.engine == "espeak" else "radio"
