"""Networks of three interfaces, each a tiny one that hears two tones, and streams of audio."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tiny_networks as tiny
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cswitch.cli import cli
from cswitch.errors import InputError
from cswitch.recognition import networks
from cswitch.recognition.ctc import Greedy
from cswitch.recognition.features import log_mel, nemo_log_mel
from cswitch.recognition.posteriors import Labels
from cswitch.recognition.recognizer import Recognizer, windows

pytest.importorskip("onnx")


def _loudest(tone: str) -> int:
    return int(log_mel(tiny.tones(tone)).mean(axis=0).argmax())


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    network = tiny.features_network(tmp_path / "ours.onnx", _loudest("a"), _loudest("b"))
    return tiny.describe(tmp_path, network, ["<blank>", "▁a", "▁b"], "network-input", 0.04)


@pytest.fixture
def nemo(tmp_path: Path) -> Path:
    bands = [int(np.argmax(_slaney(tone))) for tone in "ab"]
    network = tiny.nemo_network(tmp_path / "nemo.onnx", *bands)
    return tiny.describe(tmp_path, network, ["▁a", "▁b"], "nemo", 0.08)


@pytest.fixture(params=[True, False], ids=["with mask", "without mask"])
def wav2vec2(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    network = tiny.wav2vec2_network(tmp_path / "hf.onnx", masked=request.param)
    return tiny.describe(tmp_path, network, ["<pad>", "|", "a", "b"], "waveform", 0.02)


def _slaney(tone: str, bins: int = 80) -> np.ndarray:
    """Where a tone stands out when it follows silence."""
    frames = nemo_log_mel(tiny.tones("." + tone), bins)
    return frames[len(frames) // 2 :].mean(axis=0) - frames[: len(frames) // 2].mean(axis=0)


def _text(recognizer: Recognizer, samples: np.ndarray) -> str:
    decoder = Greedy(recognizer.labels, recognizer.frame_seconds)
    for chunk in recognizer.stream([samples]):
        decoder.feed(chunk.ctc)
    return " ".join(word.word for word in decoder.finish())


def test_our_interface_hears_what_was_played(ours: Path) -> None:
    assert _text(Recognizer.load(ours), tiny.tones(".a.b.b.a.")) == "a b b a"


def test_nemo_exports_are_understood(nemo: Path) -> None:
    recognizer = Recognizer.load(nemo)
    assert recognizer.labels.blank == 2
    assert _text(recognizer, tiny.tones(".a.b.b.a.")) == "a b b a"


def test_nemo_exports_may_have_more_bands(tmp_path: Path) -> None:
    bands = [int(np.argmax(_slaney(tone, 128))) for tone in "ab"]
    network = tiny.nemo_network(tmp_path / "nemo.onnx", *bands, bins=128)
    recognizer = Recognizer.load(tiny.describe(tmp_path, network, ["▁a", "▁b"], "nemo", 0.08))
    assert _text(recognizer, tiny.tones(".a.b.b.a.")) == "a b b a"


def test_exports_in_half_precision_are_understood(wav2vec2: Path) -> None:
    import onnx

    path = wav2vec2.parent / "hf.onnx"
    model = onnx.load(path)
    half, single = onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT
    model.graph.input[0].type.tensor_type.elem_type = half
    model.graph.output[0].type.tensor_type.elem_type = half
    for node in model.graph.node:
        node.input[:] = ["whole" if name == "input_values" else name for name in node.input]
        node.output[:] = ["scored" if name == "logits" else name for name in node.output]
    cast = onnx.helper.make_node
    model.graph.node.insert(0, cast("Cast", ["input_values"], ["whole"], to=single))
    model.graph.node.append(cast("Cast", ["scored"], ["logits"], to=half))
    onnx.save(model, path)
    assert _text(Recognizer.load(wav2vec2), tiny.tones(".ab.")) == "ab"


def test_a_network_that_wants_more_than_audio_is_refused(nemo: Path) -> None:
    import onnx

    path = nemo.parent / "nemo.onnx"
    model = onnx.load(path)
    shape = ["batch", 17, 70, 512]
    cache = onnx.helper.make_tensor_value_info("cache", onnx.TensorProto.FLOAT, shape)
    model.graph.input.append(cache)
    onnx.save(model, path)
    with pytest.raises(InputError, match="the input 'cache' is neither a length nor a mask"):
        Recognizer.load(nemo)


def test_the_description_and_the_commands_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    (description,) = re.findall(r"^```toml\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    commands = re.findall(r"^cswitch (.* (?:manifest\.json) .*)$", readme, re.MULTILINE)
    commands = [line for line in commands if "transcripts.jsonl" in line]
    assert len(commands) == 2
    monkeypatch.chdir(tmp_path)
    tiny.nemo_network(Path("model.onnx"), *(int(np.argmax(_slaney(tone))) for tone in "ab"))
    Path("labels.txt").write_text("▁a\n▁b\n", "utf-8")
    Path("nemo.toml").write_text(description, "utf-8")
    soundfile.write("talk.wav", tiny.tones(".a.b."), 16_000)
    entry = {"audio_filepath": "talk.wav", "duration": 2.0, "text": "a b"}
    Path("manifest.json").write_text(json.dumps(entry), "utf-8")
    for command in commands:
        result = CliRunner().invoke(cli, command.split())
        assert result.exit_code == 0, result.output
    assert "1 utterances, 2 words" in result.output and "0.00%" in result.output


def test_hugging_face_exports_are_understood(wav2vec2: Path) -> None:
    recognizer = Recognizer.load(wav2vec2)
    assert recognizer.labels.names[recognizer.labels.blank] == "<pad>"
    assert _text(recognizer, tiny.tones(".a.b.b.a.")) == "abba"


def test_labels_may_be_a_vocabulary_in_json(wav2vec2: Path) -> None:
    (wav2vec2.parent / "vocab.json").write_text('{"a": 2, "<pad>": 0, "b": 3, "|": 1}', "utf-8")
    wav2vec2.write_text(wav2vec2.read_text("utf-8").replace("labels.txt", "vocab.json"), "utf-8")
    assert _text(Recognizer.load(wav2vec2), tiny.tones(".ab.")) == "ab"


def test_words_have_the_times_of_the_tones(ours: Path) -> None:
    recognizer = Recognizer.load(ours)
    decoder = Greedy(recognizer.labels, recognizer.frame_seconds)
    for chunk in recognizer.stream([tiny.tones("..a..b..")]):
        decoder.feed(chunk.ctc)
    for word, start in zip(decoder.finish(), (0.8, 2.0), strict=True):
        assert word.start == pytest.approx(start, abs=0.05)
        assert word.end == pytest.approx(start + 0.4, abs=0.05)


@pytest.mark.parametrize("samples", [0, 1, 399, 400, 3199, 3200])
@pytest.mark.parametrize("kind", ["ours", "nemo", "wav2vec2"])
def test_very_short_audio_is_no_words(
    kind: str, samples: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind == "wav2vec2":
        network = tiny.wav2vec2_network(tmp_path / "hf.onnx")
        config = tiny.describe(tmp_path, network, ["<pad>", "|", "a", "b"], "waveform", 0.02)
    else:
        config = request.getfixturevalue(kind)
    assert _text(Recognizer.load(config), np.zeros(samples, np.float32)) == ""


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 40), max_size=12),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_windows_cover_each_sample_once(
    sizes: list[int], unit: int, margin: int, inner: int
) -> None:
    signal = np.arange(sum(sizes), dtype=np.float32)
    window = (2 * margin + inner) * unit
    parts = list(windows(np.split(signal, np.cumsum(sizes)), window, margin * unit))
    assert all(len(samples) <= window for samples, _, _ in parts)
    covered = [samples[before:end] for samples, before, end in parts]
    np.testing.assert_array_equal(np.concatenate([*covered, signal[:0]]), signal)


def test_every_kept_sample_has_its_margin_on_both_sides() -> None:
    signal = np.arange(1000, dtype=np.float32)
    for samples, before, end in windows([signal], window=100, margin=20):
        assert before == (0 if samples[0] == 0 else 20)
        assert end == (None if samples[-1] == 999 else 80)


@pytest.mark.parametrize("kind", ["ours", "nemo"])
def test_windows_leave_no_seam_in_the_text(kind: str, request: pytest.FixtureRequest) -> None:
    recognizer = Recognizer.load(request.getfixturevalue(kind))
    rng = np.random.default_rng(3)
    letters = rng.choice(["a", "b"], 80)
    text = _text(recognizer, tiny.tones("." + ".".join(letters) + "."))
    assert text == " ".join(letters)


def test_blocks_make_no_difference_to_the_posteriors(ours: Path) -> None:
    recognizer = Recognizer.load(ours)
    samples = tiny.tones("a.b." * 20)
    whole = np.concatenate([chunk.ctc for chunk in recognizer.stream([samples])])
    blocks = np.split(samples, [7, 5000, 5000, 300_000])
    parts = np.concatenate([chunk.ctc for chunk in recognizer.stream(blocks)])
    np.testing.assert_array_equal(parts, whole)
    assert len(whole) == pytest.approx(len(samples) / 640, abs=1)


def test_memory_does_not_grow_with_the_length(ours: Path) -> None:
    recognizer = Recognizer.load(ours)

    def peak(minutes: int) -> int:
        def blocks() -> Iterator[np.ndarray]:
            for _ in range(6 * minutes):
                yield tiny.tones("a.b.", seconds=2.5)

        tracemalloc.start()
        frames = sum(len(chunk.ctc) for chunk in recognizer.stream(blocks()))
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert frames == pytest.approx(minutes * 1500, abs=1)
        return size

    # A window and the blocks of features may meet in another way after some minutes.
    assert peak(12) < 1.05 * peak(6)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("network-input", "mfcc", ":3: unknown features 'mfcc'"),
        ("network-input", "waveform", "has 3 dimensions"),
        ("network-input", "nemo", 'does not take features = "nemo" of any length'),
        ('"network-input"', "[3]", r":3: features is \[3\]"),
        ("frame_seconds = 0.04", "frame_seconds = 40", ":4: frame_seconds is 40"),
        ("frame_seconds = 0.04", "frame_seconds = true", ":4: frame_seconds is True"),
        ("frame_seconds = 0.04", 'frame_seconds = "0.04"', ":4: frame_seconds is '0.04'"),
        ("frame_seconds = 0.04", "frame_seconds = 0.08", "25 frames of a second. Write .* = 0.04"),
        ("frame_seconds = 0.04", "", "the key 'frame_seconds' is missing"),
        ("frame_seconds = 0.04", "frame_seconds = 0.04\nbeam = 3", ":5: unknown key 'beam'"),
        ("frame_seconds = 0.04", "frame_seconds = 0.04\nblank = 3", ":5: blank is 3"),
        ("frame_seconds = 0.04", 'frame_seconds = 0.04\nblank = "x"', "no label is the CTC blank"),
        ("ours.onnx", "labels.txt", "cannot be loaded"),
        ("ours.onnx", "none.onnx", r":1: there is no file '.*none\.onnx'"),
        ('"ours.onnx"', "3", ":1: encoder is 3"),
        ("ours.onnx", "", ":1: encoder is ''"),
        ("labels.txt", "none.txt", r":2: there is no file '.*none\.txt'"),
        ("features =", "features", r"\.toml:3: cannot be read as TOML"),
    ],
)
def test_a_wrong_description_is_refused(old: str, new: str, message: str, ours: Path) -> None:
    ours.write_text(ours.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(InputError, match=message):
        Recognizer.load(ours)


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("language = 3", r"\[language\] is not complete"),
        ('[language]\nnetwork = "ours.onnx"', r":5: the table \[language\] is not complete"),
        (
            '[language]\nnetwork = "none.onnx"\nclasses = ["sil", "hi", "en"]',
            ":6: there is no file",
        ),
        ('[language]\nnetwork = "ours.onnx"\nclasses = "sil"', ":7: classes is 'sil'"),
        ('[language]\nnetwork = "ours.onnx"\nclasses = ["hi", "en"]', "2 classes for 3 columns"),
        ('[language]\nnetwork = "ours.onnx"\nclasses = []\nbeam = 3', ":8: unknown key 'beam'"),
    ],
)
def test_a_wrong_language_network_is_refused(language: str, message: str, ours: Path) -> None:
    ours.write_text(ours.read_text("utf-8") + language, "utf-8")
    with pytest.raises(InputError, match=message):
        Recognizer.load(ours)


def test_a_folder_stands_for_the_description_in_it(ours: Path) -> None:
    assert Recognizer.load(ours.parent).config == Recognizer.load(ours).config


@pytest.mark.parametrize("labels", ["3", "[1, 2, 3]", '{"a": "0"}', '{"a": 0, "b": 2, "c": 3}'])
def test_json_that_names_no_columns_is_refused(labels: str, ours: Path) -> None:
    (ours.parent / "vocab.json").write_text(labels, "utf-8")
    ours.write_text(ours.read_text("utf-8").replace("labels.txt", "vocab.json"), "utf-8")
    with pytest.raises(InputError, match=r"vocab\.json: neither a list of labels nor an object"):
        Recognizer.load(ours)


def test_labels_of_another_network_are_refused(ours: Path) -> None:
    (ours.parent / "labels.txt").write_text("<blank>\na\nb\nc\nd\n", "utf-8")
    with pytest.raises(InputError, match="5 labels for 3 columns"):
        Recognizer.load(ours)


def test_an_unknown_model_name_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match="no model for 'xx' comes with the package"):
        networks.shipped("xx")


_LABELS = Labels(("<blank>", "▁क", "क", "▁a", "a", " "), blank=0)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=40), st.integers(0, 40))
def test_greedy_words_are_the_greedy_text_in_any_chunks(path: list[int], cut: int) -> None:
    probabilities = np.full((len(path), 6), 0.02)
    probabilities[np.arange(len(path)), path] = 0.9
    ctc = np.log(probabilities)
    decoder = Greedy(_LABELS, 0.04)
    decoder.feed(ctc[:cut])
    decoder.feed(ctc[cut:])
    words = decoder.finish()
    labels = ["" if name == "<blank>" else name for name in _LABELS.names]
    text = "".join(labels[label] for label, _ in groupby(path)).replace("▁", " ")
    assert [word.word for word in words] == text.split()
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert all(word.confidence == 0.9 for word in words)


def test_confidence_is_the_mean_over_labels_of_the_best_frame() -> None:
    ctc = np.log(
        [[0.3, 0, 0, 0.7, 0, 0], [0.1, 0, 0, 0.9, 0, 0], [0.5, 0, 0, 0, 0.5, 0]] + 1e-9 * np.ones(6)
    )
    decoder = Greedy(_LABELS, 0.04)
    decoder.feed(ctc[:2])
    (word,) = decoder.finish()
    assert (word.word, word.confidence, word.end) == ("a", 0.9, 0.08)
