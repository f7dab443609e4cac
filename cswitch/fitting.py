"""Estimation of pair models: the n-gram from most pairs, its calibration from the others."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cswitch import _pairs
from cswitch.errors import InputError
from cswitch.pairs import FEATURES, Header, PairModel

Pair = tuple[str, str]

_ITERATIONS = 6
_LEAST_UNIT = 5.0  # expected occurrences of a unit worth keeping
_WRONG = 0.01  # share of the pairs that fit worst: taken for wrong and left out
_CUT = 2.0  # how much an n-gram must tell to be kept, in nats over all the pairs
_HELD_OUT = 10  # one native word in so many calibrates
_MOST_REPEATED = 3  # a pair counts so often at most
_SMALLEST = 200
# A random pair is common and easy, a pair one letter apart rare and hard; half of the latter are
# in truth spellings that nobody happened to attest.
_WEIGHTS = {"match": 1.0, "near": 0.5, "random": 1.0}
_RIDGE = 1e-3


def fit(
    counted: Iterable[tuple[str, str, int]],
    title: str,
    source: str,
    licence: str,
    order: int = 4,
) -> PairModel:
    """Estimate and calibrate a model from ``(native, latin, count)``.

    Words must be as `cswitch.pairs.native_letters` and `latin_letters` make them.

    Raises:
        InputError: There are too few pairs.
    """
    counts: dict[Pair, int] = defaultdict(int)
    for native, latin, count in counted:
        if native and latin:
            counts[native, latin] += count
    if len(counts) < _SMALLEST:
        raise InputError(
            f"{len(counts)} pairs are too few for a model",
            remedy=f"Give at least {_SMALLEST} pairs of different words",
        )
    seen = [pair for pair in counts if not _held_out(pair[0])]
    unseen = [pair for pair in counts if _held_out(pair[0])]
    repeated = [pair for pair in seen for _ in range(min(counts[pair], _MOST_REPEATED))]
    payload = _pairs.estimate(repeated, order, _ITERATIONS, _LEAST_UNIT, _WRONG, _CUT)
    plain = PairModel(Header(title, source, licence, order, {}), payload)
    calibration = _calibrate(plain, unseen, list(counts))
    return PairModel(Header(title, source, licence, order, calibration), payload)


def negatives(pairs: Sequence[Pair], known: Iterable[Pair], seed: int = 1) -> tuple[
    list[Pair], list[Pair]
]:
    """Wrong partners for the native words of some pairs.

    Returns:
        For each pair, the native word with an attested Latin word one letter away from the right
        one (where there is one), and with a random one.
    """
    attested: dict[str, set[str]] = defaultdict(set)
    for native, latin in [*known, *pairs]:
        attested[native].add(latin)
    vocabulary = {latin for words in attested.values() for latin in words}
    everyone = sorted({latin for _, latin in pairs})
    near, far = [], []
    chance = random.Random(seed)
    for native, latin in pairs:
        neighbours = sorted(
            word for word in _one_letter_away(latin)
            if word in vocabulary and word not in attested[native]
        )
        if neighbours:
            near.append((native, chance.choice(neighbours)))
        stranger = chance.choice(everyone)
        if stranger not in attested[native]:
            far.append((native, stranger))
    return near, far


def _held_out(native: str) -> bool:
    return hashlib.sha256(native.encode()).digest()[0] % _HELD_OUT == 0


def _one_letter_away(word: str) -> set[str]:
    letters = set(word) | set("aeiouhnrsty") if word.islower() else set(word) | set("DRVX]^`g")
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    away = {left + right[1:] for left, right in cuts if right}
    away |= {left + letter + right for left, right in cuts for letter in letters}
    away |= {left + letter + right[1:] for left, right in cuts if right for letter in letters}
    return away - {word}


def _calibrate(model: PairModel, matches: list[Pair], known: list[Pair]) -> dict[str, float]:
    near, far = negatives(matches, known)
    groups = {"match": matches, "near": near, "random": far}
    values = np.array([model.features(*pair) for group in groups.values() for pair in group])
    sizes = [len(group) for group in groups.values()]
    weight = np.repeat([_WEIGHTS[name] for name in groups], sizes)
    target = np.repeat([name == "match" for name in groups], sizes)
    inputs = np.hstack([values, np.sqrt(values)])
    weights = _logistic(inputs, target.astype(float), weight)
    terms = [*FEATURES, *(f"{name}^½" for name in FEATURES), "bias"]
    return {name: round(float(value), 5) for name, value in zip(terms, weights, strict=True)}


def _logistic(
    inputs: NDArray[np.float64], target: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights and bias of a ridge logistic regression, by Newton's method."""
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
    columns = np.hstack([(inputs - mean) / scale, np.ones((len(inputs), 1))])
    penalty = _RIDGE * weight.sum() * np.eye(columns.shape[1])
    penalty[-1, -1] = 0
    solution = np.zeros(columns.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-columns @ solution))
        gradient = columns.T @ (weight * (chance - target)) + penalty @ solution
        curvature = (columns.T * (weight * chance * (1 - chance))) @ columns + penalty
        solution = solution - np.linalg.solve(curvature, gradient)
    slopes = solution[:-1] / scale
    return np.append(slopes, solution[-1] - slopes @ mean)
