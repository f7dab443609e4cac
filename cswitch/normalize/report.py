"""How many lines each rule changed: a normalization that keeps accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from cswitch.normalize import normalizers
from cswitch.normalize.normalizer import RESPELLING, STAGES, Normalizer

LINES = "lines"
CHANGED = "changed lines"
# What each form does, in its order: the stage as it is reported, and whose rules it applies.
_STEPS = {
    "visual": {"visual": "visual"},
    "reading": {"visual": "visual", "reading": RESPELLING},
    "canonical": {stage: stage for stage in STAGES},
}


def normalize_lines(
    lines: Iterable[str], lang: str, form: str, changes: Counter[str] | None = None
) -> Iterator[str]:
    """Normalize lines as they come.

    Args:
        lines: Text by line.
        lang: A language, a tag or a pair.
        form: One of `cswitch.normalize.FORMS`.
        changes: Counts the lines, the changed ones, and the lines that each rule changed.

    >>> counts = Counter()
    >>> list(normalize_lines(["आॅटो", "ऑटो"], "hi", "visual", counts))
    ['ऑटो', 'ऑटो']
    >>> sorted(counts.items())
    [('changed lines', 1), ('lines', 2), ('visual: split-vowel', 1)]
    """
    chosen = normalizers(lang)
    for line in lines:
        result = line
        for one in chosen:
            if changes is not None:
                changes.update(_names(one, result, form))
            result = getattr(one, form)(result)
        if changes is not None:
            changes.update([LINES, CHANGED] if result != line else [LINES])
        yield result


def _names(one: Normalizer, text: str, form: str) -> list[str]:
    """The rules that change a text on its way to a form, each once."""
    names: list[str] = []
    for stage, rules in _STEPS.get(form, {}).items():
        result = one.reading(text) if rules == RESPELLING else one.stage(stage, text)
        if result != text:
            names += [f"{stage}: {rule}" for rule in sorted(one.fired(rules, text))]
        text = result
    if form not in _STEPS and getattr(one, form)(text) != text:
        names.append(form)
    return names
