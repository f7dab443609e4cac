"""English words in native text, told by their sounds where nobody has listed them.

What one language of the subcontinent has borrowed, the others may have borrowed, too. A word in
native script is such a loan if it is written as one of these words sounds, as a model of English
sounds (``sounds-mined.pairs`` of the pair) knows, and if that is likelier than that it is a native
word, by its letters or its frequency. Short words are left alone: too many native ones sound like
an English one. So are words with an ending of their own, which their English form would lose.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache

from cswitch import lexicon
from cswitch.frequency import RARE, frequencies, typed
from cswitch.languages import EMBEDDED, LATIN, Pair
from cswitch.normalize import normalizer
from cswitch.spelling import pairs
from cswitch.spelling.pronunciation import pronunciations
from cswitch.spelling.skeleton import skeleton

MINED_SOUNDS = "sounds-mined"

_SHORTEST = 4  # letters and signs
_RAREST = -12.0  # a loan is more frequent than English texts have it
_VIRAMA = 9  # the canonical combining class of all viramas


class Loans:
    """Finds the loanwords of a pair that has a model of English sounds, but few listed words.

    >>> from cswitch import languages
    >>> kannada = Loans(languages.resolve("kn_en"))
    >>> [kannada.is_loan(word) for word in ("ಬಲೂನ್", "ಹೋಗುತ್ತೇನೆ")]  # balloon, I go
    [True, False]
    """

    def __init__(self, pair: Pair) -> None:
        self._native = normalizer(str(pair.native))
        self._sounds = pairs.find(pair.name, MINED_SOUNDS)
        self._words = pairs.find(str(pair.native), "words")
        self._frequencies = frequencies(str(pair.native))
        self._typed, _ = typed(f"{pair.matrix}-{LATIN}")
        self._english = frequencies(f"{EMBEDDED}-{LATIN}")
        self.is_loan = lru_cache(maxsize=1 << 14)(self._is_loan)

    def _is_loan(self, word: str) -> bool:
        word = self._native.visual(word)
        letters = pairs.native_letters(word)
        if self._sounds is None or self._words is None or len(letters) < _SHORTEST:
            return False
        if word in self._typed:
            return False  # a frequent native word
        native = max(self._words.spelled(letters), self._frequencies.get(word, RARE))
        return any(
            frequency + self._sounds.log(letters, sounds) - self._sounds.best_native(sounds)
            > native
            and not self._has_ending(letters, sounds)
            for english in _borrowed().get(skeleton(letters), ())
            if (frequency := max(self._english.get(english, RARE), _RAREST)) > native
            for sounds in pronunciations(english)
        )

    def _has_ending(self, letters: str, sounds: str) -> bool:
        """Whether a native word ends in a vowel that the English one has not."""
        assert self._sounds is not None
        last, said = self._sounds.align(letters, sounds)[-1]
        sign = unicodedata.category(last)[0] == "M" and unicodedata.combining(last) != _VIRAMA
        return sign and not said


@cache
def _borrowed() -> Mapping[str, tuple[str, ...]]:
    """The English words in the lexicons of all pairs, by the skeleton of their letters."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in sorted(lexicon.borrowed()):
        found[skeleton(word)].append(word)
    return {bones: tuple(each) for bones, each in found.items()}
