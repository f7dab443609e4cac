"""Noise, rooms and telephones in written audio; what was done to it stands in the manifest.

Training disturbs features by itself (`cswitch.train.augment`), anew in every pass. This is for test
sets, and for recognizers that train on audio.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cswitch.recognition.audio import SAMPLE_RATE
from cswitch.synth.speech import Samples

Signal = NDArray[np.float64]
# Shares of the utterances.
_NOISY, _IN_A_ROOM, _ON_THE_TELEPHONE = 0.8, 0.4, 0.15
# Noise of any colour is flat below this, or brown noise would be nothing but a drift.
_FLAT_BELOW_HERTZ = 50.0
# Nearer walls than this there are none.
_FIRST_ECHO_SECONDS = 0.0025
_TELEPHONE_HERTZ = (300.0, 3400.0)
_EDGE_HERTZ = 100.0
_LOUDEST = 0.99


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is between a speaker and a recording; None or False where it is nothing.

    Attributes:
        snr: Mean power of the speech over that of the noise, in dB.
        colour: The noise's power falls with this power of the frequency: 0 is white, 2 brown.
        reverberation: How long echoes take to fall by 60 dB, in seconds.
        direct: Power of the direct sound over that of all echoes, in dB.
        telephone: Only the band from 300 to 3400 Hz is left.
    """

    snr: float | None = None
    colour: float | None = None
    reverberation: float | None = None
    direct: float | None = None
    telephone: bool = False


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which disturbances are drawn.

    Attributes:
        varied: Rooms, telephones and noise from 0 to 30 dB, each for some of the utterances.
        snr: Noise at this ratio in every utterance.
    """

    varied: bool = False
    snr: float | None = None

    def draw(self, rng: np.random.Generator) -> Disturbance:
        """The disturbance of an utterance."""
        noisy, room, telephone = rng.random(3)
        snr, colour = rng.uniform(0.0, 30.0), rng.uniform(0.0, 2.0)
        reverberation, direct = rng.uniform(0.15, 0.8), rng.uniform(-2.0, 12.0)
        if self.snr is not None:
            noisy, snr = 0.0, self.snr
        hum = noisy < _NOISY and (self.varied or self.snr is not None)
        walls = self.varied and room < _IN_A_ROOM
        return Disturbance(
            snr=round(snr, 2) if hum else None,
            colour=round(colour, 2) if hum else None,
            reverberation=round(reverberation, 3) if walls else None,
            direct=round(direct, 2) if walls else None,
            telephone=bool(self.varied and telephone < _ON_THE_TELEPHONE),
        )


def apply(
    samples: Samples, spoken: slice, disturbance: Disturbance, rng: np.random.Generator
) -> Samples:
    """A signal as a recording has it, as long as it was and with its words where they were.

    Args:
        samples: The clean signal.
        spoken: Where there is speech; the ratio to the noise holds there.
        disturbance: What happens to it.
        rng: Noise and echoes follow from it.
    """
    heard = samples.astype(np.float64)
    if disturbance.reverberation is not None and disturbance.direct is not None:
        echoes = room(disturbance.reverberation, disturbance.direct, rng)
        size = len(heard) + len(echoes)
        spectrum = np.fft.rfft(heard, size) * np.fft.rfft(echoes, size)
        # The direct sound is the first sample of the room, so nothing moves.
        heard = np.fft.irfft(spectrum, size)[: len(samples)]
    if disturbance.snr is not None and disturbance.colour is not None:
        hum = noise(len(heard), disturbance.colour, rng)
        power = np.mean(heard[spoken] ** 2)
        heard = heard + hum * np.sqrt(power * 10 ** (-disturbance.snr / 10))
    if disturbance.telephone:
        heard = _telephone(heard)
    loudest = np.abs(heard).max(initial=0.0)
    return np.asarray(heard * min(1.0, _LOUDEST / max(loudest, 1e-9)), np.float32)


def room(reverberation: float, direct: float, rng: np.random.Generator) -> Signal:
    """A room's impulse response: the direct sound, then noise that decays (Polack 1988)."""
    time = np.arange(round(reverberation * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.normal(size=len(time)) * 10 ** (-3 * time / reverberation)
    tail[time < _FIRST_ECHO_SECONDS] = 0.0
    tail *= np.sqrt(10 ** (-direct / 10) / np.sum(tail**2))
    tail[0] = 1.0
    return tail


def noise(length: int, colour: float, rng: np.random.Generator) -> Signal:
    """Noise of a colour, with a mean power of one."""
    spectrum = np.fft.rfft(rng.normal(size=length))
    hertz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    shaped = np.fft.irfft(spectrum * np.maximum(hertz, _FLAT_BELOW_HERTZ) ** (-colour / 2), length)
    return np.asarray(shaped / np.sqrt(np.mean(shaped**2)))


def _telephone(samples: Signal) -> Signal:
    """Leave a band, without a delay."""
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    low, high = _TELEPHONE_HERTZ
    inside = np.minimum(hertz - low, high - hertz) / _EDGE_HERTZ
    gain = np.clip(inside, -0.5, 0.5)
    spectrum = np.fft.rfft(samples) * (0.5 + 0.5 * np.sin(np.pi * gain))
    return np.fft.irfft(spectrum, len(samples))
