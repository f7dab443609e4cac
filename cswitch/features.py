"""Log-mel filter bank features, the same numbers as Kaldi's (`compute-fbank-feats --dither=0`)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

SAMPLE_RATE = 16_000
BINS = 80
FRAME_LENGTH = 400
FRAME_SHIFT = 160
_FFT = 512
_PREEMPHASIS = 0.97
_LOW_HERTZ = 20.0
_SCALE = 32768.0
# Kaldi's floor is the smallest float epsilon.
_SMALLEST = 1.1920929e-07
_BLOCK_FRAMES = 2048


def frame_count(samples: int) -> int:
    """How many frames lie wholly inside a signal.

    >>> frame_count(399), frame_count(400), frame_count(16_000)
    (0, 1, 98)
    """
    return max(0, 1 + (samples - FRAME_LENGTH) // FRAME_SHIFT)


def log_mel(samples: Array) -> Array:
    """Log-mel energies of a mono signal at 16 kHz, frames × 80.

    Frames of 25 ms every 10 ms, Povey window, pre-emphasis 0.97, power spectrum, triangular
    filters equally spaced on the mel scale from 20 Hz to 8 kHz (Kaldi, `feat/feature-fbank.cc`).

    Args:
        samples: Values between -1 and 1.

    >>> import numpy as np
    >>> log_mel(np.zeros(16_000, np.float32)).shape
    (98, 80)
    """
    import numpy as np

    count = frame_count(len(samples))
    output = np.empty((count, BINS), np.float32)
    if not count:
        return output
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME_LENGTH)[::FRAME_SHIFT]
    window, filters = _povey(), _filters()
    for start in range(0, count, _BLOCK_FRAMES):
        block = frames[start : start + _BLOCK_FRAMES].astype(np.float32) * np.float32(_SCALE)
        block -= block.mean(axis=1, keepdims=True)
        block[:, 1:] -= np.float32(_PREEMPHASIS) * block[:, :-1]
        block[:, 0] *= np.float32(1 - _PREEMPHASIS)
        spectrum = np.fft.rfft(block * window, n=_FFT)[:, : _FFT // 2]
        power = spectrum.real**2 + spectrum.imag**2
        output[start : start + len(block)] = power.astype(np.float32) @ filters
    return np.log(np.maximum(output, np.float32(_SMALLEST)), out=output)


@cache
def _povey() -> Array:
    import numpy as np

    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME_LENGTH) / (FRAME_LENGTH - 1))
    return (hann**0.85).astype(np.float32)


@cache
def _filters() -> Array:
    """Triangles on the mel scale, FFT bins × mel bins."""
    import numpy as np

    def mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1127.0 * np.log1p(hertz / 700.0)

    edges = np.linspace(*mel(np.array([_LOW_HERTZ, SAMPLE_RATE / 2])), BINS + 2)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    bins = mel(np.arange(_FFT // 2) * SAMPLE_RATE / _FFT)[:, None]
    rising = (bins - left) / (centre - left)
    falling = (right - bins) / (right - centre)
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
