"""The normalizer of one language: what it does to a text, one stage after the other."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import regex

from cswitch import languages, resources
from cswitch.errors import InputError
from cswitch.languages import Tag
from cswitch.normalize import iso, letters, wellformed
from cswitch.normalize.counting import NumberWords
from cswitch.normalize.quantities import Quantities
from cswitch.normalize.rules import Rules, row_line, settle
from cswitch.normalize.wellformed import Problem
from cswitch.normalize.words import Words

# The stages of the canonical form, in their order.
STAGES = ("visual", "case", "digits", "reading", "punctuation", "spelling", "numbers")
RESPELLING = "respelling"

_REPEATED = regex.compile(r"([\p{Mn}\u200B-\u200D])\1+")
_SPELLED = regex.compile(r"[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*")
_DIGIT = regex.compile(r"\p{Nd}")

_Fired = set[str] | None


class Normalizer:
    """Rewrites text of one language in one script, and leaves all other scripts alone.

    Every method takes a word or a whole line, and does not change its own result. The stages of
    the canonical form may be called one by one; the later ones count on the earlier ones.

    >>> from cswitch.normalize import normalizer
    >>> hindi = normalizer("hi-Deva")
    >>> hindi.visual("आॅटो"), hindi.reading("हिन्दी"), hindi.canonical("गये, २० !")
    ('ऑटो', 'हिंदी', 'गए 20')
    """

    def __init__(self, tag: Tag) -> None:
        self.tag = tag
        self._run = letters.run(tag.script)
        names = (*STAGES[:-1], RESPELLING)
        self._words = {name: Words(self._rewriter(name)) for name in names}

    def visual(self, text: str) -> str:
        """Look-alikes, other orders of signs and idle joiners, to one sequence."""
        return self._words["visual"].line(text)

    def reading(self, text: str) -> str:
        """The visual form, with spellings that read the same made one.

        Some languages are respelled for reading aloud in ways that would make two words one;
        those rules (``respelling.tsv``) are no part of the canonical form.
        """
        return self._words[RESPELLING].line(self.visual(text))

    def punctuation(self, text: str) -> str:
        """Only words, numbers and what is read aloud remain, one space between them."""
        return self._words["punctuation"].packed(text)

    def case(self, text: str) -> str:
        """Small letters, where the script has them."""
        return self._words["case"].line(text)

    def spelling(self, text: str) -> str:
        """One spelling for words that have several (colour, color; it's, it is); small letters."""
        return self._words["spelling"].line(text)

    def digits(self, text: str) -> str:
        """The digits of the script, as ASCII digits."""
        return self._words["digits"].line(text)

    def numbers(self, text: str) -> str:
        """Number words, as ASCII digits: दो सौ is 200."""
        while (result := self.number_words.to_figures(text)) != text:
            text = result
        return text

    def canonical(self, text: str) -> str:
        """All stages: what remains different is a different word."""
        return self.numbers(self._folded.packed(text))

    def stage(self, name: str, text: str) -> str:
        """One of `STAGES`; the others change nothing that it leaves."""
        if name == "numbers":
            return self.numbers(text)
        words = self._words[name]
        return words.packed(text) if name == "punctuation" else words.line(text)

    def iso(self, text: str) -> str:
        """The transliteration of ISO 15919; `native` leads back."""
        return self._romanized.line(text)

    def native(self, text: str) -> str:
        """The text that `iso` writes in this way."""
        return self._nativized.line(text)

    def wellformed(self, text: str) -> list[Problem]:
        """The places where no orthographic syllable can stand like this."""
        return wellformed.problems(text, self.tag.script)

    def fired(self, stage: str, text: str) -> set[str]:
        """The names of the rules of a stage, or of the respelling, that change a text."""
        fired: set[str] = set()
        if stage == "numbers":
            return {"number-words"} if self.numbers(text) != text else fired
        rewrite = self._rewriter(stage, fired)
        for word in text.split(" "):
            rewrite(word)
        return fired

    def _rewriter(self, stage: str, fired: _Fired = None) -> Callable[[str], str]:
        if stage == "punctuation":
            return lambda word: " ".join(self._marks(word, fired).split())
        if stage == "spelling":
            return lambda word: _SPELLED.sub(lambda found: self._spell(found[0], fired), word)
        on_run: Callable[[str, _Fired], str] = getattr(self, f"_{stage}")
        return lambda word: self._on_runs(word, lambda run: on_run(run, fired))

    def _on_runs(self, word: str, rewrite: Callable[[str], str]) -> str:
        result: str = self._run.sub(lambda found: rewrite(found[0]), word)
        return result

    def _visual(self, run: str, fired: _Fired) -> str:
        def once(text: str) -> str:
            composed = unicodedata.normalize("NFC", text)
            repeats = _REPEATED.search(composed) is not None
            single = _REPEATED.sub(r"\1", composed) if repeats else composed
            if fired is not None:
                fired.update({"composition"} if composed != text else ())
                fired.update({"repeated-sign"} if single != composed else ())
            return self._look_alikes(single, fired)

        return settle(once, run)

    def _reading(self, run: str, fired: _Fired) -> str:
        return self._settled(self._readings, run, fired)

    def _respelling(self, run: str, fired: _Fired) -> str:
        return self._settled(self._respellings, run, fired)

    def _settled(self, rules: Rules, run: str, fired: _Fired) -> str:
        """Apply rules until the visual form of what they make does not change either."""
        return settle(lambda text: self.visual(rules(text, fired)), run)

    def _case(self, run: str, fired: _Fired) -> str:
        result = run.lower()
        if fired is not None and result != run:
            fired.add("case")
        return result

    def _digits(self, run: str, fired: _Fired) -> str:
        result: str = _DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), run)
        if fired is not None and result != run:
            fired.add("digits")
        return result

    def _spell(self, word: str, fired: _Fired) -> str:
        listed, rest = (word, "") if word in self._spellings else _before_apostrophe(word)
        rule, result = self._spellings.get(listed, ("", listed))
        if fired is not None and rule:
            fired.add(rule)
        return result + rest

    @cached_property
    def _romanized(self) -> Words:
        return Words(lambda word: iso.romanize(word, self.tag.script))

    @cached_property
    def _nativized(self) -> Words:
        return Words(lambda word: iso.nativize(word, self.tag.script))

    @cached_property
    def number_words(self) -> NumberWords:
        """The number words of the language, to parse and to spell."""
        table = resources.folder("normalizers") / str(self.tag) / "numbers.tsv"
        return NumberWords(table, self._folded.__getitem__)

    @cached_property
    def quantities(self) -> Quantities:
        """Ordinals, fractions, units and signs of the language, to read."""
        table = resources.folder("normalizers") / str(self.tag) / "quantities.tsv"
        return Quantities(table, self.number_words, self._folded.__getitem__, self.tag.language)

    @cached_property
    def _folded(self) -> Words:
        return Words(self._fold)

    def _fold(self, word: str) -> str:
        """All stages but the numbers, which are not always one word."""
        for name in STAGES[:-1]:
            word = self.stage(name, word)
        return word

    def _read(self, word: str) -> str:
        return self.stage("reading", self.visual(word))

    @cached_property
    def _look_alikes(self) -> Rules:
        return self._rules("visual.tsv")

    @cached_property
    def _readings(self) -> Rules:
        return self._rules("reading.tsv")

    @cached_property
    def _respellings(self) -> Rules:
        return self._rules("reading.tsv", "respelling.tsv")

    @cached_property
    def _marks(self) -> Rules:
        # Punctuation has no script: a danda may follow a Latin word. Each script's table counts.
        tables = [path for name in languages.scripts() for path in _tables(name, "punctuation.tsv")]
        return Rules(tables)

    @cached_property
    def _spellings(self) -> dict[str, tuple[str, str]]:
        """Spelling to (rule, one spelling); the rule is what the file's name says."""
        spellings: dict[str, tuple[str, str]] = {}
        listed: set[str] = set()
        for path in _tables(str(self.tag), "spelling-*.tsv"):
            for index, (variant, word) in enumerate(resources.read_table(path, ("from", "to"))):
                if variant in listed:
                    raise InputError(
                        f"'{variant}' is spelled twice",
                        path=path,
                        line=row_line(path, index),
                        remedy="Keep one of the two",
                    )
                listed.add(variant)
                rule = path.stem.removeprefix("spelling-")
                spellings[self._read(variant)] = rule, self._read(word)
        return spellings

    def _rules(self, *names: str) -> Rules:
        folders = (self.tag.script, str(self.tag))
        return Rules([path for one in folders for name in names for path in _tables(one, name)])


def _before_apostrophe(word: str) -> tuple[str, str]:
    head, mark, tail = word.partition("'")
    return head, mark + tail


def _tables(name: str, pattern: str) -> list[Path]:
    return sorted((resources.folder("normalizers") / name).glob(pattern))
