"""Verdicts of a run checked by a person: a sheet to fill, and what the answers say of the judge."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cswitch import decisions
from cswitch.analysis import Score
from cswitch.decisions import ACCEPT, REJECT
from cswitch.errors import InputError
from cswitch.files import atomic_write, read_lines
from cswitch.judge import Verdict
from cswitch.statistics.bootstrap import quantile

Said = Literal["rendering", "modeling"]
Answer = Literal["rendering", "modeling", ""]

COLUMNS = (
    "verdict",
    "judge",
    "kind",
    "probability",
    "count",
    "of",
    "reference",
    "hypothesis",
    "evidence",
)
SEED = 12345
_SAMPLES = 4000
_UNJUDGED = Verdict("modeling", None, 0.0, "too different to be judged")
_SAID: Mapping[str, Said] = {"rendering": "rendering", "modeling": "modeling"}
_GIVEN: Mapping[str, Answer] = {"": "", **_SAID}


@dataclass(frozen=True, slots=True)
class Judged:
    """Two spans that a run put before the judge, and how often.

    Attributes:
        answer: What a person said; empty if nobody has.
        count: How often the pair was drawn for the sheet, or met in the run.
        of: How many edits with the judge's verdict the run has; 0 outside of a sheet.
    """

    reference: str
    hypothesis: str
    verdict: Verdict
    count: int
    of: int = 0
    answer: Answer = ""


def judged(scores: Iterable[Score]) -> list[Judged]:
    """Every pair of spans that has a verdict, most frequent first; one-sided edits have none."""
    counts: Counter[tuple[str, str]] = Counter()
    verdicts: dict[tuple[str, str], Verdict] = {}
    for score in scores:
        for utterance in score.utterances:
            for edit, left, right in utterance.edited():
                if left and right:
                    counts[left, right] += 1
                    verdicts.setdefault((left, right), edit.verdict or _UNJUDGED)
    return [Judged(*pair, verdicts[pair], count) for pair, count in counts.most_common()]


def doubtful(scores: Iterable[Score], limit: int = 50) -> list[Judged]:
    """The least certain verdicts of a run, for a person to check."""
    pairs = judged(scores)
    pairs.sort(key=lambda pair: (abs(pair.verdict.probability - 0.5), -pair.count))
    return pairs[:limit]


def sample(scores: Iterable[Score], size: int = 200, seed: int = SEED) -> list[Judged]:
    """Draw edits for annotation: half of the forgiven ones, half of the others, at random.

    Edits are drawn, not pairs, so frequent pairs weigh what they weigh in the run; a pair drawn
    more than once stands there once, with its count.
    """
    pairs = judged(scores)
    chance = random.Random(seed)
    drawn: list[Judged] = []
    for answer in _SAID:
        stratum = [pair for pair in pairs if pair.verdict.verdict == answer]
        edits = [pair for pair in stratum for _ in range(pair.count)]
        chosen = Counter(
            (pair.reference, pair.hypothesis)
            for pair in chance.sample(edits, min(len(edits), size // 2))
        )
        drawn += [
            replace(pair, count=chosen[pair.reference, pair.hypothesis], of=len(edits))
            for pair in stratum
            if chosen[pair.reference, pair.hypothesis]
        ]
    chance.shuffle(drawn)
    return drawn


def write_sheet(pairs: Iterable[Judged], path: str | Path) -> None:
    """Write pairs for a person to fill the column ``verdict``: rendering or modeling."""
    with atomic_write(path) as out:
        out.write("\t".join(COLUMNS) + "\n")
        for pair in pairs:
            verdict = pair.verdict
            cells = (
                pair.answer,
                verdict.verdict,
                verdict.kind or "-",
                f"{verdict.probability:.4f}",
                str(pair.count),
                str(pair.of),
                pair.reference,
                pair.hypothesis,
                verdict.evidence,
            )
            # A lone tab does not end a token (see cswitch.tokens), but it would end a cell.
            out.write("\t".join(" ".join(cell.split()) for cell in cells) + "\n")


def read_sheet(path: str | Path) -> list[Judged]:
    """Read a sheet that `write_sheet` wrote and a person filled.

    Raises:
        InputError: The header or a line is not that of a sheet, or a verdict is none.
    """
    lines = enumerate(read_lines(path), start=1)
    _, header = next(lines, (1, ""))
    if tuple(header.split("\t")) != COLUMNS:
        raise InputError(
            "not an annotation sheet",
            path=path,
            line=1,
            remedy="Write one with cswitch audit sheet",
        )
    return [_read_row(line, path, number) for number, line in lines if line]


def _read_row(line: str, path: str | Path, number: int) -> Judged:
    cells = dict(zip(COLUMNS, line.split("\t"), strict=False))
    try:
        given = _GIVEN[cells["verdict"].strip().lower()]
        said = _SAID[cells["judge"]]
        verdict = Verdict(said, None, float(cells["probability"]), cells["evidence"])
        count, of = int(cells["count"]), int(cells["of"])
    except (KeyError, ValueError) as error:
        raise InputError(
            f"not a line of an annotation sheet ({error})",
            path=path,
            line=number,
            remedy="Write rendering, modeling or nothing into the first column, and no more",
        ) from error
    return Judged(cells["reference"], cells["hypothesis"], verdict, count, of, given)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A proportion with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """The judge against a person.

    Attributes:
        annotated: How many edits have an answer.
        precision: Share of the forgiven edits that are renderings.
        recall: Share of the renderings that were forgiven, weighted by how many edits of the
            run stand behind each half of the sheet.
        corrections: Pairs of which the person said otherwise.
    """

    annotated: int
    precision: Estimate
    recall: Estimate
    corrections: Sequence[Judged]


@dataclass(frozen=True, slots=True)
class _Half:
    """Annotated edits on which the judge said the same.

    Attributes:
        renderings: How many of them the person took for renderings.
        edits: How many they are.
        of: How many such edits the run has.
    """

    renderings: int
    edits: int
    of: int

    @property
    def share(self) -> float:
        """The share of renderings."""
        return self.renderings / self.edits if self.edits else 0.0

    def draw(self, chance: random.Random) -> float:
        """A share that the annotation leaves possible, by Jeffreys' prior."""
        wrong = self.edits - self.renderings
        return chance.betavariate(self.renderings + 0.5, wrong + 0.5) if self.edits else 0.0


