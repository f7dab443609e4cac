"""Static interpolation: several corpora, one model, weights that suit a sample of the use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from cswitch.errors import InputError
from cswitch.lm.counts import Ids, Vocabulary, count
from cswitch.lm.kneser_ney import estimate, make_keys
from cswitch.lm.ngrams import Floats, Index, NGrams, Table, find

_ROUNDS = 100
_STILL = 1e-5


def build(
    corpora: Sequence[Iterable[Sequence[str]]],
    order: int = 3,
    *,
    prune: Sequence[int] = (),
    limit: int | None = None,
    tune: Sequence[Sequence[str]] = (),
) -> NGrams:
    """A model of one corpus, or a mixture of the models of several.

    Args:
        corpora: Sentences of words, one iterable for each corpus.
        order: Length of the longest n-grams, 1 to 6.
        prune: Counts up to which n-grams are left out, for lengths 1, 2, ….
        limit: At most so many words; not for several corpora.
        tune: Sentences like those the model is for; they set the weights of the corpora.

    Raises:
        InputError: The order or the thresholds make no sense, a corpus has no words, or several
            corpora come without sentences to tune on, or with a limit.
    """
    if not 1 <= order <= 6:
        raise InputError(f"order {order} is not between 1 and 6", remedy="3 or 4 is usual")
    vocabulary = Vocabulary()
    counts = [count(corpus, order, vocabulary) for corpus in corpora]
    if len(counts) == 1:
        return estimate(counts[0], vocabulary.words, prune=prune, limit=limit)
    if not tune or limit is not None:
        raise InputError(
            "a mixture needs text to tune its weights on, and takes no vocabulary limit",
            remedy="Give --tune TEXT, or one corpus",
        )
    models = [estimate(one, vocabulary.words, prune=prune) for one in counts]
    return mix(models, weights(models, tune))


def weights(models: Sequence[NGrams], sentences: Iterable[Sequence[str]]) -> Floats:
    """Weights under which a mixture of models gives a text the highest probability.

    Expectation maximization (Jelinek & Mercer 1980): a model's new weight is its mean share in
    the probability of a word. Words that no model knows are passed over.

    Raises:
        InputError: There are no sentences.
    """
    unknown = models[0].words[0]
    known = set(models[0].words)
    columns = []
    for sentence in sentences:
        logs = np.stack([model.sentence(sentence) for model in models])
        heard = [word in known and word != unknown for word in sentence]
        columns.append(logs[:, [*heard, True]])
    if not columns:
        raise InputError("there is no text to tune on", remedy="Give a text with words")
    p = np.exp(np.concatenate(columns, axis=1))
    current: Floats = np.full(len(models), 1.0 / len(models))
    for _ in range(_ROUNDS):
        joint = current[:, None] * p
        before, current = current, (joint / joint.sum(axis=0)).mean(axis=1)
        if np.abs(current - before).max() < _STILL:
            break
    return current


def mix(models: Sequence[NGrams], weights: Floats) -> NGrams:
    """The weighted mean of models over one vocabulary, as a back-off model.

    It has the n-grams of all of them, with the mean of their probabilities; back-off weights are
    what makes each history sum to one.
    """
    words = models[0].words
    size = len(words)
    rows: list[Ids] = []
    logs: list[Floats] = []
    for length in range(1, models[0].order + 1):
        level = np.concatenate([model.tables[length - 1].rows for model in models])
        level = np.unique(level[:, ::-1], axis=0)[:, ::-1]
        p = sum(w * np.exp(m.score(level)) for w, m in zip(weights, models, strict=True))
        rows.append(level)
        with np.errstate(divide="ignore"):
            logs.append(np.log(p))
    keys = make_keys(rows, size)
    backoffs = [
        _backoffs(rows[length], keys, logs, len(rows[length - 1]), size)
        for length in range(1, len(rows))
    ]
    backoffs.append(np.zeros(len(rows[-1])))
    values = zip(rows, keys, logs, backoffs, strict=True)
    return NGrams(words, tuple(Table(*value) for value in values))


def _backoffs(
    level: Ids, keys: Sequence[Index], logs: Sequence[Floats], number: int, size: int
) -> Floats:
    """For each history: what its n-grams leave over, shared out as after the shorter history."""
    length = level.shape[1]
    histories = find(keys[: length - 1], size, level[:, :-1])
    endings = keys[length - 1] // size
    seen = np.bincount(histories, np.exp(logs[length - 1]), number)
    covered = np.bincount(histories, np.exp(logs[length - 2])[endings], number)
    left = np.maximum(1.0 - seen, 1e-12)
    share = np.maximum(1.0 - covered, 1e-12)
    weights: Floats = np.log(left) - np.log(share)
    return weights
