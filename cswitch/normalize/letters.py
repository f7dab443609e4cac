"""The letters of a script: what each is, and how ISO 15919 writes it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import regex

from cswitch import resources
from cswitch.resources import read_table

COLUMNS = ("letter", "class", "iso")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, sign or digit of a script; a letter with a nukta is one too.

    Attributes:
        text: The letter as it is written.
        kind: Its class, such as ``consonant``, ``vowel``, ``sign``, ``virama`` or ``digit``.
        iso: Its transliteration; ``∅`` for what is silent.
    """

    text: str
    kind: str
    iso: str


@cache
def letters(script: str) -> tuple[Letter, ...]:
    """The letters of a script, as its table lists them; none if it has no table."""
    path = resources.folder("normalizers") / script / "letters.tsv"
    if not path.exists():
        return ()
    return tuple(Letter(*row) for row in read_table(path, COLUMNS))


@cache
def classes(script: str) -> dict[str, str]:
    """The classes of a script as patterns, and ``letter`` for all that is in the script."""
    kinds: dict[str, list[str]] = {}
    for letter in sorted(letters(script), key=lambda letter: -len(letter.text)):
        kinds.setdefault(letter.kind, []).append(regex.escape(letter.text))
    patterns = {kind: f"(?:{'|'.join(texts)})" for kind, texts in kinds.items()}
    return {**patterns, "letter": rf"[\p{{Script={script}}}--\p{{N}}--\p{{P}}]"}


@cache
def run(script: str) -> regex.Pattern[str]:
    """A stretch of a script: its characters, and the marks and joiners between them."""
    # Some letters are shared by a few scripts, such as the Arabic tatweel.
    own = rf"\p{{Script={script}}}[\p{{Script_Extensions={script}}}&&\p{{L}}]"
    joiners = r"\u00AD\u200B-\u200D\u2060\uFEFF"
    return regex.compile(rf"[{joiners}]*[{own}][{own}\p{{Script=Inherited}}{joiners}]*", regex.V1)
