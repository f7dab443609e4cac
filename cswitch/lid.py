"""Language of each token: a hidden Markov model over languages, decoded with Viterbi.

A Latin token is as likely English as English words are frequent, and as likely of the matrix
language as the native words that it may be a romanization of. Neighbours decide what the word
leaves open (``to`` in *to kya hua* and in *go to school*). Labels are those of LinCE (Aguilar et
al., 2020): ``lang1`` is English, ``lang2`` the matrix language, ``ne`` a name, ``other`` anything
without a language, ``mixed`` both in one token.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from cswitch import languages, lexicon, pairs, tokens
from cswitch.frequency import RARE, frequencies
from cswitch.languages import EMBEDDED, LATIN
from cswitch.normalize import normalizer
from cswitch.pronunciation import is_english

LinceLabel = Literal["lang1", "lang2", "ne", "other", "mixed"]

_POOL = 6
_UNLISTED = -1.5  # nats for an English word that only the dictionary has
_FOREIGN = -5.0  # and for one that not even the dictionary has
_STAY = math.log(0.7)
_SWITCH = math.log(0.3)
_NATIVE_LOAN = 3.0
_CACHE = 1 << 16


@dataclass(frozen=True, slots=True)
class Label:
    """What a token is.

    Attributes:
        lince: The label of LinCE's language identification task.
        language: ``en``, the matrix language, or None where there is none.
        script: ISO 15924 code of the token's letters, or None.
        name: Whether it is a known name.
        number: Whether it stands for a number.
    """

    lince: LinceLabel
    language: str | None
    script: str | None
    name: bool
    number: bool


class Labeller:
    """Labels the tokens of lines of one pair.

    >>> [label.lince for label in Labeller("hi_en").line("kal ka meeting cancel ho gaya 😀")]
    ['lang2', 'lang2', 'lang1', 'lang1', 'lang2', 'lang2', 'other']
    """

    def __init__(self, lang: str) -> None:
        self.lang = languages.resolve(lang)
        self._native = normalizer(str(self.lang.native))
        self._english = normalizer(EMBEDDED)
        self._lexicon = lexicon.load(self.lang.name)
        self._letters = pairs.find(str(self.lang.native), "letters")
        self._native_frequency = frequencies(str(self.lang.native))
        self._english_frequency = frequencies(f"{EMBEDDED}-{LATIN}")
        self._emission = lru_cache(maxsize=_CACHE)(self._emit)

    def line(self, text: str) -> list[Label]:
        """A label for each token of a line."""
        words = tokens.split(text)
        emissions = [self._emission(word) for word in words]
        decided = zip(words, _viterbi(emissions), strict=True)
        return [self._label(word, english) for word, english in decided]

    def _label(self, word: str, english: bool) -> Label:
        scripts = {tokens.script_of(char) for char in word} - {None}
        script = tokens.script(word)
        key = self._lexicon.fold(self._native.punctuation(word))
        parsed = (one.number_words.parse([key]) for one in (self._native, self._english))
        number = key.isdecimal() or any(value is not None for value in parsed)
        if not scripts:
            return Label("other", None, None, name=False, number=number)
        if len(scripts) > 1:
            return Label("mixed", None, script, name=False, number=number)
        name = self._lexicon.is_name(key) and (script != LATIN or word[:1].isupper())
        language = EMBEDDED if english else self.lang.matrix
        lince: LinceLabel = "ne" if name else "lang1" if english else "lang2"
        return Label(lince, language, script, name=name, number=number)

    def _emit(self, word: str) -> tuple[float, float]:
        """Log likelihoods of a token as English and as of the matrix language."""
        script = tokens.script(word)
        if script is None:
            return 0.0, 0.0
        key = self._lexicon.fold(self._native.punctuation(word))
        if script != LATIN:
            return self._emit_native(key)
        return self._as_english(key), self._as_romanized(key)

    def _emit_native(self, key: str) -> tuple[float, float]:
        return (_NATIVE_LOAN if self._is_loan(key) else -2 * _NATIVE_LOAN), 0.0

    def _is_loan(self, key: str) -> bool:
        """Whether a folded native text is an English word, and no native one."""
        return bool(self._lexicon.english(key)) and not self._lexicon.spellings(key)

    def _as_english(self, key: str) -> float:
        letters = pairs.latin_letters(key)
        if key in self._english_frequency:
            return self._english_frequency[key]
        if letters in self._english_frequency:
            return self._english_frequency[letters]
        return RARE + (_UNLISTED if is_english(key) else _FOREIGN)

    def _as_romanized(self, key: str) -> float:
        """The best native word that the token may stand for, by frequency and by spelling."""
        letters = pairs.latin_letters(key)
        best = RARE + 2 * _FOREIGN
        for native in self._lexicon.romanized(key):
            best = max(best, self._native_frequency.get(self._native.visual(native), RARE) - 1.0)
        if self._letters is None or not letters:
            return best
        for native, log in self._letters.to_native(letters, _POOL, 2 * _POOL):
            if self._is_loan(self._lexicon.fold(native)):
                continue
            word = pairs.native_letters(native)
            spelled = min(0.0, log - self._letters.best_latin(word))
            best = max(best, self._native_frequency.get(native, RARE) + spelled)
        return best


def _viterbi(emissions: list[tuple[float, float]]) -> list[bool]:
    """The likeliest sequence of languages; True is English."""
    if not emissions:
        return []
    score = emissions[0]
    back: list[tuple[int, int]] = []
    for emission in emissions[1:]:
        choices = []
        for state in (0, 1):
            stay, switch = score[state] + _STAY, score[1 - state] + _SWITCH
            choices.append((stay, state) if stay >= switch else (switch, 1 - state))
        back.append((choices[0][1], choices[1][1]))
        score = (choices[0][0] + emission[0], choices[1][0] + emission[1])
    state = 0 if score[0] > score[1] else 1
    states = [state]
    for step in reversed(back):
        state = step[state]
        states.append(state)
    return [state == 0 for state in reversed(states)]
