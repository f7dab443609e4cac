"""Features against those of Kaldi and of librosa."""

from __future__ import annotations

import numpy as np
import pytest

from cswitch.recognition import features

RATE = features.SAMPLE_RATE


def _signals() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    time = np.arange(2 * RATE) / RATE
    return {
        "noise": rng.normal(0, 0.1, 2 * RATE),
        "chirp": 0.5 * np.sin(2 * np.pi * (100 + 1500 * time) * time),
        "clipped": np.clip(rng.normal(0, 1, RATE), -1, 1),
        "one frame": rng.normal(0, 0.1, 400),
        "offset": rng.normal(0.3, 0.01, RATE),
    }


@pytest.mark.parametrize("name", _signals())
def test_log_mel_equals_kaldi(name: str) -> None:
    fbank = pytest.importorskip("kaldi_native_fbank")
    samples = _signals()[name].astype(np.float32)
    options = fbank.FbankOptions()
    options.frame_opts.dither = 0.0
    options.frame_opts.samp_freq = RATE
    options.mel_opts.num_bins = features.BINS
    options.energy_floor = 0.0
    computer = fbank.OnlineFbank(options)
    computer.accept_waveform(RATE, (samples * 32768).tolist())
    computer.input_finished()
    expected = np.stack([computer.get_frame(i) for i in range(computer.num_frames_ready)])
    ours = features.log_mel(samples)
    assert ours.shape == expected.shape
    # Bands 70 dB below the loudest hold nothing but the rounding of single precision.
    heard = expected > expected.max(axis=1, keepdims=True) - 16
    np.testing.assert_allclose(ours[heard], expected[heard], atol=2e-3)


def test_nemo_features_equal_the_librosa_recipe() -> None:
    """Against NeMo's steps written out with float64 and a plain discrete Fourier transform."""
    samples = _signals()["chirp"][:4000].astype(np.float32)
    emphasized = np.append(samples[:1], samples[1:] - 0.97 * samples[:-1])
    padded = np.pad(emphasized, 256)
    window = np.pad(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 399), 56)
    turns = np.outer(np.arange(257), np.arange(512)) / 512
    rows = []
    for index in range(4000 // 160):
        frame = padded[160 * index : 160 * index + 512] * window
        power = np.abs((frame * np.exp(-2j * np.pi * turns)).sum(axis=1)) ** 2
        rows.append(np.log(power @ features._slaney_filters() + 2.0**-24))
    mel = np.array(rows)
    expected = (mel - mel.mean(axis=0)) / (mel.std(axis=0, ddof=1) + 1e-5)
    np.testing.assert_allclose(features.nemo_log_mel(samples), expected, atol=5e-3)


def test_slaney_filters_equal_librosa() -> None:
    fbank = pytest.importorskip("kaldi_native_fbank")
    mel, frames = fbank.MelBanksOptions(), fbank.FrameExtractionOptions()
    frames.samp_freq, mel.num_bins = RATE, features.BINS
    mel.low_freq, mel.high_freq, mel.is_librosa = 0.0, RATE / 2, True
    banks = np.array(fbank.MelBanks(mel, frames, 1.0).get_matrix())
    np.testing.assert_allclose(features._slaney_filters()[: banks.shape[1]].T, banks, atol=1e-5)


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (399, 0), (400, 1), (559, 1), (560, 2)])
def test_a_frame_lies_wholly_inside_the_signal(samples: int, frames: int) -> None:
    assert features.log_mel(np.zeros(samples, np.float32)).shape == (frames, features.BINS)


def test_silence_is_finite_everywhere() -> None:
    silence = np.zeros(RATE, np.float32)
    for function in (features.log_mel, features.network_input, features.nemo_log_mel):
        assert np.isfinite(function(silence)).all()
        assert function(np.zeros(0, np.float32)).shape == (0, features.BINS)


def test_network_input_forgets_loudness_and_channel_colour() -> None:
    noise = _signals()["noise"].astype(np.float32)
    loud, quiet = features.network_input(noise), features.network_input(noise * 0.5)
    np.testing.assert_allclose(loud, quiet, atol=0.1)
    np.testing.assert_allclose(loud.mean(axis=0), 0, atol=1e-4)


def test_long_signals_are_computed_in_blocks_without_a_seam() -> None:
    samples = np.random.default_rng(1).normal(0, 0.1, 160 * 5000 + 400).astype(np.float32)
    whole = features.log_mel(samples)
    seam = features._BLOCK_FRAMES
    part = features.log_mel(samples[160 * (seam - 2) : 160 * (seam + 2) + 400])
    np.testing.assert_allclose(whole[seam - 2 : seam + 3], part, atol=1e-4)
