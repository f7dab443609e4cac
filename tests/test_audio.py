"""Audio of every format and rate, whole or damaged, becomes the samples that were meant."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from cswitch.errors import InputError
from cswitch.recognition import audio


def _sine(rate: int, seconds: float = 1.0, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(
        np.float32
    )


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_resampling_keeps_a_tone(rate: int) -> None:
    output = audio.resample(_sine(rate), rate, 16_000)
    assert len(output) == 16_000
    middle = slice(500, -500)
    np.testing.assert_allclose(output[middle], _sine(16_000)[middle], atol=2e-3)


def test_resampling_removes_what_would_fold_back() -> None:
    output = audio.resample(_sine(48_000, hertz=11_000), 48_000, 16_000)
    assert np.abs(output[200:-200]).max() < 1e-3


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([8000, 22_050, 44_100, 48_000]),
    st.lists(st.integers(0, 3000), min_size=1, max_size=6),
)
def test_blocks_make_no_difference_to_resampling(rate: int, sizes: list[int]) -> None:
    signal = np.random.default_rng(0).normal(0, 0.1, sum(sizes)).astype(np.float32)
    resampler = audio.Resampler(rate, 16_000)
    parts = [resampler(block) for block in np.split(signal, np.cumsum(sizes)[:-1])]
    parts.append(resampler.finish())
    np.testing.assert_allclose(
        np.concatenate(parts), audio.resample(signal, rate, 16_000), atol=1e-6
    )


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_every_format_gives_the_same_sound(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, np.stack([_sine(44_100), _sine(44_100)], axis=1), 44_100)
    samples = audio.read(path)
    assert abs(len(samples) - 16_000) < 1200  # codecs may pad
    spectrum = np.abs(np.fft.rfft(samples[2000:10_000]))
    assert spectrum.argmax() == round(440 * 8000 / 16_000)


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3"])
def test_a_long_file_has_no_holes(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, _sine(44_100, 25.0), 44_100)
    middle = slice(4000, -4000)
    np.testing.assert_allclose(audio.read(path)[middle], _sine(16_000, 25.0)[middle], atol=0.03)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("part", [(0.0, 1.0), (0.5, 1.0), (2.25, 1.0), (2.5, None), (2.5, 9.0)])
def test_a_part_is_what_the_whole_has_there(
    suffix: str, part: tuple[float, float | None], tmp_path: Path
) -> None:
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, _sine(44_100, 4.0), 44_100)
    start, seconds = part
    samples = audio.read(path, part=audio.Part(start, seconds))
    assert len(samples) == 16_000 * min(seconds or 9.0, 4.0 - start)
    first = round(16_000 * start)
    # At the ends of a part, resampling hears silence.
    there = audio.read(path)[first : first + len(samples)][50:-50]
    np.testing.assert_allclose(samples[50:-50], there, atol=1e-6)


def test_a_part_behind_the_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, _sine(16_000), 16_000)
    with pytest.raises(InputError, match="the part begins at 1 s, the recording ends at 1 s"):
        audio.read(path, part=audio.Part(1.0))


def test_channels_are_averaged(tmp_path: Path) -> None:
    path = tmp_path / "three.wav"
    channels = np.stack([_sine(16_000), np.zeros(16_000), np.zeros(16_000)], axis=1)
    soundfile.write(path, channels, 16_000, subtype="FLOAT")
    np.testing.assert_allclose(audio.read(path), _sine(16_000) / 3, atol=1e-6)
    assert audio.info(path).channels == 3


def test_broken_samples_become_silence(tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    signal = _sine(16_000)
    signal[100], signal[200], signal[300], signal[400] = np.nan, np.inf, -np.inf, -3e38
    soundfile.write(path, signal, 16_000, subtype="FLOAT")
    samples = audio.read(path)
    assert np.isfinite(samples).all()
    assert samples[100] == samples[200] == samples[300] == samples[400] == 0


def test_audio_without_samples_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0, np.float32), 22_050)
    assert len(audio.read(path)) == 0
    assert audio.info(path).duration == 0


@pytest.mark.parametrize("kind", ["wav", "aiff", "flac", "ogg", "mp3"])
def test_a_file_that_was_cut_off_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"whole.{kind}"
    # Noise: the frames of a compressed tone would be too much alike to be told from each other.
    signal = np.random.default_rng(0).normal(0, 0.1, 20 * 16_000)
    soundfile.write(path, signal, 16_000)
    assert len(audio.read(path)) == len(signal)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="cut off|ends after 9|to its end") as caught:
        audio.read(path)
    assert caught.value.path == str(path)
    assert caught.value.remedy == "Fetch it again, or convert what is there with ffmpeg"


def test_the_blocks_of_a_file_cut_off_hold_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp3"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 30 * 16_000), 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    seconds = 0.0
    with pytest.raises(InputError, match=r"ends after 14\.\d of 30\.0 s"):
        for block in audio.blocks(path):
            seconds += len(block) / 16_000
    assert 14 < seconds < 15


@pytest.mark.parametrize("size", [0xFFFF_FFFF, 0x7FFF_FFFF - 36, 0x7FFF_F000])
def test_a_length_that_a_pipe_could_not_know_is_no_length(size: int, tmp_path: Path) -> None:
    path = tmp_path / "piped.wav"
    soundfile.write(path, _sine(16_000), 16_000)
    content = path.read_bytes()
    at = content.index(b"data") + 4
    path.write_bytes(content[:at] + struct.pack("<I", size) + content[at + 4 :])
    assert len(audio.read(path)) == 16_000


def test_a_recording_that_was_never_ended_is_no_silence(tmp_path: Path) -> None:
    path = tmp_path / "crashed.wav"
    soundfile.write(path, _sine(16_000), 16_000)
    content = path.read_bytes()
    at = content.index(b"data") + 4
    path.write_bytes(content[:at] + bytes(4) + content[at + 4 :])
    with pytest.raises(InputError, match="cut off"):
        audio.read(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_a_recording_of_no_numbers_is_refused(value: float, tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    soundfile.write(path, np.full(16_000, value, np.float32), 16_000, subtype="FLOAT")
    with pytest.raises(InputError, match="16,000 of 16,000 samples are no numbers"):
        audio.read(path)


@pytest.mark.parametrize("content", [b"this is no sound at all", b"RIFF\0\0\0\0WAVE"])
def test_a_file_that_is_no_audio_is_said_to_be_so(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "text.wav"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"text\.wav: cannot read audio"):
        audio.read(path)


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.touch()
    with pytest.raises(InputError, match=r"empty\.wav: the file is empty"):
        audio.read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such audio file"):
        audio.read(tmp_path / "none.wav")
    with pytest.raises(InputError, match="is no file but a folder, a pipe or a device"):
        audio.read(tmp_path)


def test_a_file_that_may_not_be_read_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.wav"
    soundfile.write(path, _sine(16_000), 16_000)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(InputError, match=r"secret\.wav: cannot read: Permission denied"):
        audio.info(path)
