"""The language of recognized words, from what a language network says of their frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from cswitch import languages, tokens
from cswitch.adjust import SILENCE
from cswitch.nbest import Word
from cswitch.posteriors import Array


def word_languages(
    words: Iterable[Word],
    lid: Array | None,
    classes: Sequence[str],
    frame_seconds: float = 0.04,
    pair: str = "hi_en",
) -> tuple[Word, ...]:
    """Give each word the language that its frames are most probable in.

    A word that already has a language keeps it. Where no frames are known, or all of them are
    silence, the script of the word decides: Latin is the embedded language.

    Args:
        words: Words with times.
        lid: Frames × classes, natural logarithms, or None.
        classes: What the columns stand for: language codes, and ``sil`` for silence.
        frame_seconds: How long a frame of ``lid`` is.
        pair: The languages that scripts stand for.

    >>> words = [Word("file", 0.0, 0.08, 1.0), Word("खोलो", 0.08, 0.16, 1.0)]
    >>> [word.lang for word in word_languages(words, None, ())]
    ['en', 'hi']
    >>> lid = np.log([[0.1, 0.8, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.1, 0.1, 0.8]])
    >>> [word.lang for word in word_languages(words, lid, ("sil", "hi", "en"))]
    ['hi', 'en']
    """
    return tuple(
        word
        if word.lang is not None
        else replace(word, lang=_heard(word, lid, classes, frame_seconds) or _written(word, pair))
        for word in words
    )


def _heard(
    word: Word, lid: Array | None, classes: Sequence[str], frame_seconds: float
) -> str | None:
    if lid is None:
        return None
    first = min(round(word.start / frame_seconds), len(lid))
    frames = np.exp(lid[first : max(round(word.end / frame_seconds), first + 1)])
    spoken = {
        name: frames[:, column].sum() for column, name in enumerate(classes) if name != SILENCE
    }
    if len(frames) == 0 or sum(spoken.values()) < 0.1 * len(frames):
        return None
    return max(spoken, key=lambda name: float(spoken[name]))


def _written(word: Word, pair: str) -> str:
    resolved = languages.resolve(pair)
    return resolved.embedded if tokens.script(word.word) == languages.LATIN else resolved.matrix
