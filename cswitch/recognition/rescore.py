"""Rescore n-best lists in canonical space: new language models, tuned weights, least risk.

The total score of a hypothesis is the weighted sum of its features: the scores its recognizer
gave, the log-probability by each language model, the number of words, and how many of them a
language model does not know. Hypotheses that are renderings of one another are one: their
probabilities add, and the best of them is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cswitch import tokens
from cswitch.errors import InputError
from cswitch.recognition import tuning
from cswitch.recognition.decode import LanguageModel, sentence_score
from cswitch.recognition.nbest import Hypothesis, NBest
from cswitch.recognition.tuning import Weights

WORDS, UNKNOWN = "words", "unknown"
TOTAL = "score"
RISK = "risk"
_FIRST_PASS_LM = "lm"
_LM_WEIGHT, _WORD_WEIGHT, _UNKNOWN_WEIGHT = 0.5, 1.0, -5.0

Words = Callable[[str], Sequence[str]]
Errors = Callable[[str, str], int]


class Rescorer:
    """Gives hypotheses new scores.

    Args:
        lms: Language models by name.
        words: Splits a text into the words that they score, `Canonicalizer.line` for canonical
            space; texts with the same words are renderings of one another.
        weights: Weights by feature; those that are missing get a usual value.
        surface_lms: Language models of words as they are written.

    >>> entry = NBest("a", (Hypothesis("x", {"score": -1.0}), Hypothesis("x y", {"score": -1.5})))
    >>> Rescorer({}, weights={"words": 1.0}).rescore(entry).hypotheses[0].text
    'x y'
    """

    def __init__(
        self,
        lms: Mapping[str, LanguageModel],
        words: Words = tokens.split,
        weights: Mapping[str, float] | None = None,
        surface_lms: Mapping[str, LanguageModel] | None = None,
    ) -> None:
        self._words = words
        self._lms = {name: (lm, words) for name, lm in lms.items()}
        self._lms |= {name: (lm, tokens.split) for name, lm in (surface_lms or {}).items()}
        self._weights = dict(weights or {})

    def features(self, entry: NBest) -> list[dict[str, float]]:
        """The features of each hypothesis of a list, the same ones for all.

        Raises:
            InputError: Hypotheses of one list have different scores.
        """
        names = {frozenset(one.scores) for one in entry.hypotheses}
        if len(names) > 1:
            raise InputError(
                f"hypotheses of '{entry.id}' have different scores",
                remedy="Give every hypothesis of a list the same scores",
            )
        return [self._of(one) for one in entry.hypotheses]

    def weights(self, features: Iterable[str]) -> Weights:
        """The weights of features, the usual ones for those that have none."""
        return {name: self._weights.get(name, self._usual(name)) for name in features}

    def rescore(self, entry: NBest) -> NBest:
        """The list in its new order, with all features and the total as ``score``."""
        features = self.features(entry)
        rated: dict[tuple[str, ...], list[tuple[float, Hypothesis]]] = {}
        for one, values in zip(entry.hypotheses, features, strict=True):
            weights = self.weights(values)
            total = sum(weights[name] * value for name, value in values.items())
            better = Hypothesis(one.text, {**values, TOTAL: total}, one.words)
            rated.setdefault(tuple(self._words(one.text)), []).append((total, better))
        merged = [_merge(group) for group in rated.values()]
        merged.sort(key=lambda one: -one.scores[TOTAL])
        return NBest(entry.id, tuple(merged), entry.reference)

    def tune(self, entries: Sequence[NBest], errors: Errors) -> tuple[Weights, int, int]:
        """Weights that make few errors on a development set, and the errors before and after.

        Args:
            entries: N-best lists with references.
            errors: Counts the errors of a hypothesis, given the reference and it.

        Raises:
            InputError: A list has no reference, or no list has hypotheses.
        """
        missing = next((entry.id for entry in entries if entry.reference is None), None)
        if missing is not None:
            raise InputError(
                f"there is no reference for '{missing}'",
                remedy="Give --references with a line for each utterance",
            )
        spoken = [entry for entry in entries if entry.hypotheses]
        if not spoken:
            raise InputError(
                "there is no hypothesis to tune on", remedy="Give lists that have some"
            )
        table = _Table.of(spoken, [self.features(entry) for entry in spoken], errors)
        start = self.weights(table.names)
        # One weight sets the scale and is left alone.
        anchor = next((one for one in ("acoustic", TOTAL) if one in table.names), table.names[0])
        steps = {name: 0.5 for name in table.names if name != anchor}
        found, least = min(
            (
                tuning.pattern_search(table.cost, one, steps, halvings=4)
                for one in (start, *table.first_pass(anchor))
            ),
            key=lambda one: one[1],
        )
        return found, int(table.cost(start)), int(least)

    def _of(self, hypothesis: Hypothesis) -> dict[str, float]:
        words = self._words(hypothesis.text)
        values = {name: value for name, value in hypothesis.scores.items() if name != RISK}
        if len(values) > 1:
            # The total of the first pass is made of the others.
            values.pop(TOTAL, None)
        unknown = 0
        for name, (lm, split) in self._lms.items():
            spoken = split(hypothesis.text)
            values[name] = sentence_score(lm, spoken)
            unknown += sum(word not in lm for word in spoken)
        values[WORDS] = float(len(words))
        if self._lms:
            # On average, so that several models weigh what one does.
            values[UNKNOWN] = unknown / len(self._lms)
        return values

    def _usual(self, name: str) -> float:
        if name == WORDS:
            return _WORD_WEIGHT if self._lms else 0.0
        if name == UNKNOWN:
            return _UNKNOWN_WEIGHT
        if name in self._lms:
            return _LM_WEIGHT / len(self._lms)
        return 0.0 if name == _FIRST_PASS_LM and self._lms else 1.0


def least_risk(entry: NBest, errors: Errors, scale: float = 1.0) -> NBest:
    """The list sorted by expected errors: minimum Bayes risk (Goel & Byrne 2000).

    Each hypothesis is compared with all as if they were the reference, weighted by their
    posterior probability.

    Args:
        entry: A list with total scores.
        errors: Counts the errors of a hypothesis, given the reference and it.
        scale: Sharpens (above 1) or flattens (below 1) the posterior.
    """
    hypotheses = entry.hypotheses
    if len(hypotheses) < 2:
        return entry
    logs = scale * np.array([one.scores[TOTAL] for one in hypotheses])
    posterior = np.exp(logs - np.logaddexp.reduce(logs))
    risks = [
        sum(
            p * errors(other.text, one.text) for p, other in zip(posterior, hypotheses, strict=True)
        )
        for one in hypotheses
    ]
    rated = [
        Hypothesis(one.text, {**one.scores, RISK: float(risk)}, one.words)
        for one, risk in zip(hypotheses, risks, strict=True)
    ]
    rated.sort(key=lambda one: (one.scores[RISK], -one.scores[TOTAL]))
    return NBest(entry.id, tuple(rated), entry.reference)


def _merge(group: list[tuple[float, Hypothesis]]) -> Hypothesis:
    _, best = max(group, key=lambda pair: pair[0])
    total = float(np.logaddexp.reduce([score for score, _ in group]))
    return Hypothesis(best.text, {**best.scores, TOTAL: total}, best.words)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The features and the errors of all hypotheses of a development set.

    Attributes:
        names: The features.
        values: Lists × hypotheses × features.
        errors: Lists × hypotheses.
        there: Which hypotheses there are: lists may be shorter than the longest.
        totals: What the recognizer itself thought of each hypothesis.
    """

    names: list[str]
    values: NDArray[np.float64]
    errors: NDArray[np.int64]
    there: NDArray[np.bool_]
    totals: list[float | None]

    @classmethod
    def of(
        cls, entries: Sequence[NBest], features: Sequence[Sequence[Weights]], errors: Errors
    ) -> _Table:
        names = sorted({name for rows in features for row in rows for name in row})
        shape = len(entries), max(map(len, features))
        table = cls(
            names,
            np.zeros((*shape, len(names))),
            np.zeros(shape, dtype=np.int64),
            np.zeros(shape, dtype=bool),
            [one.scores.get(TOTAL) for entry in entries for one in entry.hypotheses],
        )
        for i, (entry, rows) in enumerate(zip(entries, features, strict=True)):
            for j, (one, row) in enumerate(zip(entry.hypotheses, rows, strict=True)):
                table.values[i, j] = [row.get(name, 0.0) for name in names]
                table.errors[i, j] = errors(entry.reference or "", one.text)
                table.there[i, j] = True
        return table

    def cost(self, weights: Weights) -> float:
        """The errors of the hypotheses that some weights choose."""
        weighted = self.values @ np.array([weights[name] for name in self.names])
        chosen = np.where(self.there, weighted, -np.inf).argmax(axis=1)
        return float(self.errors[np.arange(len(self.errors)), chosen].sum())

    def first_pass(self, anchor: str) -> Iterator[Weights]:
        """The weights of the recognizer itself, whose total is a weighted sum of its parts.

        To begin there too keeps the search from ending worse than the lists were.
        """
        if TOTAL in self.names or None in self.totals:
            return
        totals = np.array(self.totals, dtype=np.float64)
        found, *_ = np.linalg.lstsq(self.values[self.there], totals, rcond=None)
        scale = found[self.names.index(anchor)]
        if scale > 0:
            yield dict(zip(self.names, (found / scale).tolist(), strict=True))
