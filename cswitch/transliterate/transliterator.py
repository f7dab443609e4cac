"""Words of one pair of languages: native script, informal Latin and English spelling.

Native script and informal Latin meet in the joint n-gram of the language
(`cswitch.spelling.pairs`), helped by attested romanizations and by how frequent words are; English
words in a native script find their spelling through their sounds. Weights are negative natural-log
probabilities of the outputs given the input, as far as they were found.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import chain, islice
from re import Pattern
from typing import Literal, get_args

import regex

from cswitch import languages, lexicon, tokens
from cswitch.frequency import RARE, forms, frequencies, typed
from cswitch.languages import EMBEDDED, LATIN
from cswitch.lid import Labeller
from cswitch.lid.addresses import is_address
from cswitch.lid.loans import MINED_SOUNDS
from cswitch.normalize import iso, normalizer
from cswitch.spelling import pairs
from cswitch.spelling.pronunciation import pronunciations, words
from cswitch.spelling.skeleton import skeleton

Policy = Literal["native", "latin", "matrix", "as-is"]
POLICIES: tuple[Policy, ...] = get_args(Policy)

Weighted = list[tuple[str, float]]

_POOL, _BEAM = 24, 48  # candidates among which knowledge of words decides
_NATIVE_POOL, _NATIVE_BEAM = 96, 128
_ATTESTED = 3.0  # what it is worth, in nats, that a spelling is attested
_LATER = 0.1  # what it costs to stand below another form in a table
_FREQUENCY = 1.0  # share of an English word's log frequency that counts
# Shares of log probabilities, the likeliest for pairs of Dakshina's training part that were kept
# from the models: how usual the letters of a Latin word are; and, of native candidates, the pair,
# the best romanization of the candidate (so that what is left is how well the given one fits it),
# its letters, and its frequency or, if that is not known, what stands for it: words that are known
# are likelier than others.
_LATIN_WORD = 0.3
_PAIR, _RIVAL, _NATIVE_WORD, _LISTED = 0.63, -0.34, 0.41, 0.025
_KNOWN, _UNKNOWN = -1.15, -3.95
_SAID = 0.7  # share of the sounds, beside the letters, in writing an English word
_SPELLING = 0.25  # share of the letters in choosing among English words of like sound
WORD: Pattern[str] = regex.compile(r"[\p{L}\p{M}\u200C\u200D]+(?:['’]\p{Latin}+)*")


class Transliterator:
    """Transliterates words of one pair of languages.

    >>> hindi = Transliterator("hi_en")
    >>> hindi.to_latin("दिखाइए")[0][0], hindi.to_native("namaste")[0][0]
    ('dikhaiye', 'नमस्ते')
    >>> hindi.to_english("डिस्कवरी")[0][0]
    'discovery'
    """

    def __init__(self, lang: str) -> None:
        self.lang = languages.resolve(lang)
        self._native = normalizer(str(self.lang.native))
        self._lexicon = lexicon.load(self.lang.name)
        self._letters = pairs.find(str(self.lang.native), "letters")
        found = (pairs.find(self.lang.name, name) for name in ("sounds", MINED_SOUNDS))
        self._sounds = next(filter(None, found), None)
        self._native_words = pairs.find(str(self.lang.native), "words")
        self._latin_words = pairs.find(f"{self.lang.matrix}-{LATIN}", "words")
        self._frequencies = frequencies(str(self.lang.native))
        self._forms = forms(str(self.lang.native))
        self._typed, self._meant = typed(f"{self.lang.matrix}-{LATIN}")
        self._english = frequencies(f"{EMBEDDED}-{LATIN}")
        self._labeller = Labeller(self.lang.name)
        self.best_english = lru_cache(maxsize=1 << 14)(lambda word: self.to_english(word)[0][0])
        self.best_native = lru_cache(maxsize=1 << 14)(lambda word: self.to_native(word)[0][0])
        self._best_borrowed = lru_cache(maxsize=1 << 14)(lambda word: self.from_english(word)[0][0])

    def to_latin(self, word: str, count: int = 1) -> Weighted:
        """Informal romanizations of a native word."""
        found = dict(self._model_latin(word))
        attested = {*self._lexicon.spellings(self._lexicon.fold(word)), *self._typed.get(word, ())}
        best = max(found.values(), default=0.0)
        for spelling in attested:
            found[spelling] = found.get(spelling, best - _ATTESTED) + _ATTESTED
        return _ranked(found, count) or [(self._native.iso(word), 0.0)]

    def to_native(self, word: str, count: int = 1) -> Weighted:
        """Native spellings of a romanized word."""
        latin = pairs.latin_letters(word)
        found: dict[str, float] = {}
        if self._letters is not None and latin:
            for native, log in self._letters.to_native(latin, _NATIVE_POOL, _NATIVE_BEAM):
                form = self._formed(native)
                found[form] = max(self._native_log(form, log), found.get(form, -math.inf))
        best = max(found.values(), default=0.0)
        key = word.lower()
        # A romanization, or else an English word as the native script writes it.
        for native in self._meant.get(key, ()):  # frequent, so it need not be likely by its letters
            found[native] = max(found.get(native, -math.inf), best - _ATTESTED / 2) + _ATTESTED
        for native in dict.fromkeys(self._lexicon.romanized(key)) or self._lexicon.natives(key):
            form = self._native.visual(native)
            found[form] = found.get(form, best - _ATTESTED) + _ATTESTED
        return self._ranked(found, count) or [(word, 0.0)]

    def to_english(self, word: str, count: int = 1) -> Weighted:
        """English spellings of an English word in the native script; small, but for acronyms."""
        key = self._lexicon.fold(word)
        if self._lexicon.spellings(key) and not self._lexicon.english(key):
            return self.to_latin(word, count)  # known, and not as English
        native = pairs.native_letters(self._native.visual(word))
        found: dict[str, float] = {}
        if self._sounds is not None and native:
            best = self._sounds.best_latin(native)
            for english in _by_skeleton().get(skeleton(native), ()):
                said = max(self._sounds.log(native, each) for each in pronunciations(english))
                spelled = 0.0 if self._letters is None else self._letters.log(native, english)
                frequency = self._english.get(english, RARE)
                log = said - best + _SPELLING * spelled + _FREQUENCY * frequency
                found[english] = log
        best = max(found.values(), default=0.0)
        for english in self._lexicon.english(key):
            extra = _FREQUENCY * (self._english.get(english.lower(), RARE) - RARE)
            spelling = english if english.isupper() else english.lower()
            found[spelling] = best + 2 * _ATTESTED + extra
        unlike = not found or (best < _hopeless(native) and not self._lexicon.english(key))
        return self.to_latin(word, count) if unlike else _ranked(found, count)

    def from_english(self, word: str, count: int = 1) -> Weighted:
        """Ways to write an English word in the native script."""
        latin, spoken = pairs.latin_letters(word), pronunciations(word.lower())
        found: dict[str, float] = {}
        if self._letters is not None and self._sounds is not None and spoken:
            heard = (self._sounds.to_native(sounds, _POOL, _BEAM) for sounds in spoken)
            read = self._letters.to_native(latin, _POOL, _BEAM)
            for native in {self._formed(each) for each, _ in chain(*heard, read)}:
                letters = pairs.native_letters(native)
                said = max(self._sounds.log(letters, sounds) for sounds in spoken)
                read_as = self._native_log(native, self._letters.log(letters, latin))
                found[native] = _SAID * said + read_as
        best = max(found.values(), default=0.0)
        for place, native in enumerate(self._lexicon.natives(word.lower())):
            extra = _FREQUENCY * (self._frequencies.get(native, RARE) - RARE) - _LATER * place
            found[native] = best + 2 * _ATTESTED + extra
        return self._ranked(found, count) or self.to_native(word, count)

    def sentence(self, text: str, policy: Policy) -> str:
        """A line with its English words written as a policy says; other words stay.

        ``latin`` writes English words in Latin letters, ``native`` in the native script,
        ``matrix`` in the script of the language that most words of the line are of; ``as-is``
        leaves them.

        >>> Transliterator("hi_en").sentence("टेक्स्ट बॉक्स पर क्लिक करें", "latin")
        'text box पर click करें'
        """
        if policy == "as-is":
            return text
        found = tokens.tokenize(text)
        labels = self._labeller.line(text)
        said = [
            None if is_address(token.text) else label.language
            for token, label in zip(found, labels, strict=True)
        ]
        if policy == "matrix":
            more = said.count(EMBEDDED) > said.count(self.lang.matrix)
            policy = "latin" if more else "native"
        pieces, end = [], 0
        for token, language in zip(found, said, strict=True):
            pieces.append(text[end : token.start])
            pieces.append(self._rendered(token.text, language, policy))
            end = token.end
        return "".join([*pieces, text[end:]])

    def _rendered(self, token: str, language: str | None, policy: Policy) -> str:
        if language != EMBEDDED:
            return token
        script = tokens.script(token)
        if policy == "latin" and script != LATIN:
            token = WORD.sub(lambda found: self.best_english(found[0]), token)
        elif policy == "native" and script == LATIN:
            token = WORD.sub(lambda found: self._best_borrowed(found[0]), token)
        return token

    def _model_latin(self, word: str) -> Weighted:
        letters = pairs.native_letters(self._native.visual(word))
        if self._letters is None or not letters:
            return []
        found = self._letters.to_latin(letters, _POOL, _BEAM)
        known = self._latin_words
        if known is None:
            return found
        return [(latin, log + _LATIN_WORD * known.spelled(latin)) for latin, log in found]

    def _formed(self, text: str) -> str:
        """What a model of letters has joined, with vowels for the vowel signs that stand alone."""
        text = self._native.visual(text)
        if not self._native.wellformed(text):
            return text
        return self._native.native(self._native.iso(text).replace(iso.DANGLING, ""))

    def _ranked(self, found: Mapping[str, float], count: int) -> Weighted:
        """The best native candidates, but for those that cannot be written."""
        ranked = _ranked(found, len(found))
        return list(islice((one for one in ranked if not self._native.wellformed(one[0])), count))

    def _native_log(self, word: str, log: float) -> float:
        """How likely a native word is that has this log probability with a Latin one."""
        letters = pairs.native_letters(word)
        log *= _PAIR
        if self._letters is not None:
            log += _RIVAL * self._letters.best_latin(letters)
        if self._native_words is not None:
            log += _NATIVE_WORD * self._native_words.spelled(letters)
        frequency = self._frequencies.get(word)
        if frequency is not None:
            return log + _LISTED * frequency
        return log + (_KNOWN if word in self._forms else _UNKNOWN)


@cache
def _by_skeleton() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in words():
        if word.isalpha():
            found[skeleton(word)].append(word)
    return {bones: tuple(each) for bones, each in found.items()}


def _hopeless(native: str) -> float:
    """Below this, a word of the dictionary is not what was written."""
    return _FREQUENCY * RARE - 3.0 * len(native)


def _ranked(found: Mapping[str, float], count: int) -> Weighted:
    """The best candidates with the negative log of their share."""
    total = _log_sum(found.values())
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [(text, max(0.0, total - log)) for text, log in ranked[:count]]


def _log_sum(logs: Iterable[float]) -> float:
    every = list(logs)
    most = max(every, default=0.0)
    return most + math.log(sum(math.exp(log - most) for log in every) or 1.0)
