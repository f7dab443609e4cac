"""Where the errors are: by kind, language, switch point, group, length and degree of mixing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cswitch import mixing
from cswitch.align import Edit
from cswitch.analysis import Score, Utterance

NO_LANGUAGE = "none"
AT_SWITCH, ELSEWHERE = "within one word of a switch", "elsewhere"

_LENGTHS = (0, 1, 3, 6, 11, 21, 41)
_MIXING = (0, 10, 20, 30, 40)
_MOST_GROUPS = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """Reference words of one class, and the errors on them; cells add with ``+``.

    >>> (Cell(4, 2, 1) + Cell(6, 1, 1)).corrected_wer
    0.2
    """

    words: int = 0
    raw: int = 0
    corrected: int = 0

    def __add__(self, other: Cell) -> Cell:
        return Cell(
            self.words + other.words, self.raw + other.raw, self.corrected + other.corrected
        )

    @property
    def raw_wer(self) -> float:
        """Raw errors per reference word; without words, the number of errors."""
        return self.raw / (self.words or 1)

    @property
    def corrected_wer(self) -> float:
        """Modeling errors per reference word; without words, the number of errors."""
        return self.corrected / (self.words or 1)


Cells = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The cells of one system under every view; each view sums to the whole.

    Attributes:
        groups: For each metadata field that groups utterances, its values.
    """

    language: Cells
    switch: Cells
    length: Cells
    mixing: Cells
    groups: Mapping[str, Cells]


@dataclass(frozen=True, slots=True)
class Change:
    """What stands in the reference, what was written instead, and how often."""

    reference: str
    hypothesis: str
    count: int
    evidence: str = ""


def breakdown(score: Score) -> Breakdown:
    """Divide the words and errors of a system in every way.

    An edit belongs to the class of its first reference word; an insertion to the language of
    the inserted word, and to a switch if one of its neighbours stands there.
    """
    fields = group_fields(score.utterances)
    length, mixed = _Sums(), _Sums()
    groups = {field: _Sums() for field in fields}
    language, switch = _Sums(), _Sums()
    romanized = mixing.is_romanized((each.reference for each in score.utterances), score.lang)
    for utterance in score.utterances:
        tags = mixing.word_languages(utterance.reference, score.lang, romanized)
        near = mixing.near_switch(tags)
        numbers = len(tags), utterance.raw.errors, utterance.corrected.errors
        length.add(length_bucket(len(tags)), *numbers)
        mixed.add(mixing_bucket(mixing.cmi(tags)), *numbers)
        for field in fields:
            groups[field].add(utterance.metadata.get(field, ""), *numbers)
        for tag, words in Counter(tags).items():
            language.add(tag or NO_LANGUAGE, words)
        for at_switch, words in Counter(near).items():
            switch.add(AT_SWITCH if at_switch else ELSEWHERE, words)
        for edit in utterance.edits:
            real = 0 if edit.operation == "rendering" else edit.errors
            tag = _language(utterance, edit, tags, score.lang, romanized)
            language.add(tag, 0, edit.errors, real)
            place = AT_SWITCH if edit_near_switch(edit, near) else ELSEWHERE
            switch.add(place, 0, edit.errors, real)
    return Breakdown(
        language.by_words(),
        switch.in_order([AT_SWITCH, ELSEWHERE]),
        length.in_order([length_bucket(least) for least in _LENGTHS]),
        mixed.in_order([mixing_bucket(least) for least in (0, *(low + 0.1 for low in _MIXING))]),
        {field: sums.by_words() for field, sums in groups.items()},
    )


def kinds(scores: Sequence[Score]) -> list[str]:
    """The kinds forgiven in any of the scores, the most frequent first.

    >>> from cswitch.analysis import Tally
    >>> kinds([Score("a", "hi_en", "", (), Tally(forgiven={"case": 1, "script": 5}))])
    ['script', 'case']
    """
    totals: Counter[str] = Counter()
    for score in scores:
        totals.update(score.forgiven)
    return sorted(totals, key=lambda kind: (-totals[kind], kind))


