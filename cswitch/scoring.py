"""Scoring: references and hypotheses in, raw and corrected error rates out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, overload

from cswitch.align import Aligner, Edits, Scored
from cswitch.analysis import ErrorCounts, Score, Tally, Utterance
from cswitch.errors import InputError
from cswitch.judge import Judge
from cswitch.statistics.bootstrap import Resamples, speaker

if TYPE_CHECKING:
    from cswitch.formats import Row

# An utterance before it is scored: its name, reference, hypothesis and metadata.
Line = tuple[str, str, str, Mapping[str, str]]

_NO_METADATA: Mapping[str, str] = {}


class Utterances(Sequence[Utterance]):
    """Scored utterances, made when they are asked for from what the kernel returned."""

    __slots__ = ("_lines", "_scored")

    def __init__(self, lines: Sequence[Line] = (), scored: Sequence[Scored] = ()) -> None:
        self._lines, self._scored = lines, scored

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Utterance: ...
    @overload
    def __getitem__(self, index: slice) -> Utterances: ...
    def __getitem__(self, index: int | slice) -> Utterance | Utterances:
        if isinstance(index, slice):
            return Utterances(self._lines[index], self._scored[index])
        return _utterance(self._lines[index], self._scored[index])

    def __iter__(self) -> Iterator[Utterance]:
        return map(_utterance, self._lines, self._scored)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(slots=True)
class Part:
    """What a stretch of the input adds to the score of a system; parts add up in place."""

    utterances: int = 0
    tally: Tally = field(default_factory=Tally)
    lines: list[Line] = field(default_factory=list)
    scored: list[Scored] = field(default_factory=list)
    resamples: Resamples | None = None

    def __iadd__(self, other: Part) -> Part:
        self.utterances += other.utterances
        self.tally += other.tally
        self.lines += other.lines
        self.scored += other.scored
        if self.resamples is None:
            self.resamples = other.resamples
        elif other.resamples is not None:
            self.resamples += other.resamples
        return self


class Scorer:
    """Scores utterance by utterance; keeps the judge and what it said. Threads may share one.

    >>> scorer = Scorer("hi_en")
    >>> utterance = scorer.utterance("1", "fancy साड़ी दिखाइए", "fancy Sadi dikhaiye")
    >>> utterance.raw.errors, utterance.corrected.errors
    (2, 0)
    """

    def __init__(self, lang: str | Judge) -> None:
        self.judge = lang if isinstance(lang, Judge) else Judge(lang)
        self._aligner = Aligner(self.judge)

    def utterance(
        self,
        id: str,
        reference: str,
        hypothesis: str,
        metadata: Mapping[str, str] | None = None,
    ) -> Utterance:
        """Score one hypothesis."""
        scored = self._aligner.score(reference, hypothesis)
        return _utterance((id, reference, hypothesis, metadata or _NO_METADATA), scored)

    def part(self, lines: Iterable[Line], *, keep: bool = True) -> Part:
        """Score a stretch of utterances; ``keep`` them, or only sum them up."""
        count = words = 0
        substitutions = deletions = insertions = 0
        substituted = deleted = inserted = 0
        forgiven: dict[str, int] = {}
        kept: tuple[list[Line], list[Scored]] = [], []
        align = self._aligner.score
        for line in lines:
            scored = align(line[1], line[2])
            size, subs, dels, ins, left_subs, left_dels, left_ins, kinds = scored[:8]
            count += 1
            words += size
            substitutions += subs
            deletions += dels
            insertions += ins
            substituted += left_subs
            deleted += left_dels
            inserted += left_ins
            for kind, errors in kinds.items():
                forgiven[kind] = forgiven.get(kind, 0) + errors
            if keep:
                kept[0].append(line)
                kept[1].append(scored)
        raw = _counts(words, substitutions, deletions, insertions)
        corrected = _counts(words, substituted, deleted, inserted)
        return Part(count, Tally(raw, corrected, dict(sorted(forgiven.items()))), *kept)

    def result(self, part: Part, name: str) -> Score:
        """The score of a system from the sum of its parts."""
        # A rate has an interval where there is something to draw.
        drawn = part.resamples if part.utterances > 1 and part.tally.raw.reference_words else None
        return Score(
            name,
            self.judge.lang.name,
            self.judge.signature,
            Utterances(part.lines, part.scored),
            part.tally,
            part.utterances,
            None if drawn is None else drawn.bounds(),
            drawn,
        )

    def score(self, utterances: Iterable[Utterance], name: str = "hypothesis") -> Score:
        """Sum scored utterances up to the score of a system."""
        kept = tuple(utterances)
        part = Part(len(kept))
        for utterance in kept:
            part.tally += utterance.tally
        return Score(
            name, self.judge.lang.name, self.judge.signature, kept, part.tally, part.utterances
        )


def block_scorer(
    lang: str, keep: bool = False, user: str | None = None
) -> Callable[[Sequence[Row]], list[Part]]:
    """A function from a block of rows to a part for each system, for `parallel.ordered_map`."""
    scorer = scorer_of(lang, user)

    def score_block(rows: Sequence[Row]) -> list[Part]:
        names = [row.id for row in rows]
        speakers = [speaker(row.metadata) for row in rows]
        parts = []
        for place in range(len(rows[0].hypotheses)):
            part = scorer.part(
                (row.id, row.reference, row.hypotheses[place], row.metadata) for row in rows
            )
            part.resamples = Resamples()
            part.resamples.add(names, speakers, _columns(part.scored))
            if not keep:
                part.lines, part.scored = [], []
            parts.append(part)
        return parts

    return score_block


@cache
def scorer_of(lang: str, user: str | None = None) -> Scorer:
    """The scorer of a language and of a user's decisions, one for a process."""
    return Scorer(Judge(lang, user=user))


