"""Find weights by pattern search (Hooke & Jeeves 1961), on development data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Weights = dict[str, float]
_HALVINGS = 3


def pattern_search(
    cost: Callable[[Weights], float],
    start: Mapping[str, float],
    steps: Mapping[str, float],
    *,
    lowest: Mapping[str, float] | None = None,
    halvings: int = _HALVINGS,
) -> tuple[Weights, float]:
    """Weights with a low cost: move one at a time while that helps, then with half the steps.

    Equal costs keep what is there, so weights that do not matter stay where they start.

    Args:
        cost: What to make small.
        start: Where to begin; weights without a step stay.
        steps: How far to move each weight at first.
        lowest: Weights do not go below these.
        halvings: How often the steps are halved.

    >>> found, cost = pattern_search(lambda w: abs(w["x"] - 0.75), {"x": 0.0}, {"x": 1.0})
    >>> found, cost
    ({'x': 0.75}, 0.0)
    """
    bounds = lowest or {}
    best = dict(start)
    least = cost(best)
    steps = dict(steps)
    while True:
        moved = False
        for name, step in steps.items():
            for value in (best[name] + step, best[name] - step):
                if value < bounds.get(name, value):
                    continue
                trial = {**best, name: value}
                found = cost(trial)
                if found < least:
                    best, least, moved = trial, found, True
                    break
        if moved:
            continue
        if halvings == 0:
            return best, least
        halvings -= 1
        steps = {name: step / 2 for name, step in steps.items()}


def as_json(weights: Mapping[str, float], **notes: Any) -> dict[str, Any]:
    """Weights as they are written into a settings file."""
    return {**notes, "weights": {name: round(value, 4) for name, value in weights.items()}}