def changes(utterances: Iterable[Utterance], limit: int = 20) -> dict[str, list[Change]]:
    """The most frequent edits: by kind for renderings, by operation for modeling errors."""
    counts: dict[str, Counter[tuple[str, str]]] = {}
    evidence: dict[tuple[str, str, str], str] = {}
    for utterance in utterances:
        for edit, left, right in utterance.edited():
            name, pair = edit_class(edit), (left, right)
            counts.setdefault(name, Counter())[pair] += 1
            if edit.verdict is not None:
                evidence.setdefault((name, *pair), edit.verdict.evidence)
    return {
        name: [
            Change(*pair, count, evidence.get((name, *pair), ""))
            for pair, count in sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:limit]
        ]
        for name, counter in counts.items()
    }


def edit_class(edit: Edit) -> str:
    """The kind of a rendering, the operation of a modeling error."""
    kind = edit.verdict.kind if edit.verdict else None
    return kind if edit.operation == "rendering" and kind else edit.operation


def group_fields(utterances: Iterable[Utterance]) -> list[str]:
    """The metadata fields that group utterances: a few values, used more than once.

    A field with a value of its own for each utterance (a path, a duration) is no group.
    """
    values: dict[str, Counter[str]] = {}
    for utterance in utterances:
        for field, value in utterance.metadata.items():
            values.setdefault(field, Counter())[value] += 1
    return [
        field
        for field, counts in values.items()
        if 1 < len(counts) <= _MOST_GROUPS and 2 * len(counts) <= counts.total()
    ]


def length_bucket(words: int) -> str:
    """The bucket of a reference length.

    >>> length_bucket(0), length_bucket(7), length_bucket(100)
    ('0', '6–10', '41+')
    """
    place = sum(words >= least for least in _LENGTHS) - 1
    if place == len(_LENGTHS) - 1:
        return f"{_LENGTHS[place]}+"
    low, high = _LENGTHS[place], _LENGTHS[place + 1] - 1
    return str(low) if low == high else f"{low}–{high}"


def mixing_bucket(index: float) -> str:
    """The bucket of a code-mixing index.

    >>> mixing_bucket(0), mixing_bucket(7.5), mixing_bucket(50)
    ('0', '0–10', '40+')
    """
    if index == 0:
        return "0"
    place = sum(index > least for least in _MIXING) - 1
    if place == len(_MIXING) - 1:
        return f"{_MIXING[place]}+"
    return f"{_MIXING[place]}–{_MIXING[place + 1]}"


class _Sums:
    """Cells by name, adding up; plain numbers until asked for, for there are many words."""

    def __init__(self) -> None:
        self._sums: dict[str, list[int]] = {}

    def add(self, name: str, words: int, raw: int = 0, corrected: int = 0) -> None:
        sums = self._sums.setdefault(name, [0, 0, 0])
        sums[0] += words
        sums[1] += raw
        sums[2] += corrected

    def by_words(self) -> Cells:
        order = sorted(self._sums, key=lambda name: (-self._sums[name][0], name))
        return self.in_order(order)

    def in_order(self, names: Iterable[str]) -> Cells:
        return {name: Cell(*self._sums[name]) for name in names if name in self._sums}


def _language(
    utterance: Utterance, edit: Edit, tags: Sequence[str | None], lang: str, romanized: bool
) -> str:
    if edit.reference[0] < edit.reference[1]:
        return tags[edit.reference[0]] or NO_LANGUAGE
    word = utterance.hypothesis_tokens[edit.hypothesis[0]].text
    return mixing.word_language(word, lang, romanized) or NO_LANGUAGE


def edit_near_switch(edit: Edit, near: Sequence[bool]) -> bool:
    """Whether an edit stands at a switch: one of its words, or a neighbour of an insertion."""
    start, end = edit.reference
    return any(near[start:end] if start < end else near[max(0, start - 1) : start + 1])
