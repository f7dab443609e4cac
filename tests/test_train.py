from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from cswitch.networks import Network  # noqa: E402
from cswitch.recognizer import Recognizer  # noqa: E402
from cswitch.synth import accents  # noqa: E402
from cswitch.train import augment, data, export, loop, model, units  # noqa: E402

torch.set_num_threads(1)
LETTERS = st.text("कखगािab", min_size=1, max_size=12)


@given(st.lists(LETTERS, min_size=1, max_size=20), st.integers(1, 40))
def test_any_word_of_known_letters_can_be_written(words: list[str], size: int) -> None:
    names = units.learn(words, size)
    assert len(names) == len(set(names))
    rank = units.ranks(names)
    for word in words:
        spelled = [names[unit] for unit in units.encode(word, rank)]
        assert "".join(spelled) == units.WORD_START + word
        assert sum(piece.startswith(units.WORD_START) for piece in spelled) == 1


def test_scripts_share_no_unit_and_each_has_its_number() -> None:
    names = units.learn(["कमल कमला कमाल file files fill"] * 3, 9)
    deva = [name for name in names if any("\u0900" <= char <= "\u097f" for char in name)]
    latin = [name for name in names[1:] if any("a" <= char <= "z" for char in name)]
    assert (len(deva), len(latin)) == (9, 9)
    assert not set(deva) & set(latin)


def test_an_unknown_letter_is_an_error() -> None:
    with pytest.raises(KeyError):
        units.encode("z", units.ranks(units.learn(["ab"])))


def _mel(frames: int = 200) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(14, 2, (frames, 80)).astype(np.float32)


@pytest.mark.parametrize("snr", [0.0, 20.0])
def test_noise_has_the_ratio_asked_for(snr: float) -> None:
    strength = augment.Strength(
        lowest_snr=snr, highest_snr=snr, noise=1, babble=0, room=0, channel=0, narrow_band=0, warp=0
    )
    clean, rng = _mel(), np.random.default_rng(1)
    noisy = np.exp(augment.disturb(clean, rng, strength, clean)) - augment.FLOOR
    quiet = augment.Strength(noise=0, babble=0, room=0, channel=0, narrow_band=0, warp=0)
    rng = np.random.default_rng(1)
    ratio = noisy.mean() / np.exp(clean).mean()
    # The gain is unknown: the excess over the clean energy, relative to it, is not.
    gain = np.min(noisy / np.exp(clean))
    assert ratio / gain >= 1
    excess = (noisy - gain * np.exp(clean)).mean() / (gain * np.exp(clean).mean())
    assert excess == pytest.approx(10 ** (-snr / 10), rel=0.25)
    assert np.isfinite(augment.disturb(clean, rng, quiet, clean)).all()


def test_everything_at_once_stays_finite() -> None:
    every = augment.Strength(noise=1, babble=1, room=1, channel=1, narrow_band=1)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        heard = augment.disturb(_mel(50), rng, every, _mel(30))
        assert heard.shape == (50, 80)
        assert np.isfinite(heard).all()


