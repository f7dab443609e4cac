"""Noise, rooms, channels and speakers, made in the features themselves.

Energies of independent sounds add in each mel band, a room smears energy along time, a channel
multiplies bands, and a longer vocal tract shifts them. Doing this on stored features costs a
hundredth of doing it on samples, so every pass over the corpus sounds different.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cswitch.recognition.features import FLOOR

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Strength:
    """How likely and how strong each disturbance is."""

    noise: float = 0.6
    lowest_snr: float = 2.0
    highest_snr: float = 40.0
    babble: float = 0.1
    room: float = 0.2
    channel: float = 0.6
    narrow_band: float = 0.06
    warp: float = 0.1
    smooth: float = 0.3
    silence: float = 0.04
    masks: int = 1


def disturb(features: Array, rng: np.random.Generator, strength: Strength, babble: Array) -> Array:
    """One utterance (frames × bins, log-mel) as another microphone and speaker would give it."""
    spoken = _warp(features, rng, strength.warp)
    if rng.random() < strength.smooth:
        spoken = _smooth(spoken, rng)
    power = np.exp(spoken)
    if rng.random() < strength.room:
        power = _reverberate(power, rng)
    if rng.random() < strength.channel:
        power = power * _channel(power.shape[1], rng)
    level = float(power.mean())
    if rng.random() < strength.babble:
        power = power + _at(_repeat(np.exp(babble), len(power)), level, rng.uniform(6, 25))
    if rng.random() < strength.noise:
        snr = rng.uniform(strength.lowest_snr, strength.highest_snr)
        power = power + _at(_noise(power.shape, rng), level, snr)
    if rng.random() < strength.narrow_band:
        power[:, rng.integers(58, 66) :] *= 1e-5
    power = power * np.float32(10 ** rng.uniform(-2.0, 0.6))
    return np.log(power + np.float32(FLOOR)).astype(np.float32)


def mask(features: Array, rng: np.random.Generator, count: int) -> None:
    """SpecAugment (Park et al. 2019): blot out bands and moments, in place, after normalization."""
    frames, bins = features.shape
    for _ in range(count):
        width = int(rng.integers(0, 14))
        start = int(rng.integers(0, bins - width))
        features[:, start : start + width] = 0
        width = int(rng.integers(0, min(14, max(frames // 12, 1))))
        start = int(rng.integers(0, frames - width))
        features[start : start + width] = 0


def _warp(features: Array, rng: np.random.Generator, most: float) -> Array:
    """Vocal tract length perturbation (Jaitly and Hinton 2013): stretch the mel axis."""
    bins = features.shape[1]
    place = np.clip(np.arange(bins) * (1 + rng.uniform(-most, most)), 0, bins - 1)
    low = np.minimum(place.astype(int), bins - 2)
    weight = (place - low).astype(np.float32)
    stretched: Array = features[:, low] * (1 - weight) + features[:, low + 1] * weight
    return stretched


def _smooth(features: Array, rng: np.random.Generator) -> Array:
    """Blur over time and bands, as voices do that are averages of a speaker's recordings."""
    for most in (3, 5):
        # The bands first, then, turned, the frames.
        features = features.T
        for _ in range(rng.integers(0, most)):
            around = np.pad(features, ((1, 1), (0, 0)), mode="edge")
            features = 0.5 * features + 0.25 * (around[:-2] + around[2:])
    return features


def _reverberate(power: Array, rng: np.random.Generator) -> Array:
    """Add a tail of energy that decays by 60 dB in a reverberation time (Polack's model)."""
    decay = np.float32(10 ** (-6 * 0.01 / rng.uniform(0.15, 0.7)))
    share = np.float32(10 ** (-rng.uniform(0, 12) / 10) * (1 - decay))
    tail = np.zeros(power.shape[1], np.float32)
    output = np.empty_like(power)
    for index, frame in enumerate(power):
        output[index] = frame + share * tail
        tail = decay * tail + frame
    return output


def _channel(bins: int, rng: np.random.Generator) -> Array:
    return np.exp(_curve(bins, rng) * rng.uniform(0, 1.2)).astype(np.float32)


def _curve(bins: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A smooth random curve over the bands: a few cosines and a slope."""
    place = np.linspace(0, np.pi, bins)
    return np.asarray(
        sum(rng.normal() / order * np.cos(order * place) for order in range(1, 5))
        + rng.normal() * (place - np.pi / 2) / 2
    )


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Noise of a random colour, its energy fluctuating in each band and slowly over time."""
    frames, bins = shape
    colour = _curve(bins, rng) * 1.5
    slow = np.repeat(rng.normal(0, rng.uniform(0, 0.8), frames // 25 + 1), 25)[:frames, None]
    return np.exp(colour + slow + rng.normal(-0.1, 0.45, shape)).astype(np.float32)


def _repeat(power: Array, frames: int) -> Array:
    return np.tile(power, (frames // len(power) + 1, 1))[:frames]


def _at(noise: Array, level: float, snr: float) -> Array:
    scaled: Array = noise * np.float32(level / max(float(noise.mean()), 1e-9) * 10 ** (-snr / 10))
    return scaled
