from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tiny_networks as tiny
from click.testing import CliRunner

from cswitch.cli import cli
from cswitch.cli.transcribe import command
from cswitch.errors import InputError
from cswitch.recognition import nbest
from cswitch.recognition.decode import Decoder
from cswitch.recognition.features import log_mel
from cswitch.recognition.recognizer import Recognizer
from cswitch.recognition.transcribe import transcribe, transcribe_posteriors

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
    assert line["nbest"][0]["words"] == line["words"]  # type: ignore[index]
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


def test_an_encoder_that_is_not_there_is_named(model: Path, sound: Path) -> None:
    code, _, message = _run(sound, "--encoder", "mine.onnx", "--encoder-config", model)
    assert (code, message) == (2, "mine.onnx: there is no such encoder. Check the name.")


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


def _noise(path: Path, seconds: float) -> Path:
    samples = np.random.default_rng(0).normal(0, 0.1, round(seconds * 16_000))
    soundfile.write(path, samples, 16_000)
    return path


def _cut(path: Path) -> Path:
    """A file that looks whole until it is read."""
    _noise(path, 20)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def test_a_broken_file_stops_no_other_one(model: Path, sound: Path, tmp_path: Path) -> None:
    broken = _cut(tmp_path / "broken.flac")
    result = CliRunner().invoke(
        command, [str(one) for one in (broken, sound, "--encoder-config", model)]
    )
    assert isinstance(result.exception, InputError)
    assert str(result.exception).startswith("1 of 2 files cannot be transcribed")
    assert f"{broken}: cannot read audio to its end" in result.stderr
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["क b"]