def test_masks_hide_a_part() -> None:
    mel = np.ones((100, 80), np.float32)
    augment.mask(mel, np.random.default_rng(2), 2)
    assert 0 < (mel == 0).mean() < 0.6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve recordings of tones: low is का, Hindi; high is go, English."""
    root = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(0)
    lines = []
    for index in range(12):
        words = [("का", "hi", 500.0), ("go", "en", 2500.0)]
        chosen = [words[i] for i in rng.integers(0, 2, 3)]
        samples = [np.zeros(1600)]
        spans = []
        for place, (word, lang, hertz) in enumerate(chosen):
            start = 0.1 + 0.4 * place
            samples.append(0.2 * np.sin(2 * np.pi * hertz * np.arange(4800) / 16_000))
            samples.append(np.zeros(1600))
            spans.append({"word": word, "start": start, "end": start + 0.3, "lang": lang})
        signal = np.concatenate(samples)
        soundfile.write(root / f"{index}.flac", signal, 16_000)
        entry = {
            "audio_filepath": f"{index}.flac",
            "duration": len(signal) / 16_000,
            "text": " ".join(word for word, _, _ in chosen),
            "words": spans,
            "phones": [["k" if s["lang"] == "hi" else "ɡ", s["start"], s["end"]] for s in spans],
        }
        lines.append(json.dumps(entry, ensure_ascii=False))
    (root / "manifest.jsonl").write_text("\n".join(lines), "utf-8")
    return root


GENTLE = augment.Strength(0.2, 20, 40, 0, 0, 0, 0, 0.0, 0, 0)


def test_labels_lie_on_their_frames(folder: Path) -> None:
    corpus = data.load(folder)
    for example in corpus.examples:
        loud = corpus.features[example.start : example.start + example.frames].max(axis=1) > 10
        spoken = example.languages > 0
        assert (loud == spoken).mean() > 0.9
        assert set(np.unique(example.phones[spoken])) <= {
            accents.inventory().index("k"),
            accents.inventory().index("ɡ"),
        }
        assert (example.phones[~spoken] == data.IGNORED).all()


def test_a_pass_has_each_utterance_once(folder: Path) -> None:
    corpus = data.load(folder)
    batches = list(data.batches(corpus, 4.0, np.random.default_rng(0), GENTLE))
    assert sum(len(batch.words) for batch in batches) == len(corpus.examples)
    assert all(batch.features.shape[0] * batch.features.shape[1] * 0.01 <= 4 for batch in batches)


def _units(corpus: data.Corpus) -> list[str]:
    return units.learn(" ".join(example.words) for example in corpus.examples)


def _language_run(folder: Path, output: Path, minutes: float) -> model.LanguageNet:
    torch.manual_seed(0)
    names = _units(data.load(folder))
    shape = model.LanguageShape(3, len(accents.inventory()), len(names), 24, 2)
    network = model.LanguageNet(shape)
    settings = loop.Settings(minutes=minutes, batch_seconds=20, learning_rate=5e-3)
    losses = loop.language_losses(network, names, "cpu")
    extra = {"kind": "language", "languages": list(data.LANGUAGES)}
    loop.train(network, losses, data.load(folder), output, settings, GENTLE, extra)
    return network


def test_training_learns_and_goes_on_from_its_checkpoint(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_WARM_UP", 5)
    network = _language_run(folder, tmp_path, 0.04)
    corpus = data.load(folder)
    (batch, *_) = data.batches(corpus, 30.0, np.random.default_rng(5), GENTLE)
    losses = loop.language_losses(network, _units(corpus), "cpu")(batch)
    first = float(losses["language"].detach())
    assert first < 0.6
    before = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["counters"]
    _language_run(folder, tmp_path, 0.06)
    after = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["counters"]
    assert after[0] > before[0]
    assert before[1] >= 0.04
    assert after[1] >= 0.06


def _small_encoder(names: list[str]) -> model.Encoder:
    torch.manual_seed(0)
    phones = len(accents.inventory())
    shape = model.EncoderShape(len(names), phones, 32, 3, phone_layer=1, middle_layer=2)
    return model.Encoder(shape)


def test_all_losses_are_finite_and_reach_every_weight(folder: Path) -> None:
    corpus = data.load(folder)
    names = _units(corpus)
    encoder = _small_encoder(names)
    batch = next(data.batches(corpus, 10.0, np.random.default_rng(0), GENTLE))
    losses = loop.ctc_losses(encoder, names, "cpu")(batch)
    assert set(losses) == {"ctc", "middle", "phones"}
    sum(losses.values()).backward()
    for name, weight in encoder.named_parameters():
        assert weight.grad is not None, name
        assert torch.isfinite(weight.grad).all(), name


def test_a_batch_without_phones_costs_nothing() -> None:
    logits = torch.randn(2, 5, 4, requires_grad=True)
    loss = loop._frame_loss(logits, np.full((2, 20), data.IGNORED))
    assert float(loss.detach()) == 0.0


def test_padding_changes_nothing() -> None:
    encoder = _small_encoder(["<blank>", "▁", "a"]).eval()
    mel = torch.randn(1, 101, 80)
    padded = torch.cat([mel, torch.zeros(1, 60, 80)], dim=1)
    both = torch.cat([padded, torch.randn(1, 161, 80)])
    with torch.no_grad():
        alone = encoder(mel)[0][0]
        beside = encoder(both, torch.tensor([101, 161]))[0][0, : len(alone)]
    torch.testing.assert_close(alone, beside, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("frames", [20, 101, 1000])
def test_the_exported_network_equals_the_trained_one(frames: int, tmp_path: Path) -> None:
    encoder = _small_encoder(["<blank>", "▁", "a"]).eval()
    path = tmp_path / "encoder.onnx"
    export.write_onnx(export.First(encoder), path, quantized=False)
    mel = torch.randn(frames, 80)
    with torch.no_grad():
        expected = encoder(mel[None])[0][0].log_softmax(dim=-1).numpy()
    ours = Network(path, "network-input")(mel.numpy())
    np.testing.assert_allclose(ours, expected, atol=2e-4)


def test_a_model_folder_is_what_transcribe_loads(folder: Path, tmp_path: Path) -> None:
    names = units.learn(["का go"] * 3)
    encoder = _small_encoder(names)
    content = {"kind": "encoder", "shape": asdict(encoder.shape), "units": names}
    torch.save({**content, "network": encoder.state_dict()}, tmp_path / "enc.pt")
    shape = model.LanguageShape(3, 5, 9, 16, 2)
    language = model.LanguageNet(shape)
    content = {"kind": "language", "shape": asdict(shape), "languages": list(data.LANGUAGES)}
    torch.save({**content, "network": language.state_dict()}, tmp_path / "lid.pt")
    export.export(tmp_path / "enc.pt", tmp_path / "lid.pt", tmp_path / "model")
    recognizer = Recognizer.load(tmp_path / "model" / "model.toml")
    assert recognizer.labels.names == tuple(names)
    (chunk,) = recognizer.stream([np.zeros(16_000, np.float32)])
    assert chunk.lid is not None
    assert chunk.ctc.shape == (25, len(names))
    assert chunk.lid.shape == (25, 3)
