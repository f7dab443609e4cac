"""The joint n-gram model of spellings: how likely a Latin word stands for a native one.

A model tells of a pair its *regret*, how much likelier the best partner of each word would have
been, where the pair is weakest, and how much the words tell of each other. Two logistic
regressions over these, estimated on pairs that the n-gram has not seen, ask whether the one word
is another one that looks alike, and whether the two have met by chance. They make one calibrated
probability.

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
from operator import mul
from pathlib import Path
from typing import Any

import regex
from rapidfuzz.distance import Levenshtein

from cswitch import resources, tokens
from cswitch.errors import InputError
from cswitch.files import atomic_path, read_lines
from cswitch.languages import LATIN
from cswitch.spelling import _pairs
from cswitch.spelling.skeleton import skeleton

FORMAT = "cswitch-pairs 2"
SUFFIX = ".pairs"

_BEAM = 6
_WORDS = 1 << 17
_NEVER = -200.0
_LONGEST, _IMPOSSIBLE = 96, 1e-5  # letters of a word, and what becomes of a longer one
_NOT_LETTER = regex.compile(r"[^\p{L}\p{M}]|[\u200C\u200D]")
_NOT_LATIN = regex.compile(r"[^a-z]")
# Letters with a nukta that Unicode's composed form leaves in two (ড়): each has its own sounds.
_DOTTED = {
    unicodedata.normalize("NFC", letter): letter
    for letter in map(chr, range(0x0900, 0x0E00))
    if len(unicodedata.normalize("NFC", letter)) == 2
}
_UNDOTTED = regex.compile("|".join(_DOTTED))

# What the regression looks at, and how large each may become: beyond that, wrong is wrong.
_LIMITS: Mapping[str, float] = {
    "native_regret": 6.0,
    "latin_regret": 6.0,
    "native_regret_sum": 30.0,
    "latin_regret_sum": 30.0,
    "worst_native": 15.0,
    "worst_latin": 15.0,
    "final_native": 15.0,
    "final_latin": 15.0,
}
# How usual each word is for the model: a rare one may be written in odd ways.
_RARITIES = ("native_rarity", "latin_rarity")
_RAREST = 8.0
_LENGTHS = ("native_length", "latin_length")
# What the words tell of each other, in nats, and as a share of all that each of them tells.
_INFORMATION = ("information", "information_surplus", "native_told", "latin_told")
_MOST_TOLD = 20.0
# How far apart the consonants of the words are, in rough classes.
_CONSONANTS = ("consonants_share", "consonants", "consonants_any", "last_consonant")
_MOST_CONSONANTS = 4
PLAIN_FEATURES: tuple[str, ...] = (
    *_LIMITS,
    *(f"√{name}" for name in _LIMITS),
    *_LENGTHS,
    *_INFORMATION,
)
FEATURES: tuple[str, ...] = (
    *PLAIN_FEATURES,
    *_RARITIES,
    *(f"{name}²" for name in _RARITIES),
    *(f"√{regret}·{name}" for regret in ("native_regret", "latin_regret") for name in _RARITIES),
    "√native_regret·√latin_regret",
    *_CONSONANTS,
)
# What a pair may be instead of two spellings of one word, and the largest odds of each. A pair
# that is no chance meeting is a rendering at least once in so many times, however odd it looks.
ALIKE, CHANCE = "alike", "chance"
_ODDS: Mapping[str, float] = {ALIKE: math.exp(2.0), CHANCE: math.exp(12.0)}


@lru_cache(maxsize=_WORDS)
def native_letters(word: str) -> str:
    """The letters and signs of a native word that a model knows, each one code point.

    >>> len(native_letters("साड़ी")), native_letters("टी-शर्ट")
    (4, 'टीशर्ट')
    """
    letters = unicodedata.normalize("NFC", _NOT_LETTER.sub("", word))
    dotted: str = _UNDOTTED.sub(lambda found: _DOTTED[found[0]], letters)
    return dotted


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
        calibration: For each thing that a wrong pair may be, the weight of each of the
            `FEATURES`, and ``bias``.
    """

    title: str
    source: str
    licence: str
    order: int
    calibration: Mapping[str, Mapping[str, float]]


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
        terms = [(header.calibration.get(name, {}), odds) for name, odds in _ODDS.items()]
        self._terms = [
            (one.get("bias", 0.0), [one.get(name, 0.0) for name in FEATURES], odds)
            for one, odds in terms
        ]
        self._letters = {native for native, _ in self._model.units()}
        self.best_latin = lru_cache(maxsize=_WORDS)(self._best_latin)
        self.best_native = lru_cache(maxsize=_WORDS)(self._best_native)

    def features(self, native: str, latin: str) -> tuple[float, ...]:
        """The values of `FEATURES` for a pair of words that are not empty."""
        log, _, *weak = self._model.score(native, latin)
        log = max(log, _NEVER)
        best_latin, best_native = self.best_latin(native), self.best_native(latin)
        rows, columns = len(native), len(latin)
        native_regret, latin_regret = max(0.0, best_latin - log), max(0.0, best_native - log)
        regrets = (native_regret / rows, latin_regret / columns, native_regret, latin_regret)
        plain = tuple(map(min, (*regrets, *weak), _LIMITS.values()))
        roots = tuple(map(math.sqrt, plain))
        one, other = min(_RAREST, -best_latin / rows), min(_RAREST, -best_native / columns)
        told = log - best_latin - best_native
        said, spoken = skeleton(native), skeleton(latin)
        apart = Levenshtein.distance(said, spoken)
        return (
            *plain,
            *roots,
            math.log(rows),
            math.log(columns),
            max(-_MOST_TOLD, min(_MOST_TOLD, told)),
            max(0.0, min(_MOST_TOLD, told)),
            max(-2.0, min(1.0, told / max(1.0, -best_latin))),
            max(-2.0, min(1.0, told / max(1.0, -best_native))),
            *(one, other, one * one, other * other),
            *(roots[0] * one, roots[0] * other, roots[1] * one, roots[1] * other),
            roots[0] * roots[1],
            apart / max(1, len(said), len(spoken)),
            min(_MOST_CONSONANTS, apart),
            min(1, apart),
            said[-1:] == spoken[-1:],
        )

    def probability(self, native: str, latin: str) -> float:
        """Calibrated probability that the two are spellings of one word."""
        if max(len(native), len(latin)) > _LONGEST:
            return _IMPOSSIBLE
        values = self.features(native, latin)
        against = 1.0
        for bias, weights, most in self._terms:
            logit = max(-12.0, min(12.0, bias + sum(map(mul, values, weights))))
            against += min(most, math.exp(-logit))
        return 1 / against

    def log(self, native: str, latin: str) -> float:
        """Natural-log probability of the pair, summed over its segmentations."""
        return max(_NEVER, self._model.score(native, latin)[0])

    def spelled(self, word: str) -> float:
        """Natural-log probability of a word alone, by a model that `fitting.fit_words` made."""
        return self.log(word, "")

    def knows(self, native: str) -> bool:
        """Whether every letter of a native word was seen in estimation."""
        return self._letters.issuperset(native)

    def units(self) -> list[tuple[str, str]]:
        """Every native code point with every Latin text that may stand for it."""
        return self._model.units()

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


