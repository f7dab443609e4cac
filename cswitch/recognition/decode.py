"""Turn CTC posteriors into text by prefix beam search, with a language model or without one.

A word is scored when it is finished, by its canonical form, so the language model does not care
about script; hypotheses that are renderings of one another are one hypothesis. How the words are
written is decided last, by the rendering policy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from cswitch import tokens
from cswitch.languages import LATIN
from cswitch.recognition import adjust
from cswitch.recognition._beam import Lookahead, Search, Vocabulary
from cswitch.recognition.adjust import Adjustment
from cswitch.recognition.hotwords import Hotwords, beginnings
from cswitch.recognition.nbest import Hypothesis, NBest, Word
from cswitch.recognition.posteriors import Array, Labels, Posteriors, check

Rendering = Literal["as-decoded", "native", "matrix"]

# Beyond so many letters an unknown word costs more.
USUAL_LETTERS = 6

# Spelling, canonical form, first frame, one past the last frame, confidence, language gain.
WordRow = tuple[str, str, int, int, float, float]


class LanguageModel(Protocol):
    """What the decoder asks of a language model; all logarithms are natural."""

    start: int

    def score(self, state: int, word: str) -> tuple[float, int]:
        """The log-probability of a word after a state, and the state after it."""

    def finish(self, state: int) -> float:
        """The log-probability of the end after a state."""

    def __contains__(self, word: str) -> bool: ...

    def unigrams(self) -> Mapping[str, float]:
        """Its words with their log-probabilities after nothing, as far as it can list them."""


class Canonical(Protocol):
    """What the decoder asks about words; `cswitch.canonical.Canonicalizer` answers it."""

    def __call__(self, word: str) -> str:
        """The one form of a word, whatever its rendering."""

    def language(self, form: str) -> str | None:
        """The language of a canonical form."""

    def spellings(self, word: str) -> Sequence[str]:
        """The known renderings of a word, itself included."""

    def variants(self, word: str) -> Sequence[str]:
        """Likely renderings of a word, those known included."""

    def render(self, word: str, rendering: Rendering) -> str:
        """The word as a rendering policy writes it."""


class Scorer(Protocol):
    """What the search asks of a score over words."""

    start: int

    def score(self, state: int, word: str) -> tuple[float, int]: ...

    def finish(self, state: int) -> float: ...


@dataclass(frozen=True, slots=True)
class Options:
    """How widely to search, and what the parts of the score weigh.

    Attributes:
        beam: Hypotheses kept after each frame.
        margin: Hypotheses this much below the best (natural log) are dropped.
        token_floor: Labels below this log-probability are not tried, the best one apart.
        blank_skip: A frame whose blank is at least this probable holds nothing else.
        one_script: A word keeps to one script: no ``doubल``.
        lm_weight: Weight of the language model's natural logarithms.
        word_bonus: Added for each word, where there is a language model.
        unknown_offset: Added for each word that the language model does not know; in proportion
            more for words of more than `USUAL_LETTERS`, or words would be run together.
    """

    beam: int = 64
    margin: float = 14.0
    token_floor: float = -7.0
    blank_skip: float = 0.9999
    one_script: bool = True
    lm_weight: float = 0.5
    word_bonus: float = 1.0
    unknown_offset: float = -5.0


@dataclass(frozen=True, slots=True)
class Partial:
    """What a stream has said so far.

    Attributes:
        stable: Words that can change no more.
        tentative: The likely text after them.
    """

    stable: tuple[Word, ...]
    tentative: str


class Decoder:
    """A beam search decoder for the posteriors of one recognizer.

    It keeps what it has learnt about words, so decode many utterances with one decoder.

    Args:
        labels: What the columns of the posteriors stand for.
        lm: A language model over canonical words.
        canonical: The canonical form of words; without it a word is its spelling.
        options: Width and weights.
        hotwords: Phrases with a bonus each, in any rendering.
        adjustment: How posteriors of a language network are used, where an utterance has them.
        lid_classes: The columns of those posteriors.
        romanized: Whether Latin letters may write words of the matrix language although the
            labels have its own script. Pieces of English words look like such words (pas, le).
        rendering: ``as-decoded``; ``native``: all words in the matrix language's script;
            ``matrix``: each language in its own script.

    >>> labels = Labels(("<blank>", " ", "a", "b"), blank=0)
    >>> frames = np.log([[0.1, 0.1, 0.7, 0.1], [0.1, 0.7, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]])
    >>> Decoder(labels).decode(Posteriors("x", frames)).hypotheses[0].text
    'a b'
    """

    def __init__(
        self,
        labels: Labels,
        lm: LanguageModel | None = None,
        canonical: Canonical | None = None,
        *,
        options: Options | None = None,
        hotwords: Mapping[str, float] | None = None,
        adjustment: Adjustment | None = None,
        lid_classes: Sequence[str] = ("sil", "hi", "en"),
        romanized: bool = False,
        rendering: Rendering = "as-decoded",
    ) -> None:
        self.labels = labels
        self._romanized = romanized
        self.lm = lm
        self.canonical = canonical
        self.options = options or Options()
        self.adjustment = adjustment or Adjustment()
        self.lid_classes = tuple(lid_classes)
        adjust.check(self.lid_classes, self.adjustment)
        self.rendering = rendering
        self._phrases = hotwords or {}
        self._bonuses = beginnings(self._phrases, self._spellings)
        boosted = Hotwords(self._phrases, self._forms) if self._phrases else None
        scored = lm is not None or boosted is not None
        scorer = _Fusion(lm, boosted, self.options) if scored else None
        self._vocabulary = Vocabulary(None if canonical is None else self._form, scorer)
        self._lookahead = self._promises()
        names = sorted({script for script in labels.scripts if script is not None})
        self._scripts = [0 if one is None else names.index(one) + 1 for one in labels.scripts]

    def decode(self, posteriors: Posteriors, count: int = 1) -> NBest:
        """The best hypotheses of an utterance.

        Where pruning leaves fewer than ``count`` of them, the search is repeated with less of it,
        so an n-best list is as long as was asked for whenever so many texts are possible.
        """
        options = self.options
        ctc, gains = self._adjusted(posteriors.ctc, posteriors.lid)
        while True:
            search = self._search(options)
            search.feed(ctc, gains)
            found = search.best(count)
            exhaustive = math.isinf(options.margin) and options.beam >= 8 * count
            if len(found) >= count or exhaustive or not len(ctc):
                break
            options = _wider(options, count)
        seconds = posteriors.frame_seconds
        adjusted = gains is not None
        hypotheses = (self._hypothesis(*one, seconds, adjusted) for one in found)
        return NBest(posteriors.id, tuple(hypotheses))

    def varied(self, options: Options, adjustment: Adjustment) -> Decoder:
        """A decoder of the same recognizer, with the same models, that weighs them otherwise."""
        return Decoder(
            self.labels,
            self.lm,
            self.canonical,
            options=options,
            hotwords=self._phrases,
            adjustment=adjustment,
            lid_classes=self.lid_classes,
            romanized=self._romanized,
            rendering=self.rendering,
        )

    def stream(self, frame_seconds: float = 0.04) -> Stream:
        """A stream to feed with chunks of one utterance."""
        return Stream(self, frame_seconds)

    def _form(self, word: str) -> str:
        assert self.canonical is not None
        form = self.canonical(word)
        return form if self._may_write(word, form) else word

    def _may_write(self, spelling: str, form: str) -> bool:
        own = tokens.script(form)
        if self._romanized or own in (LATIN, None) or own not in self.labels.scripts:
            return True
        return tokens.script(spelling) != LATIN

    def _spellings(self, word: str) -> Sequence[str]:
        return (word,) if self.canonical is None else self.canonical.spellings(word)

    def _forms(self, word: str) -> Sequence[str]:
        spellings = self._spellings(word)
        return spellings if self.canonical is None else [self.canonical(one) for one in spellings]

    def _promises(self) -> Lookahead:
        """What the known words are worth in any spelling, before their context is known."""
        known = {} if self.lm is None else self.lm.unigrams()
        if not known:
            return Lookahead([], 0.0, 0.0, USUAL_LETTERS)
        options = self.options
        least = min(known.values())
        words = [
            (spelling, options.lm_weight * log + options.word_bonus)
            for word, log in known.items()
            for spelling in ((word,) if self.canonical is None else self.canonical.variants(word))
            if self._may_write(spelling, word)
        ]
        unknown = options.lm_weight * least + options.word_bonus
        return Lookahead(words, unknown, options.unknown_offset, USUAL_LETTERS)

    def _search(self, options: Options) -> Search:
        return Search(
            texts=self.labels.texts,
            starts=self.labels.starts,
            usable=self.labels.usable,
            scripts=self._scripts,
            blank=self.labels.blank,
            beam=options.beam,
            token_floor=options.token_floor,
            margin=options.margin,
            blank_skip=options.blank_skip,
            one_script=options.one_script,
            bonuses=self._bonuses,
            lookahead=self._lookahead,
            vocabulary=self._vocabulary,
        )

    def _adjusted(self, ctc: Array, lid: Array | None) -> tuple[Array, Array | None]:
        ctc = check(ctc, width=len(self.labels))
        if lid is None or self.adjustment.form == "none":
            return ctc, None
        adjusted = adjust.adjust(ctc, lid, self.labels, self.lid_classes, self.adjustment)
        # Labels that were impossible, or have become so, write no text: they need no gain.
        possible = np.isfinite(ctc) & np.isfinite(adjusted)
        return adjusted, np.subtract(adjusted, ctc, where=possible, out=np.zeros_like(ctc))

    def _hypothesis(
        self,
        score: float,
        acoustic: float,
        rows: Sequence[WordRow],
        seconds: float,
        adjusted: bool,
    ) -> Hypothesis:
        words = self._words(rows, seconds)
        lid = sum((row[5] for row in rows), 0.0)
        scores = {"score": score, "acoustic": acoustic - lid}
        if self.lm is not None:
            scores["lm"] = sentence_score(self.lm, " ".join(row[1] for row in rows).split())
        if adjusted:
            scores["lid"] = lid
        return Hypothesis(" ".join(word.word for word in words), scores, words)

    def _words(self, rows: Sequence[WordRow], seconds: float) -> tuple[Word, ...]:
        return tuple(
            Word(
                self._written(spelling),
                round(start * seconds, 3),
                round(end * seconds, 3),
                round(confidence, 4),
                None if self.canonical is None else self.canonical.language(form),
            )
            for spelling, form, start, end, confidence, _ in rows
        )

    def _written(self, spelling: str) -> str:
        if self.canonical is None or self.rendering == "as-decoded":
            return spelling
        return self.canonical.render(spelling, self.rendering)


class Stream:
    """One utterance that arrives in chunks.

    The result at the end is the same as if it had come at once.
    """

    def __init__(self, decoder: Decoder, frame_seconds: float) -> None:
        self._decoder = decoder
        self._seconds = frame_seconds
        self._search = decoder._search(decoder.options)
        self._is_adjusted = False

    def feed(self, ctc: Array, lid: Array | None = None) -> Partial:
        """Read a chunk, frames × labels; give what is stable and what is likely after it."""
        ctc, gains = self._decoder._adjusted(ctc, lid)
        self._is_adjusted |= gains is not None
        self._search.feed(ctc, gains)
        rows, stable, unfinished = self._search.partial()
        words = self._decoder._words(rows, self._seconds)
        tail = [word.word for word in words[stable:]] + ([unfinished] if unfinished else [])
        return Partial(words[:stable], " ".join(tail))

    def finish(self, count: int = 1) -> tuple[Hypothesis, ...]:
        """The best hypotheses once all has been read."""
        found = self._search.best(count)
        return tuple(
            self._decoder._hypothesis(*one, self._seconds, self._is_adjusted) for one in found
        )


def sentence_score(lm: LanguageModel, words: Sequence[str]) -> float:
    """The natural-log probability of a sentence of canonical words, its end included."""
    total, state = 0.0, lm.start
    for word in words:
        gain, state = lm.score(state, word)
        total += gain
    return total + lm.finish(state)


class _Fusion:
    """Language model, hotwords and word bonus as one score over canonical words."""

    def __init__(
        self, lm: LanguageModel | None, hotwords: Hotwords | None, options: Options
    ) -> None:
        self._lm = lm
        self._hotwords = hotwords
        self._options = options
        self._states: list[tuple[int, int]] = []
        self._ids: dict[tuple[int, int], int] = {}
        self.start = self._id((0 if lm is None else lm.start, 0))

    def score(self, state: int, word: str) -> tuple[float, int]:
        own, boosted = self._states[state]
        gain = 0.0
        for part in word.split():
            if self._lm is not None:
                log, own = self._lm.score(own, part)
                gain += self._options.lm_weight * log + self._options.word_bonus
                if part not in self._lm:
                    gain += self._options.unknown_offset * max(1.0, len(part) / USUAL_LETTERS)
            if self._hotwords is not None:
                bonus, boosted = self._hotwords.advance(boosted, part)
                gain += bonus
        return gain, self._id((own, boosted))

    def finish(self, state: int) -> float:
        own, boosted = self._states[state]
        gain = 0.0 if self._lm is None else self._options.lm_weight * self._lm.finish(own)
        return gain + (0.0 if self._hotwords is None else self._hotwords.finish(boosted))

    def _id(self, state: tuple[int, int]) -> int:
        if state not in self._ids:
            self._ids[state] = len(self._states)
            self._states.append(state)
        return self._ids[state]


def _wider(options: Options, count: int) -> Options:
    """Less pruning, and in the end none."""
    if options.beam < 2 * count or options.margin < 40.0:
        return replace(
            options,
            beam=max(options.beam, 2 * count),
            margin=max(40.0, options.margin),
            token_floor=min(-20.0, options.token_floor),
            blank_skip=2.0,
        )
    return replace(
        options, beam=max(2 * options.beam, 8 * count), margin=math.inf, token_floor=-math.inf
    )
