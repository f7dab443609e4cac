"""Transliteration from any language and script to any other.

Two native scripts meet in the hub, ISO 15919, or where one leaves vowels out, in known words
(`abjad`); native script, informal Latin and English in the knowledge of one pair
(`transliterator`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from re import Pattern

import regex

from cswitch import languages, resources, tokens
from cswitch.errors import InputError
from cswitch.languages import EMBEDDED, LATIN, Tag
from cswitch.lid.addresses import is_address
from cswitch.normalize import iso, normalizer
from cswitch.normalize.rules import Rules
from cswitch.transliterate import abjad
from cswitch.transliterate.transliterator import WORD, Transliterator, Weighted

ISO = "iso"

_Chain = tuple["_Chain | None", str]  # the last text of a sequence, and those before it

_RUN: Pattern[str] = regex.compile(r"\S+")


def transliterate(text: str, source: str, target: str, count: int = 1) -> Weighted:
    """A word or a line from one tag to another, best first; ``iso`` is ISO 15919.

    What is not written in the script of the source stays, and so do addresses.

    >>> transliterate("नमस्ते", "hi-Deva", "bn-Beng")[0][0]
    'নমস্তে'
    >>> transliterate("भारत", "hi-Deva", "ta-Taml")[0][0]  # the nearest letters that Tamil has
    'பாரத'
    >>> transliterate("किताब", "hi-Deva", "ur-Arab")[0][0]
    'کتاب'
    >>> transliterate("नमस्ते, Delhi! (२०२१) #दिल्ली", "hi-Deva", "hi-Latn")[0][0]
    'namaste, Delhi! (२०२१) #dilli'
    """
    choices: list[Weighted] = []
    end = 0
    for start, word in _found(text, source):
        choices += [[(text[end:start], 0.0)], _word(word, source, target, count)]
        end = start + len(word)
    return _combined([*choices, [(text[end:], 0.0)]], count)


def check(source: str, target: str) -> None:
    """See that there is a way from one tag to another.

    Raises:
        InputError: There is none, or no such tag.
    """
    _word("", source, target, 1)


def _found(text: str, source: str) -> Iterator[tuple[int, str]]:
    """The words of a text that are written as the source says, with their places."""
    script = LATIN if source == ISO else languages.resolve_tag(source).script
    for run in _RUN.finditer(text):
        if is_address(run[0]):
            continue
        if source == ISO:  # its hyphens and dots stand within words
            yield run.start(), run[0]
            continue
        for word in WORD.finditer(run[0]):
            if tokens.script(word[0]) == script:
                yield run.start() + word.start(), word[0]


def _combined(choices: Iterable[Weighted], count: int) -> Weighted:
    """The best sequences of one choice each."""
    best: list[tuple[_Chain | None, float]] = [(None, 0.0)]
    for each in choices:
        longer: list[tuple[_Chain | None, float]] = [
            ((before, text), sum_ + weight) for before, sum_ in best for text, weight in each
        ]
        best = sorted(longer, key=lambda one: one[1])[:count]
    return [("".join(_unrolled(last)), weight) for last, weight in best]


def _unrolled(last: _Chain | None) -> list[str]:
    texts = []
    while last is not None:
        last, text = last
        texts.append(text)
    return texts[::-1]


@lru_cache(maxsize=1 << 15)
def _word(text: str, source: str, target: str, count: int) -> Weighted:
    if source == target == ISO:
        return [(text, 0.0)]
    if target == ISO:
        tag = _native_tag(source)
        return [
            (normalizer(str(tag)).iso(native), weight)
            for native, weight in _natives(text, source, tag, count)
        ]
    goal = languages.resolve_tag(target)
    if source == ISO:
        native = normalizer(str(_native_tag(target))).native(text.lower())
        return _onward([(native, 0.0)], goal, count)
    start = languages.resolve_tag(source)
    if start == goal:
        return [(text, 0.0)]
    if goal == Tag(EMBEDDED, LATIN):
        if start.script == LATIN:
            return [(text, 0.0)]
        return _transliterator(start.language).to_english(text, count)
    if start == Tag(EMBEDDED, LATIN):
        return _onward(_transliterator(goal.language).from_english(text, count), goal, count)
    tag = _native_tag(source)
    natives = _natives(text, source, tag, count)
    native_goal = _native_tag(target)
    if tag != native_goal:
        # Of words that this script does not tell apart, the best one stands for all.
        written = [(_in_script(native, tag, native_goal), weight) for native, weight in natives]
        natives = sorted(dict(reversed(written)).items(), key=lambda one: one[1])
    return _onward(natives, goal, count)


def _in_script(word: str, source: Tag, goal: Tag) -> str:
    """A word in the script of another language, through the hub.

    Where one of the two leaves vowels out, known words that sound alike are better than letters,
    and what people write in Latin letters has the vowels.
    """
    if source.script == goal.script:
        return _borrowed(str(goal))(word)
    if abjad.has(str(goal)):
        rules = abjad.abjad(str(goal))
        return [*rules.words(word, str(source)), rules.spelled(word, str(source))][0]
    if abjad.has(str(source)):
        if known := abjad.abjad(str(source)).read(word, str(goal)):
            return known[0]
        latin, _ = _transliterator(source.language).to_latin(word)[0]
        return _transliterator(goal.language).best_native(latin)
    hub = normalizer(str(source)).iso(word)
    written = normalizer(str(goal)).native(iso.approximate(hub, goal.script))
    return _borrowed(str(goal))(written)


@cache
def _borrowed(tag: str) -> Rules:
    """How a language spells words that come from others."""
    table = resources.folder("normalizers") / tag / "borrowed.tsv"
    return Rules([table] if table.exists() else [])


def _natives(text: str, source: str, native: Tag, count: int) -> Weighted:
    if languages.resolve_tag(source).script == LATIN:
        return _transliterator(native.language).to_native(text, count)
    return [(text, 0.0)]


def _onward(natives: Weighted, goal: Tag, count: int) -> Weighted:
    if goal.script != LATIN:
        return natives
    return _transliterator(goal.language).to_latin(natives[0][0], count)


def _native_tag(name: str) -> Tag:
    native = languages.resolve(languages.resolve_tag(name).language).native
    if native.script == LATIN:
        raise InputError(f"'{name}' has no native script", remedy="Name a tag such as hi-Latn")
    return native


@cache
def _transliterator(language: str) -> Transliterator:
    return Transliterator(language)
