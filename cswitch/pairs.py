"""The joint n-gram model of spellings: how likely a Latin word stands for a native one.

A model tells two things of a pair: its *regret*, how much likelier the best partner of each word
would have been, and where the pair is weakest. A logistic regression over these, estimated on
pairs that the n-gram has not seen, makes one calibrated probability of them.

A model file is one line of JSON (what the model is, from what, its calibration) and the
compressed n-gram. `cswitch lexicon train` writes it.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import regex

from cswitch import _pairs
from cswitch.errors import InputError
from cswitch.files import atomic_path

FORMAT = "cswitch-pairs 1"
SUFFIX = ".pairs"

_BEAM = 6
_WORDS = 1 << 17
_NEVER = -200.0
_NOT_LETTER = regex.compile(r"[^\p{L}\p{M}]|[\u200C\u200D]")
_NOT_LATIN = regex.compile(r"[^a-z]")

# What the regression looks at, and how large each may become: beyond that, wrong is wrong.
FEATURES: Mapping[str, float] = {
    "native_regret": 6.0,
    "latin_regret": 6.0,
    "native_regret_sum": 30.0,
    "latin_regret_sum": 30.0,
    "worst_native": 15.0,
    "worst_latin": 15.0,
    "final_native": 15.0,
    "final_latin": 15.0,
}


@lru_cache(maxsize=_WORDS)
def native_letters(word: str) -> str:
    """The code points of a native word that a model knows: letters and signs, nukta apart.

    >>> len(native_letters("साड़ी")), native_letters("टी-शर्ट")
    (5, 'टीशर्ट')
    """
    return unicodedata.normalize("NFD", _NOT_LETTER.sub("", word))


@lru_cache(maxsize=_WORDS)
def latin_letters(word: str) -> str:
    """The letters a–z of a Latin word; diacritics fall away.

    >>> latin_letters("Sāṛī!")
    'sari'
    """
    letters: str = _NOT_LATIN.sub("", unicodedata.normalize("NFD", word.lower()))
    return letters


@dataclass(frozen=True, slots=True)
class Header:
    """What a model file says of itself.

    Attributes:
        title: What goes with what, such as ``hi-Deva Latn``.
        source: Where the pairs come from.
        licence: The licence of the model.
        order: The longest n-gram.
        calibration: Weight of each feature (see `FEATURES`), of its square root, and ``bias``.
    """

    title: str
    source: str
    licence: str
    order: int
    calibration: Mapping[str, float]


class PairModel:
    """A loaded model. Words are given as `native_letters` and `latin_letters` make them.

    Attributes:
        digest: First digits of the hash of the whole file, for signatures.
    """

    def __init__(self, header: Header, payload: bytes) -> None:
        self.header = header
        self.payload = payload
        self.digest = _digest(header, payload)
        self._model = _pairs.Model(payload)
        self._terms = tuple(
            (limit, header.calibration.get(name, 0.0), header.calibration.get(f"{name}^½", 0.0))
            for name, limit in FEATURES.items()
        )
        self._bias = header.calibration.get("bias", 0.0)
        self.best_latin = lru_cache(maxsize=_WORDS)(self._best_latin)
        self.best_native = lru_cache(maxsize=_WORDS)(self._best_native)

    def features(self, native: str, latin: str) -> tuple[float, ...]:
        """The values of `FEATURES` for a pair, each at most its limit."""
        log, _, *weak = self._model.score(native, latin)
        log = max(log, _NEVER)
        native_regret = max(0.0, self.best_latin(native) - log)
        latin_regret = max(0.0, self.best_native(latin) - log)
        values = (
            native_regret / max(1, len(native)),
            latin_regret / max(1, len(latin)),
            native_regret,
            latin_regret,
            *weak,
        )
        return tuple(map(min, values, FEATURES.values()))

    def probability(self, native: str, latin: str) -> float:
        """Calibrated probability that the two are spellings of one word."""
        total = self._bias
        for value, (_, weight, root) in zip(
            self.features(native, latin), self._terms, strict=True
        ):
            total += weight * value + root * math.sqrt(value)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def align(self, native: str, latin: str) -> list[tuple[str, str]]:
        """Each native code point with the Latin letters that stand for it."""
        return self._model.align(native, latin)

    def to_latin(self, native: str, count: int = 1, beam: int = 32) -> list[tuple[str, float]]:
        """The likeliest Latin spellings with natural-log probabilities, best first."""
        return self._model.to_latin(native, max(beam, count), count)

    def to_native(self, latin: str, count: int = 1, beam: int = 32) -> list[tuple[str, float]]:
        """The likeliest native spellings with natural-log probabilities, best first."""
        return [
            (unicodedata.normalize("NFC", word), log)
            for word, log in self._model.to_native(latin, max(beam, count), count)
        ]

    def _best_latin(self, native: str) -> float:
        found = self._model.to_latin(native, _BEAM, 1)
        return found[0][1] if found else _NEVER

    def _best_native(self, latin: str) -> float:
        found = self._model.to_native(latin, _BEAM, 1)
        return found[0][1] if found else _NEVER


def save(header: Header, payload: bytes, path: str | Path) -> None:
    """Write a model file."""
    fields = {name: getattr(header, name) for name in Header.__slots__}
    first = {"format": FORMAT, **fields, "digest": _digest(header, payload)}
    with atomic_path(path) as temporary:
        temporary.write_bytes(
            json.dumps(first, ensure_ascii=False).encode() + b"\n" + zlib.compress(payload, 9)
        )


@cache
def load(path: str | Path) -> PairModel:
    """Read a model file.

    Raises:
        InputError: It is no model file, damaged, or of another version.
    """
    try:
        first, _, rest = Path(path).read_bytes().partition(b"\n")
        fields: dict[str, Any] = json.loads(first)
        if fields.pop("format") != FORMAT:
            raise ValueError("the format is another one")
        digest = fields.pop("digest")
        model = PairModel(Header(**fields), zlib.decompress(rest))
    except (OSError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise InputError(
            f"not a model of spellings ({error})",
            path=path,
            remedy="Make it anew with cswitch lexicon train",
        ) from error
    if model.digest != digest:
        raise InputError(
            "the model is damaged", path=path, remedy="Make it anew with cswitch lexicon train"
        )
    return model


def read_pairs(path: str | Path, lines: Iterator[str]) -> Iterator[tuple[str, str, int]]:
    """Native word, Latin word and count of each line ``latin TAB native [TAB count]``.

    Raises:
        InputError: A line has no such columns.
    """
    for number, line in enumerate(lines, start=1):
        cells = line.split("\t")
        if len(cells) not in (2, 3) or not (len(cells) < 3 or cells[2].isdecimal()):
            raise InputError(
                "the line is not 'latin TAB native' with perhaps a count",
                path=path,
                line=number,
                remedy="Separate the columns with single tabs",
            )
        yield cells[1], cells[0], int(cells[2]) if len(cells) == 3 else 1


def _digest(header: Header, payload: bytes) -> str:
    said = json.dumps([getattr(header, name) for name in Header.__slots__], ensure_ascii=False)
    return hashlib.sha256(said.encode() + payload).hexdigest()[:12]
