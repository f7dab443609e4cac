"""Language of each token: a hidden Markov model over languages.

Its states are the matrix language, English words inserted into it, and running English; what each
makes of a token says `Vocabulary`, and neighbours decide what the token leaves open (``to`` in *to
kya hua* and in *go to school*). Each token gets the language that is likelier given the whole line
(forward–backward; Rabiner, 1989), which errs on fewer tokens than the likeliest sequence would.

Labels are those of LinCE (Aguilar et al., 2020): ``lang1`` is English, ``lang2`` the matrix
language, ``ne`` a name, ``mixed`` a token of both languages, ``fw`` a word in the script of a third
one, ``other`` anything without a language (figures, signs, addresses, names of users, smileys). A
compound or a hashtag is of the language of its words, and mixed if they differ. Where one asks for
doubt, ``ambiguous`` is what neither the token nor its neighbours decide and ``unk`` what is no
likely word of either language.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from typing import Literal

import regex

from cswitch import languages, tokens
from cswitch.languages import EMBEDDED, LATIN
from cswitch.lid.pieces import pieces
from cswitch.lid.vocabulary import Likelihoods, Vocabulary
from cswitch.normalize import normalizer

LinceLabel = Literal["lang1", "lang2", "ne", "other", "mixed", "fw", "ambiguous", "unk"]

# From the matrix language, an inserted word and running English to the same three: what Baum–Welch
# makes of romanized Hindi–English dialogues without labels (Banerjee et al., 2018); see
# `python -m benchmarks.lid`.
_START = (0.55, 0.34, 0.11)
_NEXT = ((0.64, 0.35, 0.01), (0.56, 0.39, 0.06), (0.22, 0.19, 0.59))
_DOUBT = 0.25  # a likelier language than this beside the decided one makes a token ambiguous
_UNREADABLE = -5.0  # nats for each letter; hardly a word is rarer by its letters
_CACHE = 1 << 16
_LETTER = regex.compile(r"\p{L}")


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

    Args:
        lang: The pair.
        doubt: Whether to label tokens ``ambiguous`` and ``unk``; they still have a language.

    >>> [label.lince for label in Labeller("hi_en").line("kal ka meeting cancel ho gaya 😀")]
    ['lang2', 'lang2', 'lang1', 'lang1', 'lang2', 'lang2', 'other']
    """

    def __init__(self, lang: str, *, doubt: bool = False) -> None:
        self.lang = languages.resolve(lang)
        self._doubt = doubt
        self._native = normalizer(str(self.lang.native))
        self._english = normalizer(EMBEDDED)
        self._words = Vocabulary(self.lang)
        self._labelled = lru_cache(maxsize=_CACHE)(self._labelled_as)

    def line(self, text: str) -> list[Label]:
        """A label for each token of a line.

        >>> labels = Labeller("hi_en").line("ghar/office se #MeraDesh e-mail @user")
        >>> [label.lince for label in labels]
        ['mixed', 'lang2', 'lang2', 'lang1', 'other']
        """
        split = tokens.split(text)
        inside = [self._pieces(token) for token in split]
        words = list(chain.from_iterable(inside))
        seen = [self._words.likelihoods(word) for word in words]
        labels = map(self._label, words, _in_matrix(seen))
        return [
            _together(token, list(islice(labels, len(own))))
            for token, own in zip(split, inside, strict=True)
        ]

    def _pieces(self, token: str) -> tuple[str, ...]:
        found = pieces(token)
        return (token,) if len(found) > 1 and self._words.lists(token) else found

    def _label(self, word: str, matrix: float) -> Label:
        unsure = self._doubt and min(matrix, 1 - matrix) > _DOUBT
        return self._labelled(word, matrix < 0.5, unsure)

    def _labelled_as(self, word: str, english: bool, unsure: bool) -> Label:
        scripts = {tokens.script_of(char) for char in word} - {None}
        script = tokens.script(word)
        key = self._words.fold(word)
        parsed = (one.number_words.parse([key]) for one in (self._native, self._english))
        number = key.isdecimal() or any(value is not None for value in parsed)
        if len(scripts) > 1:
            return Label("mixed", None, script, name=False, number=number)
        if script not in (LATIN, self.lang.native.script):
            foreign = script is not None or _LETTER.search(word) is not None
            return Label("fw" if foreign else "other", None, script, name=False, number=number)
        name = self._words.is_name(key) and (script != LATIN or word[:1].isupper())
        language = EMBEDDED if english else self.lang.matrix
        lince: LinceLabel = "ne" if name else "lang1" if language == EMBEDDED else "lang2"
        if self._doubt and not name and script == LATIN:
            if max(map(math.log, self._words.likelihoods(word))) < _UNREADABLE * (len(key) + 1):
                lince = "unk"
            elif unsure:
                lince = "ambiguous"
        return Label(lince, language, script, name=name, number=number)


def _together(token: str, labels: Sequence[Label]) -> Label:
    """The label of a token from those of its words; the one that tells most stands for all."""
    if len(labels) == 1:
        return labels[0]
    script = tokens.script(token)
    if not labels:
        return Label("other", None, script, name=False, number=False)
    if len({label.language or label.lince for label in labels} - {"other"}) > 1:
        number = all(label.number for label in labels)
        return Label("mixed", None, script, name=False, number=number)
    telling = min(labels, key=lambda label: (label.lince == "other", label.name))
    return replace(telling, script=script, number=all(label.number for label in labels))


def _in_matrix(seen: Sequence[Likelihoods]) -> list[float]:
    """The probability of each token, given all of them, to be of the matrix language."""
    if not seen:
        return []
    forward = [_normal([start * one for start, one in zip(_START, seen[0], strict=True)])]
    for each in seen[1:]:
        one, two, three = forward[-1]
        reached = zip(*_NEXT, strict=True)
        forward.append(
            _normal(
                [
                    (one * a + two * b + three * c) * p
                    for (a, b, c), p in zip(reached, each, strict=True)
                ]
            )
        )
    found = [forward[-1][0]]
    behind = [1.0, 1.0, 1.0]
    for before, each in zip(forward[-2::-1], seen[:0:-1], strict=True):
        one, two, three = (p * rest for p, rest in zip(each, behind, strict=True))
        behind = _normal([a * one + b * two + c * three for a, b, c in _NEXT])
        found.append(_normal([p * rest for p, rest in zip(before, behind, strict=True)])[0])
    return found[::-1]


def _normal(values: list[float]) -> list[float]:
    total = sum(values)
    return [value / total for value in values]
