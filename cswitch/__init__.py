"""Code-switched speech recognition: rendering errors told from modeling errors.

>>> import cswitch
>>> result = cswitch.score(["fancy साड़ी दिखाइए"], ["fancy Sadi dikhaiye"], lang="hi_en")
>>> result.raw.wer, result.corrected.wer
(0.6666666666666666, 0.0)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cswitch.align import Edit
    from cswitch.analysis import ErrorCounts, Score, Utterance
    from cswitch.errors import InputError
    from cswitch.judge import Judge, Verdict
    from cswitch.scoring import score

__version__ = "0.1.0"

__all__ = [
    "Edit",
    "ErrorCounts",
    "InputError",
    "Judge",
    "Score",
    "Utterance",
    "Verdict",
    "__version__",
    "score",
]

# Names load on first use, so that importing the package is cheap.
_HOMES = {
    "Edit": "align",
    "ErrorCounts": "analysis",
    "InputError": "errors",
    "Judge": "judge",
    "Score": "analysis",
    "Utterance": "analysis",
    "Verdict": "judge",
    "score": "scoring",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cswitch' has no attribute {name!r}")
    return getattr(import_module(f"cswitch.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
