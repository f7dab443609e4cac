"""Spans of text read once: all that the judge knows of one before it compares it with another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from operator import and_, or_
from typing import Literal

import regex

from cswitch import languages, tokens
from cswitch.languages import LATIN
from cswitch.normalize import STAGES, Normalizer
from cswitch.normalize.quantities import Reading
from cswitch.spelling import pairs

Side = Literal["native", "latin", "mixed", "none"]
_LETTERS_OF: Mapping[Side, Callable[[str], str]] = {
    "native": pairs.native_letters,
    "latin": pairs.latin_letters,
}
_CACHE = 1 << 18
_WRITTEN, _PACKED = STAGES.index("reading"), STAGES.index("punctuation") + 1
_DIGIT = regex.compile(r"\p{Nd}")
_NO_NUMBERS: frozenset[Reading] = frozenset()


@dataclass(frozen=True, slots=True)
class Word:
    """One token: what each stage of the normalizers makes of it, and what that tells.

    Attributes:
        stages: The token, and what each stage leaves of it.
        key: The form under which the lexicon has it.
        scripts: A bit for each script of its letters.
        counts: A bit for each normalizer that may read it as a part of a number.
    """

    stages: tuple[str, ...]
    key: str
    scripts: int
    counts: int


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens joined by one space: what is known of each, and of them together.

    Attributes:
        words: Each token.
        final: What the last stage leaves.
        key: The form under which the lexicon has it; punctuation is silent.
        scripts: A bit for each script of its letters.
        side: Whether it is in a native script, in Latin letters, in several scripts or in none.
        letters: Its letters as the models of spellings take them; none if it is in several scripts.
        numbers: The quantities that it may stand for.
        size: The number of words of its key.
    """

    words: tuple[Word, ...]
    final: str
    key: str
    scripts: int
    side: Side
    letters: str
    numbers: frozenset[Reading]
    size: int

    @property
    def stages(self) -> tuple[str, ...]:
        """The text, and what each stage makes of it."""
        return tuple(_joined(self.words, place) for place in range(len(STAGES)))


class Reader:
    """Reads spans, and keeps what it has read.

    Args:
        normalizers: Those of the languages that a span may be of.
        fold: The form under which a lexicon has a text.

    >>> from cswitch.normalize import normalizers
    >>> span = Reader(normalizers("hi_en"), str.lower).span("Phone है।")
    >>> span.key, span.side, span.size
    ('phone है', 'mixed', 2)
    """

    def __init__(self, normalizers: Sequence[Normalizer], fold: Callable[[str], str]) -> None:
        self._normalizers = normalizers
        self._fold = fold
        self.span = lru_cache(maxsize=_CACHE)(self._read)
        self._word = lru_cache(maxsize=_CACHE)(self._read_word)

    def _read(self, text: str) -> Span:
        words = tuple(map(self._word, text.split(" ")))
        said = [word for word in words if word.stages[-1]]  # punctuation is silent
        key = " ".join([word.key for word in said])
        scripts = reduce(or_, [word.scripts for word in said], 0)
        side = _side(scripts)
        letters = _LETTERS_OF.get(side)
        # The reading norm is for comparing: what was written tells more of how it is spoken.
        written = "".join([word.stages[_WRITTEN] for word in words]).replace(" ", "")
        return Span(
            words=words,
            final=" ".join([word.stages[-1] for word in said]),
            key=key,
            scripts=scripts,
            side=side,
            letters=letters(written) if letters else "",
            numbers=self._numbers(key, reduce(and_, [word.counts for word in said], -1)),
            size=key.count(" ") + 1 if key else 0,
        )

    def _read_word(self, token: str) -> Word:
        text, stages = token, [token]
        scripts = _scripts(token)
        # Letters concern the normalizers of their script, digits all, and punctuation any one.
        own = [one for one in self._normalizers if _bit(one.tag.script) & scripts]
        concerned = {
            "digits": self._normalizers if _DIGIT.search(token) else [],
            "punctuation": self._normalizers[:1],
        }
        for stage in STAGES[:-1]:
            for one in concerned.get(stage, own):
                text = one.stage(stage, text)
            stages.append(text)
        key = self._fold(text)
        counts = (
            one.quantities.may_count(key.split(" ")) << place
            for place, one in enumerate(self._normalizers)
        )
        left = scripts if text == token else _scripts(text)
        return Word(tuple(stages), key, left, sum(counts))

    def _numbers(self, key: str, counts: int) -> frozenset[Reading]:
        if key.isascii() and key.isdigit():
            return frozenset({Reading(str(int(key)))})
        if not counts:
            return _NO_NUMBERS
        words = key.split(" ")
        known = (one.quantities for k, one in enumerate(self._normalizers) if counts >> k & 1)
        return frozenset().union(*(each.read(words) for each in known))


def _joined(words: Sequence[Word], stage: int) -> str:
    """A stage of several words; where punctuation falls away, so does the space beside it."""
    texts = [word.stages[stage] for word in words]
    return " ".join(texts if stage < _PACKED else filter(None, texts))


def _scripts(text: str) -> int:
    return reduce(or_, map(_bit_of, text), 0)


@lru_cache(maxsize=1 << 16)
def _bit_of(char: str) -> int:
    script = tokens.script_of(char)
    return 0 if script is None else _bit(script)


@cache
def _bit(script: str) -> int:
    return 1 << languages.scripts().index(script)


def _side(scripts: int) -> Side:
    if not scripts:
        return "none"
    if scripts & (scripts - 1):
        return "mixed"
    return "latin" if scripts == _bit(LATIN) else "native"