def test_a_file_elsewhere_is_named_by_its_address(model: Path, sound: Path, tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    broken = _cut(tmp_path / "broken.flac")
    _, (line,), _ = _run(f"file://{sound}", "--encoder-config", model)
    assert (line["text"], line["audio_filepath"]) == ("क b", f"file://{sound}")
    code, _, message = _run(f"file://{broken}", "--encoder-config", model)
    assert code == 2
    assert message.startswith(f"file://{broken}: cannot read audio to its end")


def test_all_files_that_cannot_be_opened_are_named_first(
    model: Path, sound: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.wav").write_text("text", "utf-8")
    names = ("text.wav", "none.wav")
    result = CliRunner().invoke(
        command,
        [str(sound), *(str(tmp_path / name) for name in names), "--encoder-config", str(model)],
    )
    assert isinstance(result.exception, InputError)
    assert "2 of 3 files" in str(result.exception)
    assert all(name in result.stderr for name in names)
    assert result.stdout == ""


def test_an_unfinished_output_is_finished_by_the_same_command(
    model: Path, sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, output = _cut(tmp_path / "broken.flac"), tmp_path / "out.jsonl"
    arguments = (sound, broken, sound, "--encoder-config", model, "-o", output)
    code, _, message = _run(*arguments)
    assert (code, output.exists()) == (2, False)
    assert "1 of 3 files cannot be transcribed" in message
    soundfile.write(broken, tiny.tones(".b.a."), 16_000)
    heard = []

    def transcribe_one(path: Path, *others: object, **how: object) -> object:
        heard.append(path.name)
        return transcribe(path, *others, **how)  # type: ignore[arg-type]

    monkeypatch.setattr("cswitch.recognition.transcribe.transcribe", transcribe_one)
    code, _, told = _run(*arguments)
    assert (code, heard) == (0, ["broken.flac"])
    assert "2 of 3 files are done, in" in told
    texts = [json.loads(line)["text"] for line in output.read_text("utf-8").splitlines()]
    assert texts == ["क b", "b क", "क b"]
    assert not output.with_name("out.jsonl.part").exists()


def test_results_of_another_model_are_not_mixed_in(
    model: Path, sound: Path, tmp_path: Path
) -> None:
    broken, output = _cut(tmp_path / "broken.flac"), tmp_path / "out.jsonl"
    arguments = (sound, broken, "--encoder-config", model, "-o", output)
    assert _run(*arguments)[0] == 2
    with open(model, "a", encoding="utf-8") as out:
        out.write("# trained longer\n")
    code, _, message = _run(*arguments)
    assert code == 2
    assert "out.jsonl.part: has results of an unfinished run with other options" in message
    assert _run(sound, "--encoder-config", model, "-o", tmp_path / "other.jsonl")[0] == 0


def test_several_processes_write_what_one_does(model: Path, sound: Path, tmp_path: Path) -> None:
    broken = _cut(tmp_path / "broken.flac")
    texts = []
    for jobs in (1, 2):
        result = CliRunner().invoke(
            command,
            [str(sound), str(broken), str(sound), "--encoder-config", str(model), f"--jobs={jobs}"],
        )
        assert f"{broken}: cannot read audio to its end" in result.stderr
        texts.append(result.stdout)
    assert texts[0] == texts[1] and texts[0].count("\n") == 2


def test_a_manifest_is_transcribed_under_its_own_names(
    model: Path, sound: Path, tmp_path: Path
) -> None:
    manifest, output = tmp_path / "manifest.jsonl", tmp_path / "out.jsonl"
    entry = {"audio_filepath": sound.name, "duration": 2.0, "text": "क c"}
    manifest.write_text(json.dumps(entry) + "\n", "utf-8")
    assert _run(manifest, "--encoder-config", model, "-o", output)[0] == 0
    assert json.loads(output.read_text("utf-8"))["audio_filepath"] == sound.name
    scored = CliRunner().invoke(cli, ["score", str(manifest), str(output), "--json", "-"])
    assert json.loads(scored.stdout)["systems"][0]["raw"]["hits"] == 1


def test_parts_of_a_file_are_transcribed_and_scored(model: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "talk.wav", tiny.tones(".a.b..b.a."), 16_000)
    manifest, output = tmp_path / "manifest.jsonl", tmp_path / "out.jsonl"
    entries: list[dict[str, object]] = [
        {"audio_filepath": "talk.wav", "offset": 0, "duration": 2.0, "text": "क b"},
        {"audio_filepath": "talk.wav", "offset": 2.0, "duration": 2.0, "text": "b c"},
    ]
    manifest.write_text("\n".join(map(json.dumps, entries)), "utf-8")
    options = ("--encoder-config", model, "--posteriors", tmp_path / "posteriors", "-o", output)
    assert _run(manifest, *options)[0] == 0
    lines = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert [line["text"] for line in lines] == ["क b", "b क"]
    assert [(line["offset"], line["duration"]) for line in lines] == [(0, 2.0), (2.0, 2.0)]
    assert 0.3 < lines[1]["words"][0]["start"] < 0.5
    names = sorted(path.name for path in (tmp_path / "posteriors").iterdir())
    assert names == ["talk@0.npz", "talk@2.0.npz"]
    scored = CliRunner().invoke(cli, ["score", str(manifest), str(output), "--json", "-"])
    assert json.loads(scored.stdout)["systems"][0]["raw"]["hits"] == 3
    assert _run(manifest, "--encoder-config", model, "--nbest", 1, "-o", output)[0] == 0
    assert [one.id for one in nbest.read(output)] == ["talk.wav@0", "talk.wav@2.0"]


def test_a_manifest_is_told_which_of_its_lines_is_wrong(
    model: Path, sound: Path, tmp_path: Path
) -> None:
    broken, manifest = _cut(tmp_path / "broken.flac"), tmp_path / "manifest.jsonl"
    for wrong, message in (
        ({"audio_filepath": "none.wav"}, "none.wav: no such audio file"),
        ({"audio_filepath": sound.name, "offset": 2.0}, "sound.flac: the part begins at 2 s"),
        ({"audio_filepath": broken.name}, "broken.flac: cannot read audio to its end"),
    ):
        lines = [json.dumps({"audio_filepath": sound.name}), json.dumps(wrong)]
        manifest.write_text("\n".join(lines), "utf-8")
        result = CliRunner().invoke(command, [str(manifest), "--encoder-config", str(model)])
        assert isinstance(result.exception, InputError)
        assert f"{manifest}:2: {message}" in f"{result.exception}{result.stderr}"


def test_scripts_stand_for_the_languages_asked_for(model: Path, sound: Path) -> None:
    description = model.read_text("utf-8").partition("[language]")[0]
    model.write_text(description, "utf-8")
    (model.parent / "labels.txt").write_text("<blank>\n▁க\n▁b\n", "utf-8")
    _, (line,), _ = _run(sound, "--encoder-config", model, "--lang", "ta_en")
    assert [word["lang"] for word in line["words"]] == ["ta", "en"]  # type: ignore[attr-defined]


def test_a_folder_that_cannot_be_created_is_refused(model: Path, sound: Path) -> None:
    code, _, message = _run(sound, "--encoder-config", model, "--posteriors", sound / "in")
    assert code == 2
    assert message.startswith(f"{sound}/in: cannot create the folder")


def test_language_posteriors_of_other_classes_are_refused(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "two.npz"
    ctc, lid = np.log(np.full((4, 3), 1 / 3)), np.log(np.full((4, 2), 1 / 2))
    np.savez(path, posteriors=ctc, lid=lid)
    code, _, message = _run(path, "--encoder-config", model)
    assert code == 2
    assert "lid has 2 columns for 3 classes. Write a column for each of sil, hi, en" in message


def test_the_shipped_model_is_of_its_languages_only(sound: Path) -> None:
    assert "no model for 'ta_en' comes with the package" in _run(sound, "--lang", "ta_en")[2]
    assert "unknown language 'xx'" in _run(sound, "--lang", "xx")[2]


def _on_a_terminal(*arguments: object) -> str:
    """What a terminal of 60 columns shows of standard error."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 60))
    code = "from cswitch.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "transcribe", *map(str, arguments)],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "COLUMNS": "60"},
    ) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # what Linux says when the other side is closed
            while read := os.read(ours, 65536):
                shown += read
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode()


def test_a_terminal_shows_files_and_seconds(model: Path, tmp_path: Path) -> None:
    long = _noise(tmp_path / f"{'long' * 20}.wav", 600)
    shown = _on_a_terminal(long, _noise(tmp_path / "b.wav", 1), "--encoder-config", model)
    lines = [line for line in shown.split("\r\x1b[K") if line]
    assert lines[0] == "0 of 2 files"
    assert any(re.match(r"0 of 2 files, \d+ of 600 s of /", line) for line in lines)
    assert any(line.startswith("1 of 2 files") for line in lines)
    assert max(map(len, lines)) < 60
    assert shown.endswith("\r\x1b[K")


def test_nothing_is_shown_without_a_terminal(model: Path, sound: Path) -> None:
    assert _run(sound, sound, "--encoder-config", model)[2] == ""


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
