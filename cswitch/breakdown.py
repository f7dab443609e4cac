"""Where the errors are: by kind, language, switch point, group, length and degree of mixing."""

from __future__ import annotations

from collections.abc import Sequence

from cswitch.analysis import Score


def kinds(scores: Sequence[Score]) -> list[str]:
    """The kinds forgiven in any of the scores, the most frequent first.

    >>> from cswitch.analysis import Tally
    >>> kinds([Score("a", "hi_en", "", (), Tally(forgiven={"case": 1, "script": 5}))])
    ['script', 'case']
    """
    totals: dict[str, int] = {}
    for score in scores:
        for kind, errors in score.forgiven.items():
            totals[kind] = totals.get(kind, 0) + errors
    return sorted(totals, key=lambda kind: (-totals[kind], kind))
