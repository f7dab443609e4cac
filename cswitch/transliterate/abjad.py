"""Words of another script spelled in one that leaves vowels out: किताब is کتاب.

Hindi and Urdu are one spoken language in two scripts. From Devanagari to Urdu rules tell the
letters, but for those that sound alike (ز, ذ, ض, ظ) and for what convention keeps; from Urdu
to Devanagari the short vowels are missing. So words are spelled by rule (``hub.tsv`` of the
language, on ISO 15919), and known words are found by a key that is the same for all letters of
one sound (``sounds.tsv``; ``sounds-nukta.tsv`` where dots may be missing too).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from cswitch import resources
from cswitch.errors import InputError
from cswitch.frequency import frequencies
from cswitch.languages import Tag
from cswitch.normalize import iso, normalizer
from cswitch.normalize.rules import Rules
from cswitch.tokens import script

_SPELLING, _SOUNDS, _DOTLESS = "hub.tsv", "sounds.tsv", "sounds-nukta.tsv"


class Abjad:
    """Spells words of other languages in the script of one that leaves vowels out.

    Args:
        tag: A tag with a ``hub.tsv`` in ``normalizers/``, such as ``ur-Arab``.

    Raises:
        InputError: There is no such file.

    >>> urdu = Abjad("ur-Arab")
    >>> urdu.spelled("मालूम", "hi-Deva"), urdu.words("मालूम", "hi-Deva")
    ('مالوم', ['معلوم'])
    """

    def __init__(self, tag: str) -> None:
        if not has(tag):
            raise InputError(
                f"other languages cannot be spelled in {tag}",
                remedy=f"Give it a {_SPELLING} in normalizers/, as ur-Arab has",
            )
        self._own = normalizer(tag)
        self._rules = Rules([_table(tag, _SPELLING)])
        self._sounds = Rules([_table(tag, _SOUNDS)])
        self._dotless = Rules([_table(tag, _DOTLESS)])
        self._own_words = self._index({word: self.key(word) for word in frequencies(tag)})
        self._words_of = cache(self._foreign_words)

    def spelled(self, word: str, tag: str) -> str:
        """A word of another language, letter by letter."""
        other = normalizer(tag)
        return self._own.reading(self._rules(iso.shared(other.iso(other.visual(word)))))

    def words(self, word: str, tag: str) -> list[str]:
        """The known words that a word of another language may be, the most frequent first."""
        return self._find(self._own_words, self._sounds(self.spelled(word, tag)))

    def read(self, word: str, tag: str) -> list[str]:
        """The known words of another language that a word may be, the most frequent first.

        >>> Abjad("ur-Arab").read("کتاب", "hi-Deva")[0]
        'किताब'
        """
        return self._find(self._words_of(tag), self.key(word))

    def heard(
        self, pairs: Iterable[tuple[str, str, int]], tag: Tag, *, spell: bool = False
    ) -> Iterator[tuple[str, str, int]]:
        """Pairs of native and Latin words, those of another language under the words they may be.

        Pairs in the script of this language stay.

        Args:
            pairs: Native word, Latin word and count.
            tag: The other language.
            spell: Whether a word has one spelling, by rule if it is no known word. That fits
                English words, which both languages borrow; others may be several here, or none.
        """
        for word, latin, count in pairs:
            if script(word) != tag.script:
                yield word, latin, count
                continue
            known = self.words(word, str(tag))
            if spell:
                known = [*known, self.spelled(word, str(tag))][:1]
            for own in known:
                yield self._own.visual(own), latin, count

    def key(self, word: str) -> str:
        """What words that sound alike, but for their short vowels, have in common.

        >>> Abjad("ur-Arab").key("معلوم") == Abjad("ur-Arab").key("مالوم")
        True
        """
        return self._sounds(self._own.reading(word))

    def _foreign_words(self, tag: str) -> Mapping[str, list[str]]:
        known = frequencies(tag)
        return self._index({word: self._sounds(self.spelled(word, tag)) for word in known})

    def _index(self, keys: Mapping[str, str]) -> Mapping[str, list[str]]:
        """Words by their key; by their key without dots where that is no other's key."""
        whole: dict[str, list[str]] = defaultdict(list)
        dotless: dict[str, list[str]] = defaultdict(list)
        for word, key in keys.items():
            whole[key].append(word)
            dotless[self._dotless(key)].append(word)
        return {**dotless, **whole}

    def _find(self, index: Mapping[str, list[str]], key: str) -> list[str]:
        return index.get(key) or index.get(self._dotless(key), [])


def has(tag: str) -> bool:
    """Whether a language has rules for spelling other languages."""
    return _table(tag, _SPELLING).exists()


@cache
def abjad(tag: str) -> Abjad:
    """The rules and words of a language, read once."""
    return Abjad(tag)


def _table(tag: str, name: str) -> Path:
    return resources.folder("normalizers") / tag / name
