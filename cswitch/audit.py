"""The judge examined: what it wrongly forgives, whether it is symmetric, where it is unsure.

Near pairs of different words come from the lexicon: two words that share no form, but have forms
on one side that differ by one edit, are put before the judge in the combinations that differ
least. There are three relations between such forms:

- ``same script``: two words as they are. None should be forgiven.
- ``english``: an English word and the native form of another. None should be forgiven but
  homophones that the dictionary of pronunciations does not know to be such.
- ``romanization``: a native word and the romanization of another. Many may be forgiven, for
  ``kal`` is both कल and काल: the writer left it open.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal

from cswitch import tokens
from cswitch.analysis import Score
from cswitch.errors import InputError
from cswitch.files import atomic_write, read_lines
from cswitch.judge import Judge, Verdict
from cswitch.languages import LATIN
from cswitch.lexicon import Lexicon, load
from cswitch.pronunciation import pronunciations

Said = Literal["rendering", "modeling"]
Answer = Literal["rendering", "modeling", ""]
Relation = Literal["same script", "english", "romanization"]

RELATIONS: tuple[Relation, ...] = ("same script", "english", "romanization")

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
_SAMPLES = 1000
_UNJUDGED = Verdict("modeling", None, 0.0, "too different to be judged")
_SAID: Mapping[str, Said] = {"rendering": "rendering", "modeling": "modeling"}
_GIVEN: Mapping[str, Answer] = {"": "", **_SAID}


# --- the lexicon against itself ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Forgiven:
    """Two different words that the judge takes for one."""

    relation: Relation
    reference: str
    hypothesis: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class LexiconAudit:
    """What the judge made of near pairs of different words.

    Attributes:
        pairs: How many were judged, by their relation.
        forgiven: Those that it forgave.
        asymmetric: Pairs judged otherwise the other way round.
    """

    pairs: Mapping[str, int]
    forgiven: Sequence[Forgiven]
    asymmetric: Sequence[tuple[str, str]]

    def forgiven_of(self, relation: str) -> int:
        """How many pairs of a relation were forgiven."""
        return sum(each.relation == relation for each in self.forgiven)

    def false_forgiveness(self, relation: str) -> float:
        """Share of the near pairs of a relation that were forgiven."""
        return self.forgiven_of(relation) / (self.pairs.get(relation, 0) or 1)


def audit_lexicon(judge: Judge, limit: int | None = None, seed: int = SEED) -> LexiconAudit:
    """Judge near pairs of different words of the lexicon, both ways round.

    Args:
        limit: Judge a random sample of so many pairs; None for all.
    """
    near = near_pairs(judge.lang.name)
    pairs = sorted(near)
    if limit is not None and limit < len(pairs):
        pairs = sorted(random.Random(seed).sample(pairs, limit))
    forgiven: list[Forgiven] = []
    asymmetric: list[tuple[str, str]] = []
    for left, right in pairs:
        verdict, reverse = judge.judge(left, right), judge.judge(right, left)
        if verdict.verdict != "modeling":
            forgiven.append(Forgiven(near[left, right], left, right, verdict))
        if not _same(verdict, reverse):
            asymmetric.append((left, right))
    forgiven.sort(key=lambda each: (each.relation, -each.verdict.probability, each.reference))
    return LexiconAudit(Counter(near[pair] for pair in pairs), forgiven, asymmetric)


@cache
def near_pairs(lang: str) -> Mapping[tuple[str, str], Relation]:
    """Pairs of forms of different words, and how they are related.

    Words that share a form (night and knight, both नाइट), a pronunciation, or all but spaces and
    hyphens are the same to the ear, and are left out.
    """
    lexicon = load(lang)
    forms: dict[int, list[str]] = defaultdict(list)
    for form, ids in lexicon.forms():
        for each in ids:
            forms[each].append(form)
    found: dict[tuple[str, str], Relation] = dict.fromkeys(lexicon.look_alikes(), "same script")
    for one, other in _neighbours(form for form, _ in lexicon.forms()):
        left, right = lexicon.concepts(one), lexicon.concepts(other)
        if any(_alike(lexicon, forms, *pair) for pair in product(left, right)):
            continue
        found[one, other] = "same script"
        for word, concepts in ((one, right), (other, left)):
            for each in concepts:
                for form in forms[each]:
                    if tokens.script(form) != tokens.script(word):
                        romanized = lexicon.concept(each).romanized
                        latin_is_other = tokens.script(form) == LATIN
                        english = not (romanized if latin_is_other else _romanized(lexicon, word))
                        found[word, form] = "english" if english else "romanization"
    return found


def _romanized(lexicon: Lexicon, form: str) -> bool:
    return any(lexicon.concept(each).romanized for each in lexicon.concepts(form))


def _alike(lexicon: Lexicon, forms: Mapping[int, Sequence[str]], left: int, right: int) -> bool:
    """Whether two concepts sound the same for all that is known."""
    if left == right or {*map(_bare, forms[left])} & {*map(_bare, forms[right])}:
        return True
    spoken = [
        {sounds for form in forms[each] for sounds in pronunciations(form)}
        for each in (left, right)
        if not lexicon.concept(each).romanized
    ]
    return len(spoken) == 2 and bool(spoken[0] & spoken[1])


def _bare(form: str) -> str:
    return form.replace(" ", "").replace("-", "")


def _neighbours(forms: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of forms of one script that differ by one inserted, lost or changed character."""
    shortened: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for form in sorted(forms):
        if len(form) > 1:
            script = tokens.script(form)
            for variant in {form, *(form[:at] + form[at + 1 :] for at in range(len(form)))}:
                shortened[script, variant].append(form)
    seen: set[tuple[str, str]] = set()
    for group in shortened.values():
        for place, one in enumerate(group):
            for other in group[place + 1 :]:
                if (one, other) not in seen:
                    seen.add((one, other))
                    yield one, other


