"""Log-mel filter bank features: Kaldi's, the input of our networks made from them, and NeMo's."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

SAMPLE_RATE = 16_000
BINS = 80
FRAME_LENGTH = 400
FRAME_SHIFT = 160
# The energy, in a mel band, of noise of one step of 16-bit samples: no recording is more silent.
FLOOR = 1000.0
_SPREAD = 4.0
_FFT = 512
_PREEMPHASIS = 0.97
_LOW_HERTZ = 20.0
_SCALE = 32768.0
# Kaldi's floor is the smallest float epsilon, NeMo adds this guard.
_SMALLEST = 1.1920929e-07
_NEMO_GUARD = 2.0**-24
# Small enough for a block and its spectrum to stay in the cache and on the heap: with arrays that
# the system has to map each time, the features take three times as long.
_BLOCK_FRAMES = 64


def frame_count(samples: int) -> int:
    """How many frames lie wholly inside a signal.

    >>> frame_count(399), frame_count(400), frame_count(16_000)
    (0, 1, 98)
    """
    return max(0, 1 + (samples - FRAME_LENGTH) // FRAME_SHIFT)


def log_mel(samples: Array) -> Array:
    """Log-mel energies of a mono signal at 16 kHz, frames × 80, as Kaldi computes them.

    Frames of 25 ms every 10 ms, Povey window, pre-emphasis 0.97, power spectrum, triangular
    filters equally spaced on the mel scale from 20 Hz to 8 kHz (Kaldi, ``feat/feature-fbank.cc``,
    with ``--dither=0``).

    Args:
        samples: Values between -1 and 1.

    >>> import numpy as np
    >>> log_mel(np.zeros(16_000, np.float32)).shape
    (98, 80)
    """
    power = _mel_power(samples)
    np.log(np.maximum(power, np.float32(_SMALLEST)), out=power)
    return power


def network_input(samples: Array) -> Array:
    """What our networks read: log-mel above a floor, without the mean of each band."""
    power = _mel_power(samples)
    return normalize(np.log(power + np.float32(FLOOR), out=power))


def normalize(mel: Array) -> Array:
    """Subtract each band's mean over the window, so that a channel's colour cancels."""
    if not len(mel):
        return mel
    centred: Array = mel - mel.mean(axis=0)
    return centred / np.float32(_SPREAD)


def nemo_log_mel(samples: Array, bins: int = BINS) -> Array:
    """The input of NeMo's conformers: frames × bins, each band with mean 0 and deviation 1.

    Centred frames of 25 ms every 10 ms, Hann window, Slaney's mel filters, natural logarithm
    (NeMo, ``parts/preprocessing/features.py``, ``normalize: per_feature``, no dither).
    """
    if not len(samples):
        return np.empty((0, bins), np.float32)
    emphasized = np.append(samples[:1], samples[1:] - _PREEMPHASIS * samples[:-1])
    padded = np.pad(emphasized.astype(np.float32), _FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::FRAME_SHIFT]
    frames = frames[: max(len(samples) // FRAME_SHIFT, 1)]
    side = (_FFT - FRAME_LENGTH) // 2
    window = np.pad(np.hanning(FRAME_LENGTH), side).astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    mel = np.log(power.astype(np.float32) @ _slaney_filters(bins) + np.float32(_NEMO_GUARD))
    deviation = mel.std(axis=0, ddof=1) if len(mel) > 1 else np.zeros(bins)
    scaled: Array = ((mel - mel.mean(axis=0)) / (deviation + 1e-5)).astype(np.float32)
    return scaled


def _mel_power(samples: Array) -> Array:
    count = frame_count(len(samples))
    output = np.empty((count, BINS), np.float32)
    if not count:
        return output
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME_LENGTH)[::FRAME_SHIFT]
    window, filters = _povey(), _filters()
    padded = np.zeros((_BLOCK_FRAMES, _FFT), np.float32)
    for start in range(0, count, _BLOCK_FRAMES):
        block = frames[start : start + _BLOCK_FRAMES].astype(np.float32) * np.float32(_SCALE)
        block -= block.mean(axis=1, keepdims=True)
        block[:, 1:] -= np.float32(_PREEMPHASIS) * block[:, :-1]
        block[:, 0] *= np.float32(1 - _PREEMPHASIS)
        np.multiply(block, window, out=padded[: len(block), :FRAME_LENGTH])
        spectrum = np.fft.rfft(padded[: len(block)])[:, : _FFT // 2]
        power = spectrum.real**2 + spectrum.imag**2
        output[start : start + len(block)] = power.astype(np.float32) @ filters
    return output


@cache
def _povey() -> Array:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME_LENGTH) / (FRAME_LENGTH - 1))
    return (hann**0.85).astype(np.float32)


@cache
def _filters() -> Array:
    """Triangles on the mel scale, FFT bins × mel bins."""

    def mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1127.0 * np.log1p(hertz / 700.0)

    low, high = mel(np.array([_LOW_HERTZ, SAMPLE_RATE / 2]))
    edges = np.linspace(float(low), float(high), BINS + 2)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    bins = mel(np.arange(_FFT // 2) * SAMPLE_RATE / _FFT)[:, None]
    rising = (bins - left) / (centre - left)
    falling = (right - bins) / (right - centre)
    filters: Array = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    return filters


@cache
def _slaney_filters(bins: int = BINS) -> Array:
    """Triangles of equal area on Slaney's mel scale (Auditory Toolbox, 1998), 0 Hz to 8 kHz."""
    # Linear below 1 kHz (3 mel per 200 Hz), logarithmic above (27 mel for a factor of 6.4).
    corner, step = 15.0, np.log(6.4) / 27.0
    top = corner + np.log(SAMPLE_RATE / 2 / 1000.0) / step
    mels = np.linspace(0.0, top, bins + 2)
    edges = np.where(mels < corner, mels * 200.0 / 3.0, 1000.0 * np.exp(step * (mels - corner)))
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    hertz = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)[:, None]
    rising = (hertz - left) / (centre - left)
    falling = (right - hertz) / (right - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (right - left))
    filters: Array = triangles.astype(np.float32)
    return filters
