"""Greedy CTC decoding: words with times and confidences, no search."""

from __future__ import annotations

import numpy as np

from cswitch.recognition.nbest import Hypothesis, NBest, Word
from cswitch.recognition.posteriors import Array, Labels, Posteriors, check


def decode(posteriors: Posteriors, labels: Labels) -> NBest:
    """The one hypothesis of an utterance that has the best label of each frame.

    >>> labels = Labels(("<blank>", "a", "b"), blank=0)
    >>> one = Posteriors("x", np.log([[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]))
    >>> decode(one, labels).hypotheses[0].text
    'ab'
    """
    reader = Greedy(labels, posteriors.frame_seconds)
    reader.feed(check(posteriors.ctc, width=len(labels)))
    words = reader.finish()
    return NBest(posteriors.id, (Hypothesis(" ".join(word.word for word in words), {}, words),))


class Greedy:
    """The best label of each frame; repeats collapse, blanks go, labels join into words.

    The chunks in which the posteriors come make no difference to the words.

    Args:
        labels: What the columns of the posteriors stand for.
        frame_seconds: How long a frame is.

    >>> decoder = Greedy(Labels(("<blank>", "▁a", "b"), blank=0), frame_seconds=0.5)
    >>> decoder.feed(np.log([[0.1, 0.8, 0.1], [0.1, 0.8, 0.1]]))
    >>> decoder.feed(np.log([[0.8, 0.1, 0.1], [0.1, 0.3, 0.6]]))
    >>> decoder.finish()
    (Word(word='ab', start=0.0, end=2.0, confidence=0.7, lang=None),)
    """

    def __init__(self, labels: Labels, frame_seconds: float) -> None:
        self._labels = labels
        self._seconds = frame_seconds
        self._frame = 0
        self._last = labels.blank
        self._words: list[Word] = []
        self._pieces: list[_Piece] = []

    def feed(self, ctc: Array) -> None:
        """Read a chunk, frames × labels, natural logarithms."""
        best = ctc.argmax(axis=1)
        certainty = np.exp(ctc[np.arange(len(ctc)), best])
        for label, probability in zip(best.tolist(), certainty.tolist(), strict=True):
            if label != self._labels.blank and self._labels.usable[label]:
                self._hear(label, probability)
            self._last = label
            self._frame += 1

    def finish(self) -> tuple[Word, ...]:
        """All words of the stream."""
        self._close()
        return tuple(self._words)

    def _hear(self, label: int, probability: float) -> None:
        if label == self._last:
            if self._pieces:
                self._pieces[-1].extend(probability, self._frame)
            return
        if self._labels.starts[label]:
            self._close()
        if self._labels.texts[label] or self._labels.starts[label]:
            self._pieces.append(_Piece(self._labels.texts[label], probability, self._frame))

    def _close(self) -> None:
        # A separator alone has no text and takes no part in a word's times.
        pieces = [piece for piece in self._pieces if piece.text]
        if pieces:
            self._words.append(
                Word(
                    "".join(piece.text for piece in pieces),
                    round(pieces[0].start * self._seconds, 3),
                    round((pieces[-1].end + 1) * self._seconds, 3),
                    round(sum(piece.probability for piece in pieces) / len(pieces), 4),
                )
            )
        self._pieces = []


class _Piece:
    """One label as it was heard: its text, its highest probability, first and last frame."""

    __slots__ = ("end", "probability", "start", "text")

    def __init__(self, text: str, probability: float, frame: int) -> None:
        self.text = text
        self.probability = probability
        self.start = self.end = frame

    def extend(self, probability: float, frame: int) -> None:
        self.probability = max(self.probability, probability)
        self.end = frame
