"""Estimation of pair models: the n-gram from most pairs, its calibration from the others."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

import numpy as np
import regex
from numpy.typing import NDArray

from cswitch import _pairs
from cswitch.errors import InputError
from cswitch.pairs import FEATURES, Header, PairModel, latin_letters, native_letters
from cswitch.pronunciation import pronunciations

Pair = tuple[str, str]

_ITERATIONS = 6
_LEAST_UNIT = 5.0  # expected occurrences of a unit worth keeping
_WRONG = 0.01  # share of the pairs that fit worst: taken for wrong and left out
_CUT = 2.0  # how much an n-gram must tell to be kept, in nats over all the pairs
_HELD_OUT = 10  # one native word in so many calibrates
_MOST_REPEATED = 3  # a pair counts so often at most
_SMALLEST = 200
_SHORTEST = 3  # letters of an English word to learn its sounds from
_MOST_PRONUNCIATIONS = 4
_WORDS = regex.compile(r"[a-z']+")
# How much each pair of a group weighs: most wrong pairs that a judge sees are far apart.
_WEIGHTS = {"match": 1.0, "near": 1.0, "random": 3.0}
_RIDGE = 1e-3


def lettered(counted: Iterable[tuple[str, str, int]]) -> Iterator[tuple[str, str, int]]:
    """Pairs of words as pairs of letters."""
    for native, latin, count in counted:
        yield native_letters(native), latin_letters(latin), count


def sounded(counted: Iterable[tuple[str, str, int]]) -> Iterator[tuple[str, str, int]]:
    """The pairs whose Latin words are in the English dictionary, with their sounds.

    Short words are left out: many a romanized word looks like one.
    """
    for native, latin, count in counted:
        spoken = [pronunciations(word) for word in _WORDS.findall(latin.lower())]
        if len(latin) >= _SHORTEST and spoken and all(spoken):
            for sounds in islice(product(*spoken), _MOST_PRONUNCIATIONS):
                yield native_letters(native), "".join(sounds), count


def fit(
    counted: Iterable[tuple[str, str, int]],
    title: str,
    source: str,
    licence: str,
    order: int = 4,
    features: Sequence[str] = FEATURES,
) -> PairModel:
    """Estimate and calibrate a model from ``(native, latin, count)``.

    The calibration looks at ``features``: `PLAIN_FEATURES` where the model will meet words unlike
    those it was estimated from. Words must be as `lettered` or `sounded` makes them.

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
    calibration = _calibrate(plain, unseen, list(counts), features)
    return PairModel(Header(title, source, licence, order, calibration), payload)


def negatives(
    pairs: Sequence[Pair], known: Iterable[Pair], seed: int = 1
) -> tuple[list[Pair], list[Pair]]:
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
            word
            for word in _one_letter_away(latin)
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


def _calibrate(
    model: PairModel, matches: list[Pair], known: list[Pair], features: Sequence[str]
) -> dict[str, float]:
    near, far = negatives(matches, known)
    groups = {"match": matches, "near": near, "random": far}
    values = np.array([model.features(*pair) for group in groups.values() for pair in group])
    sizes = [len(group) for group in groups.values()]
    weight = np.repeat([_WEIGHTS[name] for name in groups], sizes)
    target = np.repeat([float(name == "match") for name in groups], sizes)
    weights = _logistic(values[:, [FEATURES.index(name) for name in features]], target, weight)
    terms = (*features, "bias")
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
        chance = 1 / (1 + np.exp(-np.clip(columns @ solution, -30, 30)))
        gradient = columns.T @ (weight * (chance - target)) + penalty @ solution
        curvature = (columns.T * (weight * chance * (1 - chance))) @ columns + penalty
        solution = solution - np.linalg.solve(curvature, gradient)
    slopes = solution[:-1] / scale
    return np.append(slopes, solution[-1] - slopes @ mean)
