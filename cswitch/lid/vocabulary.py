"""How likely a token is as a word of each language of a pair.

English comes in two kinds. *Running* English is whole phrases, and its words are as frequent as in
any English text. *Inserted* English is single words in a sentence of the matrix language, nouns
rather than function words (Myers-Scotton, 1993: the matrix language gives the frame), so here no
word is much more frequent than others, and those are likely that the matrix language has borrowed.

A romanized word is as likely as the native words that it may stand for are frequent: by attested
spellings, by the model of spellings for spellings that nobody attested, and by its letters alone
for words that no list has. An English word may also be misspelled.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import regex

from cswitch import lexicon, tokens
from cswitch.frequency import RARE, forms, frequencies
from cswitch.languages import EMBEDDED, LATIN, Pair
from cswitch.lid.loans import Loans
from cswitch.lid.misspelling import misspelled
from cswitch.normalize import normalizer
from cswitch.spelling import pairs
from cswitch.spelling.pronunciation import is_english

_POOL = 12  # native words looked at for a spelling that nobody attested
_UNATTESTED = 0.15  # share of a native word's spellings that are in no list
_UNKNOWN = 0.05  # share of native words that no list has
_UNKNOWN_ENGLISH = 0.005  # and of English ones; the list of forms leaves 0.6 % of wordfreq's tokens
_LETTERS = 3.0  # a word's letters are so much likelier than its likeliest native word
_ORDINARY = 1e-4  # no inserted word is more frequent among English words
_BORROWED = 6.0  # from the frequency of a loanword in native text to that among inserted words
_PLAIN = 2.0  # and from that of an ordinary English word
_GRAMMATICAL = 1e-3  # more frequent English words are function words, which nobody borrows
_NAME = 0.1  # share of a name that English texts have too which is the matrix language's
_LOAN, _NO_LOAN = 20.0, 1 / 400  # how much likelier a native text is English than native
_LONGEST = 30  # letters of a word whose native words are looked for
_DRAWN = 0.1  # share of a word that is drawn out, as in sooo
_DRAWN_OUT = regex.compile(r"(.)\1+$|(.)\2{2,}")
_ANY_LETTER = 0.08  # probability of a letter where there is no model of spellings
_COMMON = 3e-6  # frequency of a romanized word whose letters need no other reading
_LEAST = 1e-40
_CACHE = 1 << 16
_ORDINAL = regex.compile(r"\p{Nd}+(?:st|nd|rd|th)", regex.IGNORECASE)


class Likelihoods(NamedTuple):
    """Of a token, given the language; 1 for all where the token does not tell."""

    matrix: float
    inserted: float
    running: float


class Vocabulary:
    """The words of a pair.

    >>> from cswitch import languages
    >>> words = Vocabulary(languages.resolve("hi_en"))
    >>> word = words.likelihoods("nahin")
    >>> word.matrix > 100 * word.inserted
    True
    """

    def __init__(self, pair: Pair) -> None:
        self._native = normalizer(str(pair.native))
        self._lexicon = lexicon.load(pair.name)
        self._loans = Loans(pair)
        self._letters = pairs.find(str(pair.native), "letters")
        self._spelling = pairs.find(f"{EMBEDDED}-{LATIN}", "words")
        self._native_words = frequencies(str(pair.native))
        self._romanized = frequencies(f"{pair.matrix}-{LATIN}")
        self._english = frequencies(f"{EMBEDDED}-{LATIN}")
        self._english_forms = forms(f"{EMBEDDED}-{LATIN}")
        self.likelihoods = lru_cache(maxsize=_CACHE)(self._likelihoods)

    def fold(self, word: str) -> str:
        """The form of a token under which the lexicon has it, without punctuation."""
        return self._lexicon.fold(self._native.punctuation(word))

    def lists(self, word: str) -> bool:
        """Whether a token, without what joins its parts (*co-operate*), is a listed Latin word."""
        letters = pairs.latin_letters(word)
        return letters in self._english or letters in self._romanized

    def is_name(self, key: str) -> bool:
        """Whether a folded token is a known name, and no frequent native word (गया, not Gaya)."""
        known = self._lexicon.is_name(key) or key in lexicon.names()
        return known and not self._lexicon.spellings(key)

    def is_loan(self, key: str) -> bool:
        """Whether a folded native text is an English word, and no native one."""
        return bool(self._lexicon.english(key)) and not self._lexicon.spellings(key)

    def _likelihoods(self, word: str) -> Likelihoods:
        key = self.fold(word)
        script = tokens.script(key)
        if script is None:
            return Likelihoods(1.0, 1.0, 1.0)
        if script != LATIN:
            english = _LOAN if self.is_loan(key) or self._loans.is_loan(key) else _NO_LOAN
            return Likelihoods(1.0, english, english)
        letters = pairs.latin_letters(key)
        if not letters or _ORDINAL.fullmatch(key):
            return Likelihoods(_LEAST, 1.0, 1.0)
        running = self._as_english(key, letters)
        attested = self._attested(key, letters)
        if not running and not attested:
            running = misspelled(letters, self._english)
        known = attested > _COMMON
        loans, natives, invented = (0.0, 0.0, 0.0) if known else self._as_native(letters)
        matrix = (1 - _UNKNOWN) * (attested + natives) + _UNKNOWN * invented
        borrowed = loans
        if self.is_name(key):
            matrix *= _NAME if letters in self._english else 1.0
        elif running < _GRAMMATICAL and len(letters) > 1:
            borrowed += self._borrowed(key)
        inserted = _PLAIN * min(running, _ORDINARY) + borrowed
        spelled = _UNKNOWN_ENGLISH * self._as_spelled(letters)
        return Likelihoods(
            max(_LEAST, matrix),
            max(_LEAST, (1 - _UNKNOWN_ENGLISH) * inserted + spelled),
            max(_LEAST, (1 - _UNKNOWN_ENGLISH) * running + spelled),
        )

    def _as_english(self, key: str, letters: str) -> float:
        """The frequency in English texts; of what is repeated, that of the plain word."""
        log = self._english.get(key, self._english.get(letters))
        if log is not None:
            return math.exp(log)
        listed = is_english(letters) or letters in self._english_forms
        plain = _squeezed(letters)
        drawn = _DRAWN * self._as_english(plain, plain) if plain != letters else 0.0
        return max(drawn, math.exp(RARE) if listed else 0.0)

    def _as_spelled(self, letters: str) -> float:
        """The probability of the letters in English."""
        if self._spelling is None or len(letters) > _LONGEST:
            return 0.0
        return math.exp(self._spelling.spelled(letters))

    def _borrowed(self, key: str) -> float:
        """The frequency among inserted words that the native forms of an English word tell."""
        natives = set(map(self._native.visual, self._lexicon.natives(key)))
        return _BORROWED * sum(
            math.exp(self._native_words.get(native, RARE))
            for native in natives
            if self._borrows(self._lexicon.fold(native), key)
        )

    def _borrows(self, native: str, key: str) -> bool:
        """Whether a folded native text, written with these Latin letters, is an English word."""
        return self.is_loan(native) or key in map(str.lower, self._lexicon.english(native))

    def _attested(self, key: str, letters: str) -> float:
        """The frequency of a romanized word whose spelling is attested."""
        if letters in self._romanized:
            return math.exp(self._romanized[letters])
        if not self._romanized and (
            found := sum(map(self._frequency, self._lexicon.romanized(key)))
        ):
            return found
        plain = _squeezed(letters)
        return _DRAWN * self._attested(plain, plain) if plain != letters else 0.0

    def _frequency(self, native: str) -> float:
        return math.exp(self._native_words.get(self._native.visual(native), RARE))

    def _as_native(self, letters: str) -> tuple[float, float, float]:
        """What the letters may stand for: loanwords, native words, a native word of no list."""
        if self._letters is None or len(letters) > _LONGEST:
            return 0.0, 0.0, _ANY_LETTER ** len(letters)
        found = self._letters.to_native(letters, _POOL, 2 * _POOL)
        loans = natives = 0.0
        for native, log in found:
            frequency = self._native_words.get(native)
            if frequency is None:
                continue
            spelled = min(0.0, log - self._letters.best_latin(pairs.native_letters(native)))
            share = _UNATTESTED * math.exp(frequency + spelled)
            if self._borrows(self._lexicon.fold(native), letters):
                loans += share
            else:
                natives += share
        return loans, natives, _LETTERS * math.exp(found[0][1]) if found else 0.0


def _squeezed(letters: str) -> str:
    """A word without repeated letters at its end, or three and more of them elsewhere.

    >>> _squeezed("yaaarr"), _squeezed("bookkeeper")
    ('yar', 'bookkeeper')
    """
    squeezed: str = _DRAWN_OUT.sub(lambda run: run[1] or run[2], letters)
    return squeezed
