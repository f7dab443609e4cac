"""Perplexity: of a text, of each of its languages, and where the language switches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from cswitch.recognition.decode import LanguageModel


@dataclass(slots=True)
class Perplexity:
    """Sums over words; they add with ``+`` and the perplexity is computed.

    Attributes:
        log: Natural-log probability of the words.
        words: How many there are.
        unknown: How many of them the model does not know.
    """

    log: float = 0.0
    words: int = 0
    unknown: int = 0

    @property
    def value(self) -> float:
        """exp(-log / words); not a number without words."""
        return math.exp(-self.log / self.words) if self.words else math.nan

    def __add__(self, other: Perplexity) -> Perplexity:
        return Perplexity(
            self.log + other.log, self.words + other.words, self.unknown + other.unknown
        )


@dataclass(slots=True)
class Report:
    """Perplexities of parts of a text.

    Attributes:
        total: All words and sentence ends.
        languages: Words by language.
        switches: The first word after a switch of language, and all other words.
    """

    total: Perplexity = field(default_factory=Perplexity)
    languages: dict[str, Perplexity] = field(default_factory=dict)
    switches: dict[str, Perplexity] = field(default_factory=dict)


def perplexity(
    model: LanguageModel,
    sentences: Iterable[Sequence[str]],
    language: Callable[[str], str | None] | None = None,
) -> Report:
    """Perplexities of sentences of words, unknown words included.

    Args:
        model: The language model.
        sentences: Words in the space of the model.
        language: Gives the language of a word; without it there is only the total.
    """
    report = Report()
    for sentence in sentences:
        state, before = model.start, None
        for word in sentence:
            log, state = model.score(state, word)
            one = Perplexity(log, 1, int(word not in model))
            report.total += one
            tongue = None if language is None else language(word)
            if tongue is None:
                continue
            place = "elsewhere" if before in (None, tongue) else "switch"
            before = tongue
            _add(report.languages, tongue, one)
            _add(report.switches, place, one)
        report.total += Perplexity(model.finish(state), 1, 0)
    return report


def _add(parts: dict[str, Perplexity], name: str, one: Perplexity) -> None:
    parts[name] = parts.get(name, Perplexity()) + one