def agreement(pairs: Sequence[Judged], seed: int = SEED) -> Agreement:
    """Compare the judge with the answers of a sheet.

    The intervals are Jeffreys' (Brown, Cai and DasGupta 2001, "Interval estimation for a binomial
    proportion"), which a few answers without an exception do not make a certainty; that of the
    recall comes from draws of both shares.

    Raises:
        InputError: No pair has an answer.
    """
    answered = [pair for pair in pairs if pair.answer]
    if not answered:
        raise InputError("no pair has a verdict", remedy="Fill the first column of the sheet")
    forgiven, refused = (_half(answered, said) for said in _SAID.values())
    chance = random.Random(seed)
    drawn = [(forgiven.draw(chance), refused.draw(chance)) for _ in range(_SAMPLES)]

    def recall(right: float, missed: float) -> float:
        found, lost = right * forgiven.of, missed * refused.of
        return found / (found + lost) if found + lost else 1.0

    return Agreement(
        annotated=forgiven.edits + refused.edits,
        # Where nothing was forgiven, nothing was wrongly.
        precision=_estimate(
            forgiven.share if forgiven.edits else 1.0,
            [right if forgiven.edits else 1.0 for right, _ in drawn],
        ),
        recall=_estimate(
            recall(forgiven.share, refused.share), [recall(*shares) for shares in drawn]
        ),
        corrections=[pair for pair in answered if pair.answer != pair.verdict.verdict],
    )


def _half(answered: Iterable[Judged], said: Said) -> _Half:
    half = [pair for pair in answered if pair.verdict.verdict == said]
    return _Half(
        renderings=sum(pair.count for pair in half if pair.answer == "rendering"),
        edits=sum(pair.count for pair in half),
        of=max(half[0].of, 1) if half else 0,
    )


def _estimate(value: float, drawn: list[float]) -> Estimate:
    ordered = sorted(drawn)
    low, high = quantile(ordered, 0.025), quantile(ordered, 0.975)
    return Estimate(value, min(low, value), max(high, value))


def write_corrections(corrections: Iterable[Judged], path: str | Path) -> None:
    """Write what a person said otherwise as decisions that the judge follows."""
    rows = (
        (ACCEPT if pair.answer == "rendering" else REJECT, pair.reference, pair.hypothesis)
        for pair in corrections
    )
    decisions.write(rows, path)
