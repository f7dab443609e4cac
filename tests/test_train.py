from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from cswitch.cli.train import command  # noqa: E402
from cswitch.errors import InputError  # noqa: E402
from cswitch.recognition.audio import resample  # noqa: E402
from cswitch.recognition.networks import Network  # noqa: E402
from cswitch.recognition.recognizer import Recognizer  # noqa: E402
from cswitch.synth import accents  # noqa: E402
from cswitch.train import augment, data, export, loop, model, recipes, units  # noqa: E402

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


def _write_corpus(root: Path, words: tuple[tuple[str, str, float], ...]) -> Path:
    """Twelve recordings of tones, each of which is a word."""
    root.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    lines = []
    for index in range(12):
        chosen = [words[i] for i in rng.integers(0, len(words), 3)]
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Low is का, Hindi; high is go, English."""
    words = (("का", "hi", 500.0), ("go", "en", 2500.0))
    return _write_corpus(tmp_path_factory.mktemp("corpus"), words)


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


def _language_run(folder: Path, output: Path, steps: int) -> model.LanguageNet:
    torch.manual_seed(0)
    names = _units(data.load(folder))
    shape = model.LanguageShape(3, len(accents.inventory()), len(names), 24, 2)
    network = model.LanguageNet(shape)
    settings = loop.Settings(9.0, batch_seconds=20, learning_rate=5e-3, steps=steps)
    losses = loop.language_losses(network, names, "cpu")
    extra = {"kind": "language", "languages": list(data.LANGUAGES)}
    loop.train(network, losses, data.load(folder), output, settings, GENTLE, extra)
    return network


def test_training_learns_and_goes_on_from_its_checkpoint(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_WARM_UP", 5)
    network = _language_run(folder, tmp_path, 100)
    corpus = data.load(folder)
    (batch, *_) = data.batches(corpus, 30.0, np.random.default_rng(5), GENTLE)
    total, count = loop.language_losses(network, _units(corpus), "cpu")(batch)["language"]
    assert float(total.detach() / count) < 0.6
    before = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["counters"]
    _language_run(folder, tmp_path, 110)
    after = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["counters"]
    assert (before[0], after[0]) == (100, 110)
    assert after[1] > before[1] > 0
    assert after[2] > before[2] > 0


def test_training_ends_when_its_time_is_used_up(folder: Path, tmp_path: Path) -> None:
    told = _train("encoder", folder, tmp_path, "--minutes", 0.02, *SMALL)
    assert "12 utterances" in told
    steps, minutes, _ = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["counters"]
    assert steps >= 1
    assert minutes >= 0.02
    _train("encoder", folder, tmp_path, "--minutes", 0.02)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["counters"][0] == steps


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
    sum(total for total, _ in losses.values()).backward()
    for name, weight in encoder.named_parameters():
        assert weight.grad is not None, name
        assert torch.isfinite(weight.grad).all(), name


def test_a_batch_without_phones_costs_nothing() -> None:
    logits = torch.randn(2, 5, 4, requires_grad=True)
    loss, count = loop._frame_loss(logits, np.full((2, 20), data.IGNORED))
    assert float(loss.detach()) == float(count) == 0.0


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


def test_features_follow_a_manifest_that_has_changed(tmp_path: Path) -> None:
    root = _write_corpus(tmp_path / "c", (("का", "hi", 500.0),))
    before = data.load(root)
    manifest = root / "manifest.jsonl"
    lines = manifest.read_text("utf-8").splitlines()
    manifest.write_text("\n".join(lines[:5]), "utf-8")
    os.utime(manifest, (0, 0))  # as a copy that keeps its date
    after = data.load(root)
    assert len(after.features) == 5 * len(before.features) / 12
    computed = (root / "features.npy").stat()
    manifest.write_text("\n".join(reversed(lines[:5])), "utf-8")
    os.utime(manifest, (computed.st_mtime + 5,) * 2)
    data.load(root)
    assert (root / "features.npy").stat().st_ino != computed.st_ino


def test_real_speech_needs_a_text_and_no_labels_per_frame(folder: Path, tmp_path: Path) -> None:
    entry = {"audio_filepath": str(folder / "0.flac"), "duration": 1.4, "text": "का go"}
    (tmp_path / "manifest.jsonl").write_text(json.dumps(entry), "utf-8")
    (example,) = data.load(tmp_path).examples
    assert example.words == ("का", "go")
    assert (example.languages == data.IGNORED).all()
    assert (example.phones == data.IGNORED).all()
    # The manifest says 1.4 s where there are 1.3.
    assert example.frames == 138
    assert np.isfinite(data.load(tmp_path).features).all()


def test_parts_of_a_recording_are_examples(folder: Path, tmp_path: Path) -> None:
    sounds = [soundfile.read(folder / f"{index}.flac")[0] for index in (0, 1)]
    soundfile.write(tmp_path / "talk.flac", np.concatenate(sounds), 16_000)
    entries = [
        {"audio_filepath": "talk.flac", "offset": 1.3 * index, "duration": 1.3, "text": "का"}
        for index in (0, 1)
    ]
    (tmp_path / "manifest.jsonl").write_text("\n\n".join(map(json.dumps, entries)), "utf-8")
    loaded, whole = data.load(tmp_path), data.load(folder)
    frames = loaded.examples[0].frames
    assert [example.start for example in loaded.examples] == [0, frames]
    np.testing.assert_array_equal(loaded.features[0 : 2 * frames], whole.features[0 : 2 * frames])
    entries[1]["offset"] = 2.6
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, entries)), "utf-8")
    with pytest.raises(InputError, match=r"jsonl:2: .*talk\.flac: the part begins at 2\.6 s"):
        data.load(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("[]", "no manifest line: it has another form"),
        ('{"duration": 1}', "no manifest line: 'audio_filepath' is missing"),
        ('{"audio_filepath": "a.wav"}', "no manifest line: 'duration' is missing"),
    ],
)
def test_a_wrong_manifest_line_is_named(line: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text(line, "utf-8")
    with pytest.raises(InputError, match=rf"manifest\.jsonl:1: {message}"):
        data.load(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("audio_filepath", 3, "3 is no text"),
        ("duration", "long", "could not convert string to float: 'long'"),
        ("duration", float("nan"), "nan is no number of seconds"),
        ("duration", 1e9, r"1000000000\.0 is no number of seconds"),
        ("duration", -1, "-1 is no number of seconds"),
        ("offset", "3", "offset is '3'"),
        ("text", 3, "3 is no text"),
        ("words", "का go", "it has another form"),
        ("words", [{"word": "का", "start": 0, "end": 1}], "'lang' is missing"),
        ("words", [{"lang": "hi", "start": 2, "end": 1}], "'hi' ends before it begins"),
        ("words", [{"lang": None, "start": 0, "end": 1}], "None is no text"),
        ("phones", [["k", 0]], "not enough values to unpack"),
        ("phones", {"k": 0}, "not enough values to unpack"),
    ],
)
def test_a_wrong_value_in_a_manifest_is_named(
    key: str, value: object, message: str, tmp_path: Path
) -> None:
    entry = {"audio_filepath": "a.wav", "duration": 1.0, "text": "का", key: value}
    (tmp_path / "manifest.jsonl").write_text(json.dumps(entry), "utf-8")
    with pytest.raises(InputError, match=rf"manifest\.jsonl:1: no manifest line: {message}"):
        data.load(tmp_path)


def test_a_folder_without_manifest_and_a_manifest_without_lines_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    told = _train("encoder", tmp_path, output, "--steps", 1, *SMALL)
    assert "there is no manifest.jsonl in this folder" in told
    (tmp_path / "manifest.jsonl").touch()
    told = _train("encoder", folder, tmp_path, output, "--steps", 1, *SMALL)
    assert "manifest.jsonl: no utterances. Run cswitch synth" in told
    assert not output.exists()


def test_audio_of_another_length_than_the_manifest_says_is_refused(tmp_path: Path) -> None:
    root = _write_corpus(tmp_path / "c", (("का", "hi", 500.0),))
    samples, _ = soundfile.read(root / "3.flac")
    soundfile.write(root / "3.flac", samples, 4000)
    with pytest.raises(InputError, match=r"manifest\.jsonl:4: the duration is 1\.3 s, .* 5\.2 s"):
        data.load(root)
    (root / "3.flac").unlink()
    with pytest.raises(InputError, match=r"3\.flac: no such audio file"):
        data.load(root)
    assert not (root / "features.npy").exists()


def test_features_of_another_sampling_rate_are_those_of_16_khz(tmp_path: Path) -> None:
    root = _write_corpus(tmp_path / "c", (("का", "hi", 500.0),))
    expected = np.array(data.load(root).features, np.float32)
    for path in root.glob("*.flac"):
        samples, _ = soundfile.read(path)
        soundfile.write(path, resample(samples.astype(np.float32), 16_000, 48_000), 48_000)
    (root / "features.npy").unlink()
    found = np.array(data.load(root).features, np.float32)
    # Where nothing was, resampling leaves an edge of each tone.
    assert found.shape == expected.shape
    assert np.median(np.abs(found - expected)[expected > 12]) < 0.05


def test_features_that_are_broken_are_computed_again(tmp_path: Path) -> None:
    root = _write_corpus(tmp_path / "c", (("का", "hi", 500.0),))
    expected = np.array(data.load(root).features)
    (root / "features.npy").write_bytes(b"junk" * 9)
    np.testing.assert_array_equal(data.load(root).features[:], expected)


def test_losses_that_are_no_numbers_end_training_and_are_not_saved(tmp_path: Path) -> None:
    root = _write_corpus(tmp_path / "c", (("का", "hi", 500.0),))
    shape = data.load(root).features.shape
    (root / "features.npy").unlink()
    np.save(root / "features.npy", np.full(shape, np.nan, np.float16))
    told = _train("encoder", root, tmp_path / "enc", "--minutes", 9, *SMALL)
    assert "enc: for 20 steps the losses have been no numbers. Lower --learning-rate" in told
    assert not (tmp_path / "enc" / "checkpoint.pt").exists()


def test_a_short_training_has_a_curve_too(folder: Path, tmp_path: Path) -> None:
    _train("encoder", folder, tmp_path, "--steps", 2, *SMALL)
    _train("encoder", folder, tmp_path, "--steps", 3, *SMALL)
    header, *rows = _curve(tmp_path)
    assert header[:2] == ["step", "minutes"]
    assert [row[0] for row in rows] == ["2", "3"]


def test_steps_that_were_lost_are_not_in_the_curve_twice(folder: Path, tmp_path: Path) -> None:
    _train("encoder", folder, tmp_path, "--steps", 2, *SMALL)
    with open(tmp_path / "curve.csv", "a", encoding="utf-8") as out:
        out.write("4,0.1,0.1,1,1,1,1,1\n5,0")  # what a power cut leaves
    _train("encoder", folder, tmp_path, "--steps", 3, *SMALL)
    assert [row[0] for row in _curve(tmp_path)] == ["step", "2", "3"]
    (tmp_path / "checkpoint.pt").unlink()
    _train("encoder", folder, tmp_path, "--steps", 1, *SMALL)
    assert [row[0] for row in _curve(tmp_path)] == ["step", "1"]


def test_a_training_that_is_finished_says_so(folder: Path, tmp_path: Path) -> None:
    _train("encoder", folder, tmp_path, "--steps", 1, *SMALL)
    before = (tmp_path / "checkpoint.pt").stat().st_mtime_ns
    told = _train("encoder", folder, tmp_path, "--steps", 1, *SMALL)
    assert "checkpoint.pt has had 1 steps in" in told and "to go on, ask for more" in told
    assert (tmp_path / "checkpoint.pt").stat().st_mtime_ns == before


def test_folders_that_cannot_be_created_are_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    _train("encoder", folder, tmp_path / "enc", "--steps", 1, *SMALL)
    output, checkpoint = tmp_path / "file" / "out", tmp_path / "enc" / "checkpoint.pt"
    for told in (
        _train("encoder", folder, output, "--steps", 1, *SMALL),
        _train("export", checkpoint, output),
    ):
        assert told.startswith(f"{output}: cannot create the folder: Not a directory")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--dim", -4),
        ("--batch-seconds", 0),
        ("--batch-seconds", "nan"),
        ("--learning-rate", "nan"),
        ("--learning-rate", -1),
        ("--seed", -1),
        ("--minutes", "inf"),
        ("--device", "tpu"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(
    option: str, value: object, folder: Path, tmp_path: Path
) -> None:
    arguments = ["encoder", folder, tmp_path / "enc", "--steps", 1, option, value]
    result = CliRunner().invoke(command, [str(one) for one in arguments])
    assert result.exit_code == 2
    assert f"Invalid value for '{option}'" in result.stderr


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_help_needs_no_torch_but_training_does(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "Train the conformer" in CliRunner().invoke(command, ["encoder", "--help"]).output
    told = "torch is not installed. Install it with pip install 'cswitch-asr[train]'."
    assert _train("encoder", folder, tmp_path / "enc", "--steps", 1) == told


def test_a_missing_gpu_is_told(folder: Path, tmp_path: Path) -> None:
    told = _train("encoder", folder, tmp_path, "--steps", 1, "--device", "cuda")
    assert "torch finds no GPU. Leave out --device" in told


def test_only_checkpoints_of_the_right_kind_are_exported(folder: Path, tmp_path: Path) -> None:
    _train("encoder", folder, tmp_path / "enc", "--steps", 1, *SMALL)
    checkpoint, model_folder = tmp_path / "enc" / "checkpoint.pt", tmp_path / "model"
    told = _train("export", checkpoint, model_folder, "--language", checkpoint)
    assert "is a checkpoint of the kind 'encoder', not 'language'" in told
    (tmp_path / "text.pt").write_text("text", "utf-8")
    assert "text.pt: is no checkpoint" in _train("export", tmp_path / "text.pt", model_folder)
    assert not model_folder.exists()


def test_joined_corpora_keep_their_features(folder: Path, tmp_path: Path) -> None:
    first = data.load(folder)
    second = data.load(_write_corpus(tmp_path / "c", (("घर", "hi", 1500.0),)))
    both = data.join([first, second])
    assert len(both.examples) == 24
    assert both.hours == pytest.approx(first.hours + second.hours)
    for corpus, examples in ((first, both.examples[:12]), (second, both.examples[12:])):
        for old, new in zip(corpus.examples, examples, strict=True):
            expected = corpus.features[old.start : old.start + old.frames]
            found = both.features[new.start : new.start + new.frames]
            np.testing.assert_array_equal(found, expected)
            assert new.words == old.words


def _train(*arguments: object) -> str:
    result = CliRunner().invoke(command, [str(one) for one in arguments])
    if isinstance(result.exception, InputError):
        return str(result.exception)
    assert result.exit_code == 0, result.output
    return result.stderr


SMALL = ("--layers", 3, "--dim", 16, "--batch-seconds", 8)


def test_going_on_with_another_corpus_keeps_units_and_shape(folder: Path, tmp_path: Path) -> None:
    other = _write_corpus(tmp_path / "other", (("गो", "hi", 500.0), ("oog", "en", 2500.0)))
    output = tmp_path / "enc"
    _train("encoder", folder, output, "--steps", 2, *SMALL)
    before = torch.load(output / "checkpoint.pt", weights_only=True)
    told = _train("encoder", folder, other, output, "--steps", 4)
    after = torch.load(output / "checkpoint.pt", weights_only=True)
    assert after["counters"][0] == 4
    assert (after["units"], after["shape"]) == (before["units"], before["shape"])
    assert "utterances left out: they have letters that the units lack" in told
    assert "24 utterances" in told


def test_a_checkpoint_that_does_not_fit_is_refused(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "enc"
    _train("encoder", folder, output, "--steps", 1, *SMALL)
    assert "has 3 layers of width 16" in _train(
        "encoder", folder, output, "--steps", 2, "--layers", 4
    )
    assert "is a checkpoint of the kind 'encoder'" in _train(
        "language", folder, output, "--steps", 2
    )
    foreign = _write_corpus(tmp_path / "other", (("தமிழ்", "hi", 500.0),))
    assert "no utterance can be written" in _train("encoder", foreign, output, "--steps", 2)
    (output / "checkpoint.pt").write_bytes(b"PK?")
    assert "is no checkpoint" in _train("encoder", folder, output, "--steps", 2)
    assert "cannot be shared by 4 heads" in _train(
        "encoder", folder, tmp_path / "odd", "--steps", 1, "--dim", 18
    )
    assert "no end is given" in _train("encoder", folder, tmp_path / "odd")


def test_recordings_without_labels_are_for_pretraining_only(folder: Path, tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    entry = {"audio_filepath": str(folder / "0.flac"), "duration": 1.3}
    (recordings / "manifest.jsonl").write_text(json.dumps(entry), "utf-8")
    _train("pretrain", recordings, tmp_path / "pre", "--steps", 1, *SMALL)
    told = _train("encoder", recordings, tmp_path / "enc", "--steps", 1, *SMALL)
    assert "no utterance has a text" in told
    told = _train("language", recordings, tmp_path / "lid", "--steps", 1, "--batch-seconds", 8)
    assert "no utterance has words with times and languages" in told


def test_a_guesser_hides_a_share_in_stretches_and_guesses_what_was_there() -> None:
    torch.manual_seed(0)
    guesser = model.Guesser(model.EncoderShape(1, 1, 16, 3), codes=32)
    features = torch.randn(8, 1001, 80)
    frames = torch.full((8,), 1001)
    frames[0] = 200
    logits, wanted, hidden = guesser(features, frames)
    assert logits.shape == (8, 251, 32)
    assert 0.25 < hidden[1:].float().mean() < 0.5
    assert not hidden[0, 50:].any()
    torch.testing.assert_close(wanted, guesser.codes(features))
    assert len(wanted.unique()) > 16
    edges = (hidden[1:, 1:] != hidden[1:, :-1]).sum() / hidden[1:].sum()
    assert edges < 0.25
    assert set(dict(guesser.named_buffers())) == {"projection", "codebook"}


def test_a_pretrained_encoder_is_what_another_begins_with(folder: Path, tmp_path: Path) -> None:
    _train("pretrain", folder, tmp_path / "pre", "--steps", 2, *SMALL)
    begin = tmp_path / "pre" / "checkpoint.pt"
    pretrained = torch.load(begin, weights_only=True)["network"]
    settings = loop.Settings(1.0, steps=1)
    recipe = recipes.Recipe("encoder", (folder,), tmp_path / "enc", settings, start=begin)
    network = recipes._make(recipe).network
    for name, value in network.state_dict().items():
        if name.startswith(("subsampling.", "layers.", "norm.")):
            torch.testing.assert_close(value, pretrained[f"encoder.{name}"])
    assert network.shape.layers == 3
    _train("encoder", folder, tmp_path / "enc", "--steps", 1, "--from", begin)
    again = _train("encoder", folder, tmp_path / "enc2", "--steps", 1, "--from", begin, "--dim", 32)
    assert "has 3 layers of width 16" in again


def test_an_encoder_may_be_tuned_on_other_speech(folder: Path, tmp_path: Path) -> None:
    _train("encoder", folder, tmp_path / "enc", "--steps", 1, *SMALL)
    begin = tmp_path / "enc" / "checkpoint.pt"
    other = _write_corpus(tmp_path / "other", (("गो", "hi", 500.0), ("go", "en", 2500.0)))
    recipe = recipes.Recipe(
        "encoder", (other,), tmp_path / "tuned", loop.Settings(1.0, steps=1), start=begin
    )
    made, learned = recipes._make(recipe), torch.load(begin, weights_only=True)
    assert made.extra["units"] == learned["units"]
    for name, value in made.network.state_dict().items():
        torch.testing.assert_close(value, learned["network"][name])
    # The rate begins anew, and so do the steps.
    _train("encoder", other, tmp_path / "tuned", "--steps", 1, "--from", begin)
    assert torch.load(tmp_path / "tuned/checkpoint.pt", weights_only=True)["counters"][0] == 1


def test_parts_of_a_batch_have_the_gradients_of_the_whole(folder: Path) -> None:
    corpus = data.load(folder)
    names = _units(corpus)
    gradients = []
    for workers in (1, 3):
        network = _small_encoder(names)
        losses_of = loop.ctc_losses(network, names, "cpu")
        parts = [
            losses_of(next(data.batches(corpus, 9.0, np.random.default_rng(0), GENTLE, share)))
            for share in ((rank, workers) for rank in range(workers))
        ]
        counts = {name: sum(float(part[name][1]) for part in parts) for name in parts[0]}
        for part in parts:
            sum(part[name][0] / counts[name] for name in counts).backward()
        gradients.append({name: w.grad for name, w in network.named_parameters()})
    for name, whole in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], whole, atol=1e-4, rtol=1e-3, msg=name)


def test_two_workers_learn_what_one_does(folder: Path, tmp_path: Path) -> None:
    for workers in (1, 2):
        output = tmp_path / str(workers)
        _train("encoder", folder, output, "--steps", 25, "--workers", workers, *SMALL)
    one, two = (
        torch.load(tmp_path / name / "checkpoint.pt", weights_only=True) for name in ("1", "2")
    )
    assert one["counters"][0] == two["counters"][0] == 25
    assert one["counters"][2] == pytest.approx(two["counters"][2])
    first = dict(zip(*_curve(tmp_path / "1"), strict=True))
    second = dict(zip(*_curve(tmp_path / "2"), strict=True))
    for name in ("ctc", "middle", "phones"):
        assert float(second[name]) == pytest.approx(float(first[name]), rel=0.01)
    for name, value in one["network"].items():
        torch.testing.assert_close(two["network"][name], value, atol=0.01, rtol=0.05)
    # One worker goes on where two have stopped.
    _train("encoder", folder, tmp_path / "2", "--steps", 26)


def _curve(folder: Path) -> list[list[str]]:
    return [line.split(",") for line in (folder / "curve.csv").read_text().splitlines()]


def test_more_workers_than_utterances_are_refused(folder: Path, tmp_path: Path) -> None:
    told = _train("encoder", folder, tmp_path, "--steps", 1, "--workers", 13, *SMALL)
    assert "12 utterances for 13 workers" in told


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interruption_saves_whole_steps(folder: Path, tmp_path: Path, workers: int) -> None:
    code = "from cswitch.cli import main; main()"
    arguments = ["train", "encoder", folder, tmp_path, "--minutes", 9, "--workers", workers, *SMALL]
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any(line.startswith("step 25 ") for line in lines)
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in rest
    content = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert content["counters"][0] > 25
    assert content["kind"] == "encoder"
