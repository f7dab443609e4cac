"""Skeletons: the consonants of a text in rough classes, to see cheaply what cannot be alike.

Native letters get their class from their Unicode names (DEVANAGARI LETTER KHA is a *k*), so
every script is known; English words from their pronunciation; other Latin words from letters.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

from cswitch.spelling.pronunciation import names, pronunciations

# What the Unicode name of a letter begins with, longest first, and its class. Aspiration, voice
# of sibilants, place of nasals, h, y and the vowels vary too much in spelling to be told apart.
_SOUNDS = {
    "NUKTA": "", "CANDRA": "", "VIRAMA": "", "VOWEL": "", "ANUSVARA": "n", "CANDRABINDU": "n",
    "BINDI": "n", "TIPPI": "n", "ADDAK": "", "VISARGA": "", "TCH": "c", "TTEH": "t",
    "DDAL": "d", "RREH": "r",
    "KH": "k", "GH": "g", "CH": "c", "JH": "j", "SH": "s", "SS": "s", "TH": "t", "DH": "d",
    "PH": "p", "BH": "b", "NG": "n", "NY": "n", "RR": "r", "LL": "l", "TT": "t", "DD": "d",
    "NN": "n", "AIN": "", "ALEF": "", "HAMZA": "", "WAW": "", "YEH": "", "QAF": "k", "ZHE": "j",
    "K": "k", "G": "g", "C": "c", "J": "j", "Z": "j", "S": "s", "T": "t", "D": "d", "P": "p",
    "F": "p", "B": "b", "N": "n", "M": "n", "R": "r", "L": "l", "V": "v", "W": "v", "Q": "k",
}  # fmt: skip
_PHONES = {
    "B": "b", "CH": "c", "D": "d", "DH": "d", "F": "p", "G": "g", "JH": "j", "K": "k", "L": "l",
    "M": "n", "N": "n", "NG": "n", "P": "p", "R": "r", "ER": "r", "S": "s", "SH": "s", "T": "t",
    "TH": "t", "V": "v", "W": "v", "Z": "j", "ZH": "j",
}  # fmt: skip
_LATIN = [
    (regex.compile(pattern), to)
    for pattern, to in (
        ("tch|chh?", "C"), ("c(?=[eiy])", "s"), ("sh|tion", "s"), ("ph", "p"), ("gh?", "g"),
        ("ck|[ckq]h?", "k"), ("x", "ks"), ("f", "p"), ("m", "n"), ("w", "v"), ("z", "j"),
        ("[^bCdgjklnprstv]", ""), ("C", "c"),
    )
]  # fmt: skip
_NAMED = regex.compile(r"(?<!VOWEL )(?:LETTER|SIGN) (.+)")
_REPEATED = regex.compile(r"(.)\1+")
_LONGEST_NAME = max(map(len, _SOUNDS))


@lru_cache(maxsize=1 << 16)
def skeleton(word: str) -> str:
    """The consonant classes of a word, repeated ones once.

    >>> skeleton("डिस्कवरी"), skeleton("discovery"), skeleton("diskovary")
    ('dskvr', 'dskvr', 'dskvr')
    """
    classes = _latin(word.lower()) if word.isascii() else "".join(map(_native, word))
    once: str = _REPEATED.sub(r"\1", classes)
    return once


def _latin(word: str) -> str:
    known = pronunciations(word)
    if known:
        return "".join(_PHONES.get(sound, "") for sound in names(known[0]).split())
    for pattern, to in _LATIN:
        word = pattern.sub(to, word)
    return word


@lru_cache(maxsize=1 << 12)
def _native(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    if base.isascii():
        return _latin(base.lower())
    named = _NAMED.search(unicodedata.name(letter, ""))
    sound = named[1] if named else ""
    for size in range(_LONGEST_NAME, 0, -1):
        if sound[:size] in _SOUNDS:
            return _SOUNDS[sound[:size]]
    return ""
