"""Canonical words: one form per word, whatever its rendering, for language models and merging.

An English word stands in Latin letters (कंप्यूटर, Computer → computer), a word of the matrix
language in its own script (accha, अच्‍छा → अच्छा), each in its reading norm. What is known of a
word alone decides, so the form of a word is always the same; `Canonicalizer.line` looks at the
line too where a Latin word may be of either language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from heapq import nlargest
from typing import TYPE_CHECKING

from rapidfuzz.distance import Levenshtein

from cswitch import languages, resources, tokens
from cswitch.frequency import RARE, frequencies
from cswitch.languages import LATIN
from cswitch.normalize import STAGES, normalizer, rules
from cswitch.spelling import pairs
from cswitch.spelling.pronunciation import is_english
from cswitch.spelling.skeleton import skeleton

if TYPE_CHECKING:
    from cswitch.recognition.decode import Rendering

_NAMES, _LETTERS, _ROMANIZATIONS = "names", "letters", "romanizations"
_READINGS = "readings.tsv"
_SHORTEST, _PROBABLE = 3, 0.5
# Of how many native words an unknown Latin one may be a romanization; reading more takes seconds.
_FREQUENT = 20_000
_ROUNDS, _MOST_VARIANTS = 2, 24


class Canonicalizer:
    """The canonical forms of the words of a pair.

    >>> canonical = Canonicalizer("hi_en")
    >>> [canonical(word) for word in ("कंप्यूटर", "Computer", "accha", "अच्छा", "हिन्दी")]
    ['computer', 'computer', 'अच्छा', 'अच्छा', 'हिंदी']
    """

    def __init__(self, lang: str) -> None:
        self.pair = languages.resolve(lang)
        self._native = normalizer(str(self.pair.native))
        self._embedded = normalizer(self.pair.embedded)
        self._forms: dict[str, str] = {}
        self._spellings: dict[str, list[str]] = defaultdict(list)
        self._labels: dict[str, str] = {}
        self._either: dict[str, str] = {}
        self._cache: dict[str, str] = {}
        self._frequencies = frequencies(str(self.pair.native))
        self._read()

    def __call__(self, word: str) -> str:
        """The canonical form of a word; two words for a few (cannot), none for punctuation."""
        form = self._cache.get(word)
        if form is None:
            parts = self._fold(word).split()
            form = self._cache[word] = " ".join(map(self._form, parts))
        return form

    def line(self, text: str) -> list[str]:
        """The canonical words of a line.

        A Latin word that is English and also a usual romanization (main, to, par) is English by
        itself. It is of the matrix language where the line is romanized: no native script, and
        more of its other words are romanized ones than English ones.
        """
        words = [word for token in tokens.split(text) for word in self._fold(token).split()]
        forms = [self(word) for word in words]
        if self._romanized(words, forms):
            forms = [self._either.get(word, form) for word, form in zip(words, forms, strict=True)]
        return [form for form in forms if form]

    def language(self, form: str) -> str | None:
        """The language of a canonical form: that of its script; None for numbers.

        >>> Canonicalizer("hi_en").language("computer")
        'en'
        """
        script = tokens.script(form)
        if script == self.pair.native.script:
            return self.pair.matrix
        return self.pair.embedded if script == LATIN else None

    def spellings(self, word: str) -> Sequence[str]:
        """The known renderings of a word, itself and its canonical form included.

        A romanization of several words (kal) is a rendering of each, but has the form of one.
        """
        form = self(word)
        return tuple(dict.fromkeys((word, form, *self._spellings.get(form, ()))))

    def variants(self, word: str) -> Sequence[str]:
        """Likely renderings: the known ones, and those that the reading norm would undo.

        Its rules are turned round without their contexts, so some of these are no spelling of
        the word; it is a guess for where a search should look.

        >>> "यहाँ" in Canonicalizer("hi_en").variants("यहां")
        True
        """
        found = dict.fromkeys(self.spellings(word))
        for _ in range(_ROUNDS):
            for known in list(found):
                for folded, source in self._unfoldings:
                    if folded in known and len(found) < _MOST_VARIANTS:
                        found.setdefault(known.replace(folded, source))
        return tuple(found)

    def render(self, word: str, rendering: Rendering) -> str:
        """A word as a rendering policy writes it; as it is where no such spelling is known.

        >>> canonical = Canonicalizer("hi_en")
        >>> canonical.render("accha", "matrix"), canonical.render("laptop", "native")
        ('अच्छा', 'लैपटाप')
        """
        form = self(word)
        native = self.pair.native.script
        wanted = native
        if rendering == "matrix" and self.language(form) == self.pair.embedded:
            wanted = LATIN
        if rendering == "as-decoded" or tokens.script(word) in (wanted, None):
            return word
        choices = (self._labels.get(form, form), *self._spellings.get(form, ()))
        return next((choice for choice in choices if tokens.script(choice) == wanted), word)

    @cached_property
    def _unfoldings(self) -> list[tuple[str, str]]:
        """What the reading norm writes, and what it may stand for."""
        found = []
        for name in (self.pair.native.script, str(self.pair.native)):
            path = resources.folder("normalizers") / name / "reading.tsv"
            for row in resources.read_table(path, rules.COLUMNS) if path.is_file() else ():
                source, to = row[1:3]
                if to != rules.NOTHING and not set("[{") & set(source):
                    found.append((to, source))
        return found

    def _romanized(self, words: Sequence[str], forms: Sequence[str]) -> bool:
        scripts = [tokens.script(word) for word in words]
        if self.pair.native.script in scripts:
            return False
        sure = [form for word, form in zip(words, forms, strict=True) if word not in self._either]
        tongues = [self.language(form) for form in sure]
        return tongues.count(self.pair.matrix) >= tongues.count(self.pair.embedded)

    def _form(self, folded: str) -> str:
        form = self._forms.get(folded)
        if form is None:
            form = self._forms[folded] = self._transliterated(folded) or folded
        return form

    def _transliterated(self, word: str) -> str | None:
        """The known native word that an unknown Latin one is most probably a romanization of."""
        if not word.isascii() or not word.isalpha() or len(word) < _SHORTEST:
            return None
        if word in self._either or is_english(word):
            return None
        letters = self._letters
        likely = [
            native
            for native in self._by_skeleton.get(skeleton(word), ())
            if letters and letters.probability(native, word) >= _PROBABLE
        ]
        return self._likeliest(word, likely) if likely else None

    def _likeliest(self, latin: str, natives: Iterable[str]) -> str:
        """Of native words the one that is most probably meant: by its letters and its frequency."""

        def score(native: str) -> tuple[float, int, str]:
            prior = self._frequencies.get(native, RARE)
            letters = self._letters.log(native, latin) if self._letters else 0.0
            return letters + prior, -self._distance(latin, native), native

        return max(natives, key=score)

    @cached_property
    def _by_skeleton(self) -> dict[str, list[str]]:
        """Known native words by their consonants; none where there is no model to compare by."""
        found: dict[str, list[str]] = defaultdict(list)
        if self._letters:
            known = set(self._forms.values())
            frequent = nlargest(_FREQUENT, self._frequencies, key=self._frequencies.__getitem__)
            for form in sorted(known.union(map(self, frequent))):
                if self.language(form) == self.pair.matrix and " " not in form:
                    found[skeleton(form)].append(form)
        return found

    @cached_property
    def _letters(self) -> pairs.PairModel | None:
        return pairs.find(str(self.pair.native), _LETTERS)

    def _fold(self, word: str) -> str:
        # Numbers stay words: दो is "two", but also "give".
        own = self._embedded if word.isascii() else self._native
        for stage in STAGES[:-1]:
            word = own.stage(stage, word)
        return word

    def _read(self) -> None:
        settled = self._settled()
        romanized = self._romanizations()
        own = {native for natives in romanized.values() for native in natives}
        english = self._english(romanized, own)
        for latin, natives in romanized.items():
            form = self._likeliest(latin, natives) if len(natives) > 1 else natives[0]
            form = settled.get(form, form)
            for native in natives:
                self._spellings[settled.get(native, native)].append(latin)
            if latin in english and form not in settled.values():
                self._either[latin] = form
            else:
                self._forms[latin] = form
        self._forms.update(settled)

    def _settled(self) -> dict[str, str]:
        """What a table says of native words that the lexicons have as English words too."""
        path = resources.folder("lm") / self.pair.name / _READINGS
        if not path.is_file():
            return {}
        rows = resources.read_table(path, ("native", "form"))
        return {self._fold(native): self._fold(form) for native, form in rows}

    def _romanizations(self) -> dict[str, list[str]]:
        """Latin spellings of native words, names among them, and what they may stand for."""
        natives: dict[str, list[str]] = defaultdict(list)
        for path in resources.tables("lexicons", str(self.pair.native)):
            if path.stem == _ROMANIZATIONS:
                for native, latin in resources.read_table(path, ("native", "latin")):
                    natives[self._fold(latin)].append(self._fold(native))
        return natives

    def _english(self, romanized: dict[str, list[str]], own: set[str]) -> set[str]:
        """English words, with their native spellings unless those are words of their own."""
        english = set()
        for path in resources.tables("lexicons", self.pair.name):
            if path.stem == _LETTERS:
                continue
            for native, latin in resources.read_table(path, ("native", "english")):
                spoken, written = self._fold(native), self._fold(latin)
                if path.stem == _NAMES:
                    # A name belongs to the matrix language: its Latin form is a romanization.
                    for part, latin_part in self._parts(spoken, written):
                        romanized.setdefault(latin_part, []).append(part)
                    continue
                if " " in spoken + written:
                    continue
                english.add(written)
                self._labels.setdefault(written, latin)
                self._spellings[written].append(native)
                if spoken not in own:
                    self._forms.setdefault(spoken, written)
        return english

    def _parts(self, native: str, latin: str) -> Iterator[tuple[str, str]]:
        """The words of a name that sound alike: of West Bengal, only Bengal is a romanization."""
        natives, latins = native.split(), latin.split()
        if len(natives) == len(latins) == 1:
            yield native, latin
        elif len(natives) == len(latins) and self._letters:
            for part, latin_part in zip(natives, latins, strict=True):
                if self._letters.probability(part, latin_part) >= _PROBABLE:
                    yield part, latin_part

    def _distance(self, latin: str, native: str) -> int:
        sounds = self._native.iso(native)
        for long, double in (("ā", "aa"), ("ī", "ee"), ("ū", "oo")):
            sounds = sounds.replace(long, double)
        return Levenshtein.distance(latin, sounds)


@cache
def canonicalizer(lang: str) -> Canonicalizer:
    """The canonicalizer of a language or pair, read once."""
    return Canonicalizer(lang)
