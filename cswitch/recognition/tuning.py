"""Weights that were found on development data: the search (Hooke & Jeeves 1961), and files."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cswitch import json_input
from cswitch.errors import InputError
from cswitch.files import read_lines

Weights = dict[str, float]
_HALVINGS = 3
_REMEDY = 'Write the file with --tune, or {"weights": {"lm_weight": 0.5}}'


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
    known: dict[tuple[float, ...], float] = {}

    def cost_of(weights: Weights) -> float:
        at = tuple(weights.values())
        if at not in known:
            known[at] = cost(weights)
        return known[at]

    best = dict(start)
    least = cost_of(best)
    steps = dict(steps)
    while True:
        moved = False
        for name, step in steps.items():
            for value in (best[name] + step, best[name] - step):
                if value < bounds.get(name, value):
                    continue
                trial = {**best, name: value}
                found = cost_of(trial)
                if found < least:
                    best, least, moved = trial, found, True
                    break
        if moved:
            continue
        if halvings == 0:
            return best, least
        halvings -= 1
        steps = {name: step / 2 for name, step in steps.items()}


def dumps(weights: Mapping[str, float], **notes: Any) -> str:
    """The text of a file of weights, with what else there is to say about them.

    >>> dumps({"gamma": 0.5}, errors=3)
    '{\\n  "errors": 3,\\n  "weights": {\\n    "gamma": 0.5\\n  }\\n}\\n'
    """
    rounded = {name: round(value, 4) for name, value in weights.items()}
    return json.dumps({**notes, "weights": rounded}, ensure_ascii=False, indent=2) + "\n"


def read(path: str | Path) -> Weights:
    """Read a file of weights.

    Raises:
        InputError: The file is no JSON, or has no weights, or some that are no finite numbers.
    """
    value = json_input.parse("\n".join(read_lines(path)), path, _REMEDY)
    weights = value.get("weights") if isinstance(value, dict) else None
    if not isinstance(weights, dict):
        raise InputError("has no weights", path=path, remedy=_REMEDY)
    odd = next((name for name, weight in weights.items() if not _is_finite(weight)), None)
    if odd is not None:
        raise InputError(f"the weight '{odd}' is no finite number", path=path, remedy=_REMEDY)
    return {name: float(weight) for name, weight in weights.items()}


def _is_finite(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
