"""ISO 15919, there and back: ब्राह्मिक is brāhmika.

The letters and their transliteration are in each script's ``letters.tsv``. What the standard
leaves open is written so that the way back is clear: aspirates with ʰ (kʰ is ख, kh is क्ह), a vowel
letter after another letter with a dot before it (gahā.u), a vowel sign that stands on nothing
with a hyphen (-ā), a virama that silences nothing as ˘, ZERO WIDTH NON-JOINER as | and ZERO WIDTH
JOINER as +.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import regex

from cswitch import resources
from cswitch.normalize.letters import Letter, letters
from cswitch.normalize.rules import Rules

INHERENT = "a"
HIATUS = "."
DANGLING = "-"
BARE_VIRAMA = "˘"
JOINERS = {"\u200c": "|", "\u200d": "+"}


@dataclass(frozen=True, slots=True)
class _Table:
    """The letters of a script, to be looked up from both sides."""

    native: dict[str, Letter]
    vowels: dict[str, str]
    signs: dict[str, str]
    others: dict[str, Letter]
    virama: str
    from_native: regex.Pattern[str]
    from_iso: regex.Pattern[str]


def romanize(text: str, script: str) -> str:
    """Transliterate the letters of a script; the rest of the text stays.

    >>> romanize("ब्राह्मिक गहाउ", "Deva")
    'brāhmika gahā.u'
    """
    table = _table(script)
    written: list[str] = []
    pending = False  # a consonant whose vowel is not known yet
    syllable = False  # something that a vowel letter would run together with
    for piece in table.from_native.findall(unicodedata.normalize("NFC", text)):
        letter = table.native.get(piece)
        kind = letter.kind if letter else ""
        if pending and kind not in ("sign", "virama"):
            written.append(INHERENT)
        if letter is None:
            written.append(JOINERS.get(piece, piece))
        elif kind == "virama":
            written.append("" if pending else BARE_VIRAMA)
        else:
            hiatus = HIATUS if kind == "vowel" and syllable else ""
            dangling = DANGLING if kind == "sign" and not pending else ""
            written.append(hiatus + dangling + letter.iso)
        syllable = kind in ("consonant", "vowel", "sign") or (kind == "virama" and pending)
        pending = kind == "consonant"
    if pending:
        written.append(INHERENT)
    return "".join(written)


def nativize(text: str, script: str) -> str:
    """Write a transliteration in its script again; what is no transliteration stays.

    >>> nativize("brāhmika gahā.u", "Deva")
    'ब्राह्मिक गहाउ'
    """
    table = _table(script)
    written: list[str] = []
    pending = False
    for piece in table.from_iso.findall(unicodedata.normalize("NFC", text)):
        sign = table.signs.get(piece)
        if pending and piece == INHERENT:
            pending = False
        elif pending and sign is not None:
            written.append(sign)
            pending = False
        else:
            consonant = table.others[piece].kind == "consonant" if piece in table.others else False
            written.append((table.virama if pending else "") + _native(piece, table))
            pending = consonant
    if pending:
        written.append(table.virama)
    return unicodedata.normalize("NFC", "".join(written))


def shared(text: str) -> str:
    """A transliteration without what only one script tells apart: its own ra, chillu, addak.

    >>> shared("namaskāɹa"), shared("avanⸯ"), shared("pi˖kʰa")
    ('namaskāra', 'avan', 'pikkʰa')
    """
    return _shared()(unicodedata.normalize("NFC", text))


def approximate(text: str, script: str) -> str:
    """A `shared` transliteration with the letters a script lacks replaced by the nearest it has.

    >>> approximate("bʰārata", "Taml"), approximate("bʰārata", "Beng")
    ('pārata', 'bʰārata')
    """
    table = _table(script)
    has = {*table.vowels, *table.signs, *table.others}
    pieces = _hub().findall(shared(text))
    return "".join(_nearest(piece, has) for piece in pieces)


def _nearest(piece: str, has: set[str]) -> str:
    tried: list[str] = []
    while piece not in has and piece not in tried:
        tried.append(piece)
        # Diacritics that no other script has a letter for fall away.
        plain = unicodedata.normalize("NFD", piece)[:1]
        piece = _substitutes().get(piece, plain if plain.isascii() else piece)
    return piece


@cache
def _shared() -> Rules:
    return Rules([resources.folder("normalizers") / "Latn" / "shared.tsv"])


@cache
def _substitutes() -> dict[str, str]:
    table = resources.folder("normalizers") / "Latn" / "nearest.tsv"
    rows = resources.read_table(table, ("letter", "nearest"))
    return {row[0]: row[1] for row in rows}


@cache
def _hub() -> regex.Pattern[str]:
    known = "|".join(map(regex.escape, sorted(_substitutes(), key=len, reverse=True)))
    return regex.compile(rf"(?:{known})(?!\p{{M}})|.\p{{M}}*", regex.DOTALL)


def _native(piece: str, table: _Table) -> str:
    """What a piece of a transliteration is when no consonant waits for its vowel."""
    if piece in table.others:
        return table.others[piece].text
    if piece in table.vowels:
        return table.vowels[piece]
    if piece[0] == HIATUS and piece[1:] in table.vowels:
        return table.vowels[piece[1:]]
    if piece[0] == DANGLING and piece[1:] in table.signs:
        return table.signs[piece[1:]]
    if piece == BARE_VIRAMA:
        return table.virama
    return next((joiner for joiner, sign in JOINERS.items() if sign == piece), piece)


@cache
def _table(script: str) -> _Table:
    known = [letter for letter in letters(script) if letter.kind != "virama"]
    nfc = {letter.text: unicodedata.normalize("NFC", letter.iso) for letter in known}
    vowels: dict[str, str] = {}
    signs: dict[str, str] = {}
    others: dict[str, Letter] = {}
    for letter in known:
        if letter.kind == "vowel":
            vowels.setdefault(nfc[letter.text], letter.text)
        elif letter.kind == "sign":
            signs.setdefault(nfc[letter.text], letter.text)
        else:
            others.setdefault(nfc[letter.text], letter)
    pieces = [*vowels, *signs, *others, *(HIATUS + vowel for vowel in vowels)]
    pieces += [*(DANGLING + sign for sign in signs), BARE_VIRAMA, *JOINERS.values()]
    return _Table(
        native={letter.text: letter for letter in letters(script)},
        vowels=vowels,
        signs=signs,
        others=others,
        virama=next((one.text for one in letters(script) if one.kind == "virama"), ""),
        from_native=_longest_first([letter.text for letter in letters(script)]),
        from_iso=_longest_first(pieces),
    )


def _longest_first(pieces: list[str]) -> regex.Pattern[str]:
    """A pattern for the longest of some pieces, or else any one character."""
    ordered = sorted(dict.fromkeys(pieces), key=len, reverse=True)
    return regex.compile("|".join([*map(regex.escape, ordered), "."]), regex.DOTALL)
