"""The numbers that every report shows, computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cswitch import breakdown, measures, mixing
from cswitch.analysis import SIDES, Score, Side
from cswitch.breakdown import Breakdown, Cell, Cells, Change
from cswitch.errors import InputError
from cswitch.measures import PointRates
from cswitch.ranking import Ranking, rank

if TYPE_CHECKING:
    from cswitch.statistics.significance import Comparison

OPERATIONS = ("substitution", "deletion", "insertion")
_CHANGES = 12  # of a kind, the most frequent


@dataclass(frozen=True, slots=True)
class Rate:
    """An error rate with its confidence interval, if there are utterances to compute it from."""

    wer: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class System:
    """One system, ready to be shown."""

    score: Score
    raw: Rate
    corrected: Rate
    breakdown: Breakdown
    changes: Mapping[str, Sequence[Change]]
    pier: PointRates
    at_switches: PointRates
    script_fidelity: float

    @property
    def name(self) -> str:
        """The name of the system."""
        return self.score.name

    @property
    def forgiven(self) -> int:
        """Raw errors that are renderings."""
        return sum(self.score.forgiven.values())

    @property
    def forgiven_share(self) -> float:
        """The part of the raw errors that is rendering."""
        return self.forgiven / (self.score.raw.errors or 1)

    def points(self, kind: str) -> float:
        """What a kind adds to the raw WER."""
        return self.score.forgiven.get(kind, 0) / (self.score.raw.reference_words or 1)


@dataclass(frozen=True, slots=True)
class View:
    """The words divided in one way, with the cell of each system for each class."""

    name: str
    rows: Sequence[tuple[str, int, Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Mixing:
    """How the references mix languages: mean CMI of an utterance, M-index and I-index."""

    cmi: float
    m_index: float
    i_index: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A comparison of systems on the same utterances.

    Attributes:
        browsable: Whether the utterances themselves are known, not only their number.
        ranking: The order of the systems, where there are several.
        resampled: What the bootstrap draws, and how many of it.
    """

    lang: str
    utterances: int
    browsable: bool
    reference_words: int
    systems: Sequence[System]
    kinds: Sequence[str]
    views: Sequence[View]
    comparisons: Sequence[Comparison]
    ranking: Ranking | None
    resampled: str
    mixing: Mixing
    signatures: Sequence[str]


def summarize(scores: Sequence[Score]) -> Summary:
    """Compute everything that a report shows about systems on the same utterances.

    Raises:
        InputError: There is no system, or their utterances are not the same.
    """
    if not scores:
        raise InputError("there is no system", remedy="Score at least one")
    for score in scores[1:]:
        if not _same_references(scores[0], score):
            raise InputError(
                f"{scores[0].name} and {score.name} were scored on different references",
                remedy="Compare systems on the same utterances in the same order",
            )
    from cswitch.statistics import significance

    scores = [made(score) for score in scores]
    raw, corrected = (_rates(scores, side) for side in SIDES)
    systems = [
        _system(score, own, fair) for score, own, fair in zip(scores, raw, corrected, strict=True)
    ]
    return Summary(
        lang=scores[0].lang,
        utterances=scores[0].size,
        browsable=bool(scores[0].utterances),
        reference_words=scores[0].raw.reference_words,
        systems=systems,
        kinds=breakdown.kinds(scores),
        views=_views([system.breakdown for system in systems]),
        comparisons=significance.compare(scores) if scores[0].utterances else [],
        ranking=rank(scores) if len(scores) > 1 else None,
        resampled=_resampled(scores[0]),
        mixing=_mixing(scores[0]),
        signatures=list(dict.fromkeys(score.signature for score in scores)),
    )


def made(score: Score) -> Score:
    """A score whose utterances are all made; others are made anew whenever they are asked for."""
    return replace(score, utterances=tuple(score.utterances))


def _same_references(one: Score, other: Score) -> bool:
    return len(one.utterances) == len(other.utterances) and all(
        left.reference == right.reference
        for left, right in zip(one.utterances, other.utterances, strict=True)
    )


def _views(parts: Sequence[Breakdown]) -> list[View]:
    views = [
        _view("language of the reference word", [part.language for part in parts]),
        _view("switch points", [part.switch for part in parts]),
        _view("code-mixing index", [part.mixing for part in parts]),
        _view("reference words", [part.length for part in parts]),
        *(_view(field, [part.groups[field] for part in parts]) for field in parts[0].groups),
    ]
    return [view for view in views if len(view.rows) > 1]


def _view(name: str, cells: Sequence[Cells]) -> View:
    classes = dict.fromkeys(each for cell in cells for each in cell)
    return View(
        name,
        [
            (
                each,
                max(cell[each].words for cell in cells if each in cell),
                [cell.get(each, Cell()) for cell in cells],
            )
            for each in classes
        ],
    )


def _system(score: Score, raw: Rate, corrected: Rate) -> System:
    parts = breakdown.breakdown(score)
    return System(
        score,
        raw,
        corrected,
        parts,
        breakdown.changes(score.utterances, _CHANGES),
        measures.pier(score, parts),
        measures.switch_point_errors(score, parts),
        measures.script_fidelity(score),
    )


def _mixing(score: Score) -> Mixing:
    texts = [utterance.reference for utterance in score.utterances]
    romanized = mixing.is_romanized(texts, score.lang)
    tags = [mixing.word_languages(text, score.lang, romanized) for text in texts]
    return Mixing(
        sum(map(mixing.cmi, tags)) / (len(tags) or 1),
        mixing.m_index(tag for line in tags for tag in line),
        mixing.i_index(tags),
    )


def _resampled(score: Score) -> str:
    """What the bootstrap draws."""
    from cswitch.statistics import confidence

    count = len(set(confidence.blocks(score.utterances)))
    unit = "utterances" if count == len(score.utterances) else "speakers"
    return f"{count:,} {unit}"


def _rates(scores: Sequence[Score], side: Side) -> list[Rate]:
    from cswitch.statistics import confidence

    rates = [score.tally.on(side).wer for score in scores]
    if len(scores[0].utterances) < 2 or not scores[0].raw.reference_words:
        return [Rate(wer) for wer in rates]
    bounds = confidence.intervals(scores, side)
    return [Rate(wer, each.low, each.high) for wer, each in zip(rates, bounds, strict=True)]
