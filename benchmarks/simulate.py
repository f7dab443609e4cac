"""Simulated CTC posteriors: known text, peaks and confusions drawn at random.

This is no speech. It stands in for a recognizer where only the decoder is measured.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cswitch.recognition.posteriors import Array, Labels


def labels_of(texts: Sequence[str], width: int) -> Labels:
    """The most frequent characters of texts as labels, the blank first and the space second."""
    counts: dict[str, int] = {}
    for char in "".join(texts):
        counts[char] = counts.get(char, 0) + 1
    counts.pop(" ", None)
    best = sorted(counts, key=lambda char: (-counts[char], char))[: width - 2]
    spare = (chr(0xE000 + number) for number in range(width))
    names = ["<blank>", " ", *best]
    return Labels((*names, *(next(spare) for _ in range(width - len(names)))), blank=0)


def posteriors(
    text: str, labels: Labels, frames: int, rng: np.random.Generator, boost: float = 8.0
) -> Array:
    """Noise, one peak a character, and a second character that is often nearly as likely."""
    columns = [labels.names.index(char) for char in text]
    places = np.sort(rng.choice(frames // 2, size=len(columns), replace=False)) * 2
    logits = rng.normal(0.0, 1.0, size=(frames, len(labels)))
    logits[:, labels.blank] += 9.0
    for place, column in zip(places, columns, strict=True):
        logits[place, labels.blank] -= 7.0
        logits[place, column] += rng.normal(boost, 2.0)
        # The same label is always confused with the same other one.
        logits[place, 1 + (column * 7) % (len(labels) - 1)] += rng.normal(boost - 3.5, 2.0)
    result: Array = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return result