def find(folder: str, stem: str) -> PairModel | None:
    """The model of a folder in ``lexicons/``, if there is one."""
    path = resources.folder("lexicons") / folder / f"{stem}{SUFFIX}"
    return load(path) if path.exists() else None


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
        if not all(isinstance(one, dict) for one in fields["calibration"].values()):
            raise ValueError("the calibration is of an older version")
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


def read_pairs(path: str | Path) -> Iterator[tuple[str, str, int]]:
    """Native word, Latin word and count of each line of two words and perhaps a count.

    The words may come in either order: the one that is not in Latin letters is the native one.
    Comments and the header of a table are passed over.

    Raises:
        InputError: A line has no such columns.
    """
    first = True
    for number, line in enumerate(read_lines(path), start=1):
        if line.startswith("#"):
            continue
        cells = line.split("\t")
        natives = [tokens.script(cell) != LATIN for cell in cells[:2]] if cells[1:] else []
        counts = cells[2:]
        if sum(natives) != 1 or len(counts) > 1 or not all(map(str.isdecimal, counts)):
            if first and cells[0] == "native":
                first = False
                continue
            raise InputError(
                "the line is not a native word, a Latin word and perhaps a count",
                path=path,
                line=number,
                remedy="Separate the columns with single tabs",
            )
        first = False
        native, latin = cells[:2] if natives[0] else cells[1::-1]
        yield native, latin, int(counts[0]) if counts else 1


def _digest(header: Header, payload: bytes) -> str:
    said = json.dumps([getattr(header, name) for name in Header.__slots__], ensure_ascii=False)
    return hashlib.sha256(said.encode() + payload).hexdigest()[:12]
