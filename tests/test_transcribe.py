from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tiny_networks as tiny
from click.testing import CliRunner

from cswitch.cli import cli
from cswitch.cli.transcribe import command
from cswitch.decode import Decoder
from cswitch.errors import InputError
from cswitch.features import log_mel
from cswitch.recognizer import Recognizer
from cswitch.transcribe import transcribe, transcribe_posteriors

pytest.importorskip("onnx")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Our interface with a language network: the low tone is Hindi, the high one English."""
    bands = [int(log_mel(tiny.tones(tone)).mean(axis=0).argmax()) for tone in "ab"]
    network = tiny.features_network(tmp_path / "encoder.onnx", *bands)
    tiny.features_network(tmp_path / "language.onnx", *bands)
    path = tiny.describe(tmp_path, network, ["<blank>", "▁क", "▁b"], "network-input", 0.04)
    with open(path, "a", encoding="utf-8") as out:
        out.write('\n[language]\nnetwork = "language.onnx"\nclasses = ["sil", "hi", "en"]\n')
    return path


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.flac"
    soundfile.write(path, tiny.tones(".a.b."), 16_000)
    return path


def _run(*arguments: object) -> tuple[int, list[dict[str, object]], str]:
    result = CliRunner().invoke(command, [str(one) for one in arguments])
    if isinstance(result.exception, InputError):
        return 2, [], str(result.exception)
    return (
        result.exit_code,
        [json.loads(line) for line in result.stdout.splitlines()],
        result.stderr,
    )


def test_a_line_has_text_words_times_confidences_and_languages(model: Path, sound: Path) -> None:
    code, (line,), _ = _run(sound, "--encoder-config", model)
    assert code == 0
    assert list(line) == ["audio_filepath", "duration", "text", "words"]
    assert (line["audio_filepath"], line["duration"], line["text"]) == (str(sound), 2.0, "क b")
    first, second = line["words"]  # type: ignore[misc]
    assert set(first) == {"word", "start", "end", "confidence", "lang"}
    assert (first["lang"], second["lang"]) == ("hi", "en")
    assert 0.3 < first["start"] < first["end"] < 0.9 < second["start"] < second["end"] < 1.7
    assert 0.5 < first["confidence"] <= 1


def test_many_files_are_many_lines_in_order(model: Path, sound: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.wav"
    soundfile.write(other, np.zeros((8000, 2)), 8000)
    code, lines, _ = _run(sound, other, sound, "--encoder-config", model)
    assert code == 0
    assert [line["text"] for line in lines] == ["क b", "", "क b"]
    assert lines[1]["duration"] == 1.0


def test_beam_search_gives_an_nbest_list(model: Path, sound: Path) -> None:
    _, (line,), _ = _run(sound, "--encoder-config", model, "--nbest", 3)
    assert line["text"] == "क b"
    assert line["nbest"][0]["text"] == "क b"  # type: ignore[index]
    scores = [one["score"] for one in line["nbest"]]  # type: ignore[attr-defined]
    assert scores == sorted(scores, reverse=True)


def test_posteriors_come_back_as_the_same_words(model: Path, sound: Path, tmp_path: Path) -> None:
    folder = tmp_path / "posteriors"
    _, (heard,), _ = _run(sound, "--encoder-config", model, "--posteriors", folder)
    code, (read,), _ = _run(folder / "sound.npz", "--encoder-config", model)
    assert code == 0
    assert read["text"] == heard["text"]
    assert [w["lang"] for w in read["words"]] == ["hi", "en"]  # type: ignore[attr-defined]


def test_posteriors_alone_need_no_language_network(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "plain.npy"
    np.save(path, np.log([[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]]))
    labels = Recognizer.load(model).labels
    transcript = transcribe_posteriors(path, labels, frame_seconds=0.02)
    (words,) = [one.words for one in transcript.hypotheses]
    assert [(word.word, word.lang, word.end) for word in words] == [
        ("क", "hi", 0.02),
        ("b", "en", 0.06),
    ]
    assert transcript.duration == pytest.approx(0.06)


def test_posteriors_of_another_vocabulary_are_refused(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "wide.npy"
    np.save(path, np.log(np.full((4, 5), 0.2)))
    code, _, message = _run(path, "--encoder-config", model)
    assert code == 2
    assert "5 columns where there are 3 labels" in message


def test_beam_and_greedy_agree_on_clear_sound(model: Path, sound: Path) -> None:
    recognizer = Recognizer.load(model)
    decoder = Decoder(recognizer.labels, lid_classes=recognizer.lid_classes)
    plain = transcribe(sound, recognizer).hypotheses[0]
    assert transcribe(sound, recognizer, decoder).hypotheses[0].text == plain.text == "क b"


def test_an_empty_recording_is_an_empty_text(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0), 16_000)
    _, (line,), _ = _run(path, "--encoder-config", model)
    assert (line["duration"], line["text"], line["words"]) == (0.0, "", [])


def test_an_output_file_appears_whole_or_not_at_all(
    model: Path, sound: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.jsonl"
    code, _, message = _run(sound, tmp_path / "none.wav", "--encoder-config", model, "-o", output)
    assert code == 2
    assert "no such audio file" in message
    assert not output.exists()
    assert _run(sound, "--encoder-config", model, "-o", output)[0] == 0
    assert json.loads(output.read_text("utf-8"))["text"] == "क b"


def test_a_file_that_is_no_audio_is_found_before_work_begins(
    model: Path, sound: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.wav"
    wrong.write_text("text", "utf-8")
    result = CliRunner().invoke(command, [str(sound), str(wrong), "--encoder-config", str(model)])
    assert isinstance(result.exception, InputError)
    assert "wrong.wav: cannot read audio" in str(result.exception)
    assert ".." not in str(result.exception).replace(str(tmp_path), "")
    assert result.stdout == ""


def test_transcripts_are_manifests_that_score_reads(
    model: Path, sound: Path, tmp_path: Path
) -> None:
    output, reference = tmp_path / "out.jsonl", tmp_path / "ref.jsonl"
    assert _run(sound, "--encoder-config", model, "-o", output)[0] == 0
    line = {"audio_filepath": str(sound), "duration": 2.0, "text": "क c"}
    reference.write_text(json.dumps(line) + "\n", "utf-8")
    scored = CliRunner().invoke(cli, ["score", str(reference), str(output), "--json", "-"])
    assert scored.exit_code == 0, scored.output
    raw = json.loads(scored.stdout)["systems"][0]["raw"]
    assert (raw["hits"], raw["substitutions"], raw["reference_words"]) == (1, 1, 2)


def test_an_encoder_without_description_is_refused(sound: Path) -> None:
    code, _, message = _run(sound, "--encoder", "mine.onnx")
    assert code == 2
    assert "--encoder-config" in message


def test_greedy_and_search_exclude_each_other(model: Path, sound: Path) -> None:
    code, _, message = _run(sound, "--encoder-config", model, "--greedy", "--beam", 4)
    assert code == 2
    assert "--greedy does not search" in message


def test_another_encoder_may_use_a_description(model: Path, sound: Path, tmp_path: Path) -> None:
    moved = (tmp_path / "encoder.onnx").rename(tmp_path / "renamed.onnx")
    _, (line,), _ = _run(sound, "--encoder", moved, "--encoder-config", model)
    assert line["text"] == "क b"


def test_the_command_is_listed() -> None:
    assert "transcribe" in CliRunner().invoke(cli, ["--help"]).output


_ARPA = r"""\data\
ngram 1=5
ngram 2=1

\1-grams:
-1.0	<unk>	0
-99	<s>	0
-1.0	</s>	0
-0.3	क	0
-0.3	b	0

\2-grams:
-0.2	<s> क

\end\
"""


def test_a_language_model_joins_the_search(model: Path, sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "tiny.arpa"
    path.write_text(_ARPA, "utf-8")
    code, lines, message = _run(sound, "--encoder-config", model, "--lm", path, "--nbest", 1)
    assert code == 0, message
    (line,) = lines
    assert line["text"] == "क b"
    assert "lm" in line["nbest"][0]  # type: ignore[index]
