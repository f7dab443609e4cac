"""Audio files of any format, rate and number of channels, read in blocks of constant size."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cswitch.errors import InputError
from cswitch.files import open_binary

Samples = NDArray[np.float32]

SAMPLE_RATE = 16_000
_ZERO_CROSSINGS = 16
_ROLLOFF = 0.94
_KAISER_BETA = 8.0
_BLOCK_SECONDS = 10
_MOST_BROKEN = 0.1
# Whole numbers of 32 bits stay below it, also where somebody did not scale them to 1.
_BOUND = 1e10
# A program that writes into a pipe cannot know the length: its header has a number beyond this.
_UNKNOWN = 0x7FFF_0000
# By so many bytes headers err where nothing is missing.
_SLOPPY = 1024
_LONGEST_HEADER = 1 << 14
_AGAIN = "Fetch it again, or convert what is there with ffmpeg"
_CONVERT = "Convert it, for example: ffmpeg -i FILE new.wav"


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the header of an audio file says."""

    sample_rate: int
    channels: int
    duration: float


def info(path: str | Path) -> AudioInfo:
    """Read the header of an audio file.

    Raises:
        InputError: The file cannot be read or is not audio.
    """
    with _open(path) as sound:
        frames = max(sound.frames, 0)
        return AudioInfo(sound.samplerate, sound.channels, frames / sound.samplerate)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a recording, in seconds; by itself, all of it.

    Attributes:
        start: Where it begins.
        seconds: How long it is; None, or more than there is, for the rest.
    """

    start: float = 0.0
    seconds: float | None = None

    def check(self, duration: float, path: str | Path) -> None:
        """Refuse to begin where a recording has ended.

        Raises:
            InputError: It does.
        """
        if self.start and self.start >= duration:
            raise InputError(
                f"the part begins at {self.start:g} s, the recording ends at {duration:g} s",
                path=path,
                remedy="Correct the offset, in seconds",
            )

    def within(self, duration: float) -> float:
        """How long it is in a recording of some length."""
        rest = max(duration - self.start, 0.0)
        return rest if self.seconds is None else min(self.seconds, rest)


WHOLE = Part()


def blocks(
    path: str | Path, sample_rate: int = SAMPLE_RATE, part: Part = WHOLE
) -> Iterator[Samples]:
    """Yield an audio file as mono blocks at a sample rate; memory does not grow with its length.

    Channels are averaged. A sample that is not a number, or beyond all bounds, becomes silence: one
    broken sample of a floating-point file must not spoil a whole recording.

    Raises:
        InputError: The file cannot be read, is not audio, has been cut off, has too many such
            samples, or ends before the part begins.
    """
    with _open(path) as sound:
        resampler = Resampler(sound.samplerate, sample_rate)
        heard = broken = 0
        for block in _raw_blocks(sound, part, path):
            bad = ~(np.abs(block) < _BOUND)
            heard += block.size
            broken += int(bad.sum())
            yield resampler(np.where(bad, np.float32(0), block).mean(axis=1))
        if broken > _MOST_BROKEN * heard:
            raise InputError(
                f"{broken:,} of {heard:,} samples are no numbers, or huge ones",
                path=path,
                remedy="Write it again from its source",
            )
        yield resampler.finish()


def read(path: str | Path, sample_rate: int = SAMPLE_RATE, part: Part = WHOLE) -> Samples:
    """An audio file, or a part of it, as mono samples at a sample rate."""
    return np.concatenate(list(blocks(path, sample_rate, part)))


def resample(samples: Samples, source: int, target: int) -> Samples:
    """Change the sample rate of a signal.

    >>> import numpy as np
    >>> resample(np.zeros(44_100, np.float32), 44_100, 16_000).shape
    (16000,)
    """
    resampler = Resampler(source, target)
    return np.concatenate([resampler(samples), resampler.finish()])


class Resampler:
    """Band-limited interpolation of a stream, block by block.

    Every output sample is the inner product of the input around it with a Kaiser-windowed sinc
    (Smith, "Digital Audio Resampling Home Page"; Crochiere and Rabiner 1983). The blocks in which
    the input comes make no difference to the output.
    """

    def __init__(self, source: int, target: int) -> None:
        import numpy as np

        divisor = math.gcd(source, target)
        self._up, self._down = target // divisor, source // divisor
        self._filters, self._reach = _filters(self._up, self._down)
        # The tail holds the input from `reach` before the position of the next output sample.
        self._tail: Samples = np.zeros(self._reach, np.float32)
        self._tail_start = -self._reach
        self._received = 0
        self._written = 0

    def __call__(self, samples: Samples) -> Samples:
        """The output that the samples given so far decide."""
        import numpy as np

        self._received += len(samples)
        if self._up == self._down:
            self._written += len(samples)
            return np.asarray(samples, np.float32)
        self._tail = np.concatenate([self._tail, samples.astype(np.float32, copy=False)])
        ready = self._tail_start + len(self._tail) - self._reach
        return self._take(-(-ready * self._up // self._down))

    def finish(self) -> Samples:
        """The rest of the output, as if silence followed the input."""
        import numpy as np

        total = -(-self._received * self._up // self._down)
        self._tail = np.concatenate([self._tail, np.zeros(2 * self._reach + 1, np.float32)])
        return self._take(total)

    def _take(self, end: int) -> Samples:
        import numpy as np

        first = self._written
        count = max(end - first, 0)
        output = np.zeros(count, np.float32)
        if not count or self._up == self._down:
            return output
        windows = np.lib.stride_tricks.sliding_window_view(self._tail, 2 * self._reach + 1)
        for offset in range(min(self._up, count)):
            position, phase = divmod((first + offset) * self._down, self._up)
            start = position - self._reach - self._tail_start
            chosen = windows[start :: self._down][: -(-(count - offset) // self._up)]
            output[offset :: self._up] = chosen @ self._filters[phase]
        self._written += count
        keep = self._written * self._down // self._up - self._reach - self._tail_start
        self._tail = self._tail[max(keep, 0) :]
        self._tail_start += max(keep, 0)
        return output


@cache
def _filters(up: int, down: int) -> tuple[NDArray[np.float32], int]:
    """One interpolation filter per phase, and how many input samples it reaches to each side."""
    cutoff = _ROLLOFF * min(1.0, up / down)
    reach = math.ceil(_ZERO_CROSSINGS / cutoff)
    taps = np.arange(-reach, reach + 1)[None, :] - np.arange(up)[:, None] / up
    window = np.i0(_KAISER_BETA * np.sqrt(np.clip(1 - (taps / (reach + 1)) ** 2, 0, None)))
    bank = cutoff * np.sinc(cutoff * taps) * window / np.i0(_KAISER_BETA)
    return (bank / bank.sum(axis=1, keepdims=True)).astype(np.float32), reach


def _open(path: str | Path) -> Any:
    import soundfile

    path = Path(path)
    if not path.exists():
        raise InputError("no such audio file", path=path, remedy="Check the name")
    if not path.is_file():
        raise InputError(
            "is no file but a folder, a pipe or a device", path=path, remedy="Name an audio file"
        )
    if not path.stat().st_size:
        raise InputError("the file is empty", path=path, remedy=_AGAIN)
    with open_binary(path):
        pass  # libsndfile would not say why it cannot be opened
    try:
        sound = soundfile.SoundFile(str(path))
    except RuntimeError as error:
        raise InputError(
            f"cannot read audio ({_reason(error)})", path=path, remedy=_CONVERT
        ) from error
    # What can be sought in, soundfile seeks in after every block; an MP3 has a hole there then.
    sound.seekable = lambda: False
    if _cut_off(sound, path):
        sound.close()
        raise InputError("the file has been cut off", path=path, remedy=_AGAIN)
    return sound


def _cut_off(sound: Any, path: Path) -> bool:
    """Whether a file ends before its header, or the last page of an Ogg stream, says so."""
    said: str = sound.extra_info
    if "lacks an end-of-stream bit" in said or (
        not sound.frames and path.stat().st_size > _LONGEST_HEADER
    ):
        return True
    lengths = (map(int, found) for found in re.findall(r": (\d+) \(should be (\d+)\)", said))
    return any(is_ + _SLOPPY < should < _UNKNOWN for should, is_ in lengths)


def _raw_blocks(sound: Any, part: Part, path: str | Path) -> Iterator[Samples]:
    """Frames × channels, as they stand in the file."""
    rate = sound.samplerate
    part.check(sound.frames / rate, path)
    size = _BLOCK_SECONDS * rate
    # What the header of an MP3 without such a tag says of its length is a guess.
    guess = sound.format == "MP3" and not _tells_length(path)
    wanted = round(part.within(sound.frames / rate) * rate)
    left = math.inf if part.seconds is None else round(part.seconds * rate)
    frames = 0
    try:
        # What comes first in an MP3 after a leap is wrong: it leans on what was before.
        lead = min(round(part.start * rate), rate)
        if lead:
            sound.seek(round(part.start * rate) - lead)
            sound.read(lead)
        # Not SoundFile.blocks: past the end of an MP3 that was cut off, it repeats the last block.
        while len(block := sound.read(min(size, left), dtype="float32", always_2d=True)):
            frames += len(block)
            left -= len(block)
            yield block
    except RuntimeError as error:
        raise InputError(
            f"cannot read audio to its end ({_reason(error)})",
            path=path,
            remedy=_AGAIN,
        ) from error
    if frames < wanted and not guess:
        raise InputError(
            f"ends after {part.start + frames / rate:.1f} of {sound.frames / rate:.1f} s",
            path=path,
            remedy=_AGAIN,
        )


def _tells_length(mp3: str | Path) -> bool:
    with open(mp3, "rb") as stream:
        start = stream.read(1 << 16)
    return b"Xing" in start or b"Info" in start


def _reason(error: RuntimeError) -> str:
    """What libsndfile says, without the path."""
    said = str(getattr(error, "error_string", error))
    return said.removeprefix("Error : ").rstrip(".")
