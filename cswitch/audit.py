"""The judge examined on its own lexicon: does it forgive different words, is it symmetric?

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
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal

from cswitch import tokens
from cswitch.judge import Judge, Verdict
from cswitch.languages import LATIN
from cswitch.lexicon import Lexicon, load
from cswitch.spelling.pronunciation import pronunciations

Relation = Literal["same script", "english", "romanization"]

RELATIONS: tuple[Relation, ...] = ("same script", "english", "romanization")
SEED = 12345


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
