"""Estimation of pair models: the n-gram from most pairs, its calibration from the others."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

import numpy as np
import regex
from numpy.typing import NDArray

from cswitch.errors import InputError
from cswitch.spelling import _pairs
from cswitch.spelling.pairs import (
    ALIKE,
    CHANCE,
    FEATURES,
    Header,
    PairModel,
    latin_letters,
    native_letters,
)
from cswitch.spelling.pronunciation import pronunciations

Pair = tuple[str, str]
Counted = tuple[str, str, int]
# Features of matches, of near pairs and of random pairs.
Sample = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

_ITERATIONS = 6
_LEAST_UNIT = 5.0  # expected occurrences of a unit worth keeping
_WRONG = 0.01  # share of the pairs that fit worst: taken for wrong and left out
_CUT = 1.0  # how much an n-gram must tell to be kept, in nats over all the pairs
_WORD_CUT = 4.0  # the same in a model of words alone
_HELD_OUT = 10  # one native word in so many calibrates
_MOST_REPEATED = 3  # a pair counts so often at most
_SMALLEST = 200
_SEED = 1
_SHORTEST = 3  # letters of an English word to learn its sounds from
_MOST_PRONUNCIATIONS = 4
_WORDS = regex.compile(r"[a-z']+")
# How much each pair of a group weighs. Whoever looks alike is asked about first of all; a pair met
# by chance tells what no rendering is.
_WEIGHTS = {ALIKE: (1.0, 1.0, 3.0), CHANCE: (1.0, 0.0, 1.0)}
_RIDGE = 1e-3
_LEAST_NEAR = 0.07  # near misses for each match, at least: few pairs have few neighbours


def lettered(counted: Iterable[Counted]) -> Iterator[Counted]:
    """Pairs of words as pairs of letters."""
    for native, latin, count in counted:
        yield native_letters(native), latin_letters(latin), count


def sounded(counted: Iterable[Counted]) -> Iterator[Counted]:
    """The pairs whose Latin words are in the English dictionary, with their sounds.

    Short words are left out: many a romanized word looks like one.
    """
    for native, latin, count in counted:
        spoken = [pronunciations(word) for word in _WORDS.findall(latin.lower())]
        if len(latin) >= _SHORTEST and spoken and all(spoken):
            for sounds in islice(product(*spoken), _MOST_PRONUNCIATIONS):
                yield native_letters(native), "".join(sounds), count


def fit(
    counted: Iterable[Counted],
    title: str,
    source: str,
    licence: str,
    order: int = 5,
    features: Sequence[str] = FEATURES,
    mined: Iterable[Counted] = (),
    people: Sequence[tuple[PairModel, Iterable[Counted]]] = (),
) -> PairModel:
    """Estimate and calibrate a model from ``(native, latin, count)``.

    The calibration looks at ``features``: `PLAIN_FEATURES` where the model will meet words unlike
    those it was estimated from. Words must be as `lettered` or `sounded` makes them.

    Pairs that were mined are more regular than what people write. Those in ``mined`` do not
    calibrate. Where there are no others, ``people`` has models of other languages with pairs that
    people wrote: those that such a model has not seen calibrate, too.

    Raises:
        InputError: There are too few pairs.
    """
    counts = _counts(counted)
    if len(counts) < _SMALLEST:
        raise InputError(
            f"{len(counts)} pairs are too few for a model",
            remedy=f"Give at least {_SMALLEST} pairs of different words",
        )
    every = _counts(mined, counts)
    repeated = [
        pair
        for pair, count in every.items()
        if not _held_out(pair[0])
        for _ in range(min(count, _MOST_REPEATED))
    ]
    payload = _pairs.estimate(repeated, order, _ITERATIONS, _LEAST_UNIT, _WRONG, _CUT)
    plain = PairModel(Header(title, source, licence, order, {}), payload)
    samples = [
        _sample(plain, counts, every),
        *(_sample(one, _counts(pairs)) for one, pairs in people),
    ]
    calibration = _calibrate(samples, features)
    return PairModel(Header(title, source, licence, order, calibration), payload)


def fit_words(
    words: Iterable[tuple[str, int]], title: str, source: str, licence: str, order: int = 6
) -> PairModel:
    """Estimate how likely words are by their letters, from words and their counts.

    The model has nothing on its Latin side; `PairModel.spelled` asks it.

    Raises:
        InputError: There are too few words.
    """
    counts: dict[str, int] = defaultdict(int)
    for word, count in words:
        if word:
            counts[word] += count
    if len(counts) < _SMALLEST:
        raise InputError(
            f"{len(counts)} words are too few for a model",
            remedy=f"Give at least {_SMALLEST} different words",
        )
    repeated = [(word, "") for word in sorted(counts) for _ in range(counts[word])]
    payload = _pairs.estimate(repeated, order, 1, _LEAST_UNIT, 0.0, _WORD_CUT)
    return PairModel(Header(title, source, licence, order, {}), payload)


def negatives(pairs: Sequence[Pair], known: Iterable[Pair]) -> tuple[list[Pair], list[Pair]]:
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
    chance = random.Random(_SEED)
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


def _counts(counted: Iterable[Counted], first: Mapping[Pair, int] | None = None) -> dict[Pair, int]:
    counts: dict[Pair, int] = defaultdict(int, first or {})
    for native, latin, count in counted:
        if native and latin:
            counts[native, latin] += count
    return counts


def _sample(model: PairModel, pairs: Collection[Pair], known: Iterable[Pair] = ()) -> Sample:
    """What a model says of pairs it has not seen, and of wrong ones made from them."""
    matches = [pair for pair in pairs if _held_out(pair[0])]
    near, far = negatives(matches, [*pairs, *known])
    one, other, another = (
        np.array([model.features(*pair) for pair in group]).reshape(-1, len(FEATURES))
        for group in (matches, near, far)
    )
    return one, other, another


def _calibrate(samples: Sequence[Sample], features: Sequence[str]) -> dict[str, dict[str, float]]:
    own = samples[0]
    share = max(_LEAST_NEAR, len(own[1]) / max(1, len(own[0])))
    groups = [group for sample in samples for group in sample]
    values = np.concatenate(groups)[:, [FEATURES.index(name) for name in features]]
    target = _spread([1.0, 0.0, 0.0] * len(samples), groups)
    usual = [
        weight
        for sample in samples
        for weight in (1.0, share * len(sample[0]) / max(1, len(sample[1])), 1.0)
    ]
    calibration = {}
    for name, weights in _WEIGHTS.items():
        weight = _spread([*weights] * len(samples), groups)
        found = _logistic(values, target, weight, _RIDGE)
        if name == ALIKE:  # which pairs are worse than others is settled, how sure to be is not
            logits = values @ found[:-1] + found[-1]
            found[-1] += _shift(logits, target, _spread(usual, groups))
        terms = zip((*features, "bias"), found, strict=True)
        calibration[name] = {term: round(float(value), 5) for term, value in terms}
    return calibration


def _spread(numbers: Sequence[float], groups: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """One number for each row of each group."""
    return np.repeat(np.array(numbers), [len(group) for group in groups])


def _shift(
    logits: NDArray[np.float64], target: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    """What to add to logits so that they are right on average."""
    low, high = -10.0, 10.0
    for _ in range(40):
        middle = (low + high) / 2
        chance = 1 / (1 + np.exp(-np.clip(logits + middle, -30, 30)))
        low, high = (low, middle) if weight @ (chance - target) > 0 else (middle, high)
    return (low + high) / 2


def _logistic(
    inputs: NDArray[np.float64],
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
    ridge: float,
) -> NDArray[np.float64]:
    """Weights and bias of a ridge logistic regression, by Newton's method."""
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
    columns = np.hstack([(inputs - mean) / scale, np.ones((len(inputs), 1))])
    penalty = ridge * weight.sum() * np.eye(columns.shape[1])
    penalty[-1, -1] = 0
    solution = np.zeros(columns.shape[1])
    for _ in range(25):
        chance = 1 / (1 + np.exp(-np.clip(columns @ solution, -30, 30)))
        gradient = columns.T @ (weight * (chance - target)) + penalty @ solution
        curvature = (columns.T * (weight * chance * (1 - chance))) @ columns + penalty
        solution = solution - np.linalg.solve(curvature, gradient)
    slopes = solution[:-1] / scale
    return np.append(slopes, solution[-1] - slopes @ mean)
