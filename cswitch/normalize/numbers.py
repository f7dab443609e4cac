"""Number words, both ways, in every language that has a ``numbers.tsv``."""

from __future__ import annotations

from collections.abc import Sequence

from cswitch.normalize import normalizer


def parse(words: Sequence[str], tag: str) -> int | None:
    """The number that some words stand for, or None if they are not one number.

    Figures may stand before a scale: ``10 लाख``.

    >>> parse(["दो", "सौ", "पैंतालीस"], "hi-Deva"), parse(["दो", "बात"], "hi-Deva")
    (245, None)
    """
    return normalizer(tag).number_words.parse(words)


def spell(number: int, tag: str) -> str:
    """A number in words, in the Indian system where the language has it.

    >>> spell(245, "hi-Deva"), spell(21, "en-Latn")
    ('दो सौ पैंतालीस', 'twenty one')

    Raises:
        InputError: The language has no number words, or the number is negative or too large.
    """
    return normalizer(tag).number_words.spell(number)
