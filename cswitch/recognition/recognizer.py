"""Audio of any length to posteriors, in overlapping windows and constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cswitch.errors import InputError
from cswitch.recognition import networks
from cswitch.recognition.audio import SAMPLE_RATE, Samples
from cswitch.recognition.posteriors import Array, Labels

# A window is heard with a margin on both sides, whose frames are thrown away.
WINDOW_SECONDS = 24.0
MARGIN_SECONDS = 1.6
# Anything shorter is heard as if silence followed it.
_SHORTEST_SECONDS = 0.2
_LANGUAGE_FRAME = 640
# Three steps of 16-bit samples. No network was trained on nothing but silence, nor need hear it.
_INAUDIBLE = 3 / 32768
_IMPOSSIBLE = -40.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Posteriors of consecutive frames, natural logarithms.

    Attributes:
        ctc: Frames × labels.
        lid: Frames × languages, where the model has a language network.
    """

    ctc: Array
    lid: Array | None


class Recognizer:
    """A model that is loaded: an encoder, and a language network if it has one.

    Args:
        config: What the model consists of.
        threads: How many the networks may use.
    """

    def __init__(self, config: networks.Config, threads: int = 1) -> None:
        self.config = config
        self.frame_seconds = config.frame_seconds
        self._encoder = networks.Network(config.encoder, config.features, threads)
        frames, columns = _of_a_second(self._encoder)
        # Which frames are kept at the edges is each network's own affair: one more or less is fine.
        if abs(frames - 1 / self.frame_seconds) > 1 + 0.1 * frames:
            raise InputError(
                f"frame_seconds is {self.frame_seconds}, but {config.encoder} makes {frames} "
                "frames of a second",
                path=config.path,
                remedy=f"Write frame_seconds = {1 / max(frames, 1):.2g}",
            )
        self.labels: Labels = networks.labels_of(config, columns)
        self._language: networks.Network | None = None
        self.lid_classes: tuple[str, ...] = ()
        if config.language is not None:
            self._language = networks.Network(config.language.network, "network-input", threads)
            self.lid_classes = config.language.classes
            columns = _of_a_second(self._language)[1]
            if columns != len(self.lid_classes):
                raise InputError(
                    f"{len(self.lid_classes)} classes for {columns} columns of "
                    f"{config.language.network}",
                    path=config.path,
                    remedy="Name each column in classes, silence as sil",
                )

    @classmethod
    def load(
        cls, config: str | Path | None = None, encoder: str | Path | None = None, threads: int = 1
    ) -> Recognizer:
        """Load a model, the one that comes with the package where no other is named."""
        path = networks.shipped() if config is None else config
        return cls(networks.read_config(path, encoder), threads)

    def stream(self, blocks: Iterable[Samples]) -> Iterator[Chunk]:
        """The posteriors of a mono signal at 16 kHz that comes in blocks of any size."""
        frame = round(self.frame_seconds * SAMPLE_RATE)
        # Both rates must divide the places where windows begin and margins end.
        unit = int(np.lcm(frame, _LANGUAGE_FRAME))
        window = _whole(WINDOW_SECONDS, unit)
        margin = _whole(MARGIN_SECONDS, unit)
        for samples, before, end in windows(blocks, window, margin):
            chunk = self._hear(samples)
            yield Chunk(
                _cut(chunk.ctc, before, end, frame),
                None if chunk.lid is None else _cut(chunk.lid, before, end, _LANGUAGE_FRAME),
            )

    def _hear(self, samples: Samples) -> Chunk:
        shortest = int(_SHORTEST_SECONDS * SAMPLE_RATE)
        if len(samples) < shortest:
            samples = np.pad(samples, (0, shortest - len(samples)))
        audio = self._encoder.prepare(samples)
        ctc = self._encoder(audio)
        if np.abs(samples).max() < _INAUDIBLE:
            ctc[:] = _IMPOSSIBLE
            ctc[:, self.labels.blank] = 0.0
        if self._language is None:
            return Chunk(ctc, None)
        same = self._encoder.kind == self._language.kind
        return Chunk(ctc, self._language(audio if same else self._language.prepare(samples)))


def _of_a_second(network: networks.Network) -> tuple[int, int]:
    """How many frames and columns a network makes of a second."""
    frames, columns = network(network.prepare(np.zeros(SAMPLE_RATE, np.float32))).shape
    return frames, columns


def windows(
    blocks: Iterable[Samples], window: int, margin: int
) -> Iterator[tuple[Samples, int, int | None]]:
    """Cut a stream into overlapping windows.

    Yields:
        A window; where in it the part begins that no window before it covered; and where that
        part ends, None for the end of the stream.

    >>> parts = windows([np.arange(10, dtype=np.float32)], window=6, margin=1)
    >>> [(one.astype(int).tolist(), before, end) for one, before, end in parts]
    [([0, 1, 2, 3, 4, 5], 0, 5), ([4, 5, 6, 7, 8, 9], 1, None)]
    """
    waiting: list[Samples] = []
    held = before = 0
    for block in blocks:
        waiting.append(block)
        held += len(block)
        # One sample more than a window shows that this window is not the last one.
        while held > window:
            joined = np.concatenate(waiting)
            yield joined[:window], before, window - margin
            rest = joined[window - 2 * margin :]
            waiting, held, before = [rest], len(rest), margin
    if held:
        yield np.concatenate(waiting), before, None


def _cut(values: Array, before: int, end: int | None, frame: int) -> Array:
    return values[before // frame : None if end is None else end // frame]


def _whole(seconds: float, unit: int) -> int:
    return max(round(seconds * SAMPLE_RATE / unit), 1) * unit