def _same(verdict: Verdict, reverse: Verdict) -> bool:
    return (verdict.verdict, verdict.kind) == (reverse.verdict, reverse.kind) and (
        abs(verdict.probability - reverse.probability) < 1e-9
    )


# --- the verdicts of a run --------------------------------------------------------------------


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
            if not utterance.edits:
                continue
            words, heard = tokens.split(utterance.reference), tokens.split(utterance.hypothesis)
            for edit in utterance.edits:
                left = " ".join(words[slice(*edit.reference)])
                right = " ".join(heard[slice(*edit.hypothesis)])
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


# --- the annotation sheet ---------------------------------------------------------------------


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


def agreement(pairs: Sequence[Judged], seed: int = SEED) -> Agreement:
    """Compare the judge with the answers of a sheet; intervals are bootstrapped over its edits.

    Raises:
        InputError: No pair has an answer.
    """
    answered = [pair for pair in pairs if pair.answer]
    if not answered:
        raise InputError("no pair has a verdict", remedy="Fill the first column of the sheet")
    halves = [
        [
            (pair.answer == "rendering", pair.of)
            for pair in answered
            if pair.verdict.verdict == said
            for _ in range(pair.count)
        ]
        for said in _SAID
    ]
    chance = random.Random(seed)
    precisions, recalls = [], []
    for _ in range(_SAMPLES):
        precision, recall = _rates([chance.choices(half, k=len(half)) for half in halves])
        precisions.append(precision)
        recalls.append(recall)
    precision, recall = _rates(halves)
    return Agreement(
        annotated=sum(map(len, halves)),
        precision=_estimate(precision, precisions),
        recall=_estimate(recall, recalls),
        corrections=[pair for pair in answered if pair.answer != pair.verdict.verdict],
    )


def _rates(halves: Sequence[Sequence[tuple[bool, int]]]) -> tuple[float, float]:
    """Precision and recall; 1 where there is nothing to be wrong about."""
    renderings = [
        sum(right for right, _ in half) / len(half) * max(half[0][1], 1) if half else 0.0
        for half in halves
    ]
    found, missed = renderings
    forgiven = halves[0]
    precision = sum(right for right, _ in forgiven) / len(forgiven) if forgiven else 1.0
    return precision, found / (found + missed) if found + missed else 1.0


def _estimate(value: float, drawn: list[float]) -> Estimate:
    ordered = sorted(drawn)
    return Estimate(value, ordered[int(0.025 * len(ordered))], ordered[int(0.975 * len(ordered))])


def write_corrections(corrections: Iterable[Judged], path: str | Path) -> None:
    """Write what a person said otherwise as a user lexicon (`cswitch.lexicon.UserLexicon`)."""
    with atomic_write(path) as out:
        for pair in corrections:
            word = "accept" if pair.answer == "rendering" else "reject"
            out.write(f"{word}\t{pair.reference}\t{pair.hypothesis}\n")
