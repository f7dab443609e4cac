"""Normalization: one spelling for what looks the same, reads the same, or is the same word.

The knowledge is in the tables of ``normalizers/``: a script is a folder (``Deva``), a language
in a script is another (``hi-Deva``).
"""

from __future__ import annotations

from functools import cache

from cswitch import languages
from cswitch.errors import InputError
from cswitch.normalize.normalizer import STAGES, Normalizer

FORMS = ("visual", "reading", "iso", "canonical")

__all__ = ["FORMS", "STAGES", "Normalizer", "normalize", "normalizer", "normalizers"]


@cache
def normalizer(lang: str) -> Normalizer:
    """The normalizer of a language; a pair is stood for by its native tag.

    Raises:
        InputError: There is no such language.
    """
    tag = languages.resolve_tag(lang)
    return Normalizer(tag) if lang == str(tag) else normalizer(str(tag))


@cache
def normalizers(lang: str) -> tuple[Normalizer, ...]:
    """The normalizers that a name stands for: two for a pair such as ``hi_en``."""
    pair = languages.resolve(lang)
    if lang == pair.name:
        names = dict.fromkeys((str(pair.native), str(languages.resolve_tag(pair.embedded))))
        return tuple(map(normalizer, names))
    return (normalizer(lang),)


def normalize(text: str, lang: str, form: str = "canonical") -> str:
    """A text in one of its `FORMS`.

    Raises:
        InputError: There is no such form or language.

    >>> normalize("Colour की हिन्दी", "hi_en", form="canonical")
    'color की हिंदी'
    """
    if form not in FORMS:
        raise InputError(f"unknown form '{form}'", remedy=f"Known are: {', '.join(FORMS)}")
    for one in normalizers(lang):
        text = getattr(one, form)(text)
    return text