def score(
    references: str | Sequence[str],
    hypotheses: str | Sequence[str],
    lang: str = "hi_en",
    *,
    name: str = "hypothesis",
    user: str | None = None,
    judge: Judge | None = None,
) -> Score:
    """Score hypotheses against references: raw and corrected error rates, and every edit.

    Args:
        references: One reference, or one for each utterance.
        hypotheses: As many hypotheses, in the same order.
        lang: A pair or a language, such as ``hi_en`` or ``hi``.
        name: What to call the system in the result.
        user: A file of a user's own decisions, as ``cswitch lexicon add`` writes it.
        judge: A judge to use instead of that of ``lang`` and ``user``.

    Raises:
        InputError: The numbers of references and hypotheses differ, or the language is unknown.

    >>> result = score("मैं discovery देखता हूँ", "मैं डिस्कवरी देखती हूँ", lang="hi_en")
    >>> result.raw.errors, result.corrected.errors, dict(result.forgiven)
    (2, 1, {'script': 1})
    """
    reference_list = _texts(references, "references")
    hypothesis_list = _texts(hypotheses, "hypotheses")
    if len(reference_list) != len(hypothesis_list):
        raise InputError(
            f"{len(reference_list)} references and {len(hypothesis_list)} hypotheses",
            remedy="Give one hypothesis for each reference",
        )
    scorer = Scorer(judge or Judge(lang, user=user))
    pairs = zip(reference_list, hypothesis_list, strict=True)
    lines = ((str(number), *pair, _NO_METADATA) for number, pair in enumerate(pairs, start=1))
    return scorer.result(scorer.part(lines), name)


def _texts(texts: str | Iterable[str], name: str) -> list[str]:
    if isinstance(texts, Mapping):
        raise InputError(f"the {name} are a mapping", remedy="Give its values, in one order")
    listed = [texts] if isinstance(texts, str) else list(texts)
    for number, text in enumerate(listed):
        if not isinstance(text, str):
            raise InputError(
                f"{name}[{number}] is {text!r}, not a text",
                remedy="Give an empty text where nothing was said or recognized",
            )
        if not _is_unicode(text):
            raise InputError(
                f"{name}[{number}] has half of a surrogate pair, which is no character",
                remedy="Decode the text from UTF-8, or leave the half out",
            )
    return listed


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _columns(scored: Sequence[Scored]) -> tuple[list[int], list[int], list[int]]:
    """Reference words, raw and corrected errors of each utterance."""
    return (
        [each[0] for each in scored],
        [each[1] + each[2] + each[3] for each in scored],
        [each[4] + each[5] + each[6] for each in scored],
    )


def _utterance(line: Line, scored: Scored) -> Utterance:
    words, *errors, forgiven = scored[:8]
    tally = Tally(_counts(words, *errors[:3]), _counts(words, *errors[3:]), forgiven)
    id, reference, hypothesis, metadata = line
    return Utterance(id, reference, hypothesis, tally, Edits(scored), metadata)


def _counts(words: int, substitutions: int, deletions: int, insertions: int) -> ErrorCounts:
    return ErrorCounts(words - substitutions - deletions, substitutions, deletions, insertions)
