"""The weights of a decoder by their names: put to use, and tuned on development data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from cswitch.errors import InputError
from cswitch.recognition.adjust import Adjustment
from cswitch.recognition.decode import Decoder, Options
from cswitch.recognition.posteriors import Posteriors
from cswitch.recognition.tuning import Weights, pattern_search

GAMMA = "gamma"
# The first steps of tuning, and the weights that may not be negative.
_STEPS = {"lm_weight": 0.25, "word_bonus": 0.5, "unknown_offset": 2.0, GAMMA: 0.25}
_LOWEST = {"lm_weight": 0.0, GAMMA: 0.0}
_HALVINGS = 2


def weighted(
    weights: Mapping[str, float], options: Options, adjustment: Adjustment
) -> tuple[Options, Adjustment]:
    """Options and adjustment with some weights in place of theirs.

    Raises:
        InputError: No weight has such a name, or a weight is negative that may not be.

    >>> options, adjustment = weighted({"gamma": 1.0, "word_bonus": 2.0}, Options(), Adjustment())
    >>> options.word_bonus, adjustment.gamma
    (2.0, 1.0)
    """
    for name, value in weights.items():
        if name not in _STEPS:
            raise InputError(
                f"a decoder has no weight '{name}'", remedy=f"It has {', '.join(_STEPS)}"
            )
        if value < _LOWEST.get(name, value):
            raise InputError(f"the weight '{name}' is negative", remedy="Give 0 or more")
    own = {name: value for name, value in weights.items() if name != GAMMA}
    gamma = weights.get(GAMMA, adjustment.gamma)
    return replace(options, **own), replace(adjustment, gamma=gamma)  # type: ignore[arg-type]


def tune(
    decoder: Decoder,
    utterances: Sequence[Posteriors],
    references: Mapping[str, str],
    errors: Callable[[str, str], int],
    progress: Callable[[int], None] = lambda tried: None,
) -> tuple[Weights, int, int]:
    """Weights that make few errors on a development set, and the errors before and after.

    Args:
        decoder: Its weights are the first that are tried.
        utterances: The development set.
        references: What is said in each utterance.
        errors: Counts the errors of a hypothesis, given the reference and it.
        progress: Hears how many settings were tried.

    Raises:
        InputError: An utterance has no reference, or no weight makes a difference.
    """
    missing = next((one.id for one in utterances if one.id not in references), None)
    if missing is not None:
        raise InputError(
            f"there is no reference for '{missing}'",
            remedy="Write lines of a name (the file's, without its ending), a space and the text",
        )
    start = _weights(decoder, any(one.lid is not None for one in utterances))
    tried: list[int] = []

    def cost(weights: Weights) -> float:
        chosen = decoder.varied(*weighted(weights, decoder.options, decoder.adjustment))
        tried.append(sum(errors(references[one.id], _text(chosen, one)) for one in utterances))
        progress(len(tried))
        return tried[-1]

    steps = {name: _STEPS[name] for name in start}
    found, least = pattern_search(cost, start, steps, lowest=_LOWEST, halvings=_HALVINGS)
    return found, tried[0], int(least)


def _text(decoder: Decoder, utterance: Posteriors) -> str:
    try:
        return decoder.decode(utterance).hypotheses[0].text
    except InputError as error:
        raise error.at(utterance.id) from error


def _weights(decoder: Decoder, has_languages: bool) -> Weights:
    """The weights of a decoder that make a difference."""
    options, adjustment = decoder.options, decoder.adjustment
    weights = {} if decoder.lm is None else {n: getattr(options, n) for n in _STEPS if n != GAMMA}
    if has_languages and adjustment.form == "log-linear":
        weights[GAMMA] = adjustment.gamma
    if not weights:
        raise InputError(
            "there is nothing to tune: no language model, and no language posteriors to adjust by",
            remedy="Give --lm, or posteriors with an array 'lid'",
        )
    return weights
