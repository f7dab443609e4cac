"""``cswitch decode`` and ``cswitch lm``, as they are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from click.testing import CliRunner

from cswitch.canonical import canonicalizer
from cswitch.cli import cli, decode, main
from cswitch.errors import InputError
from cswitch.lm.kenlm import KenLM
from cswitch.recognition import ctc, nbest, posteriors, tuning
from cswitch.recognition.adjust import Form
from cswitch.recognition.decode import Decoder, Options, Rendering
from cswitch.recognition.decoder_weights import tune
from cswitch.scoring import Scorer

NAMES = ("<blank>", " ", "द", "र", "d", "a", "r", "t")


def write_posteriors(path: Path, columns: list[tuple[int, float, int]], lid: bool = False) -> None:
    """Frames with a likely and a second column."""
    p = np.full((len(columns), len(NAMES)), 1e-4)
    for frame, (best, value, second) in enumerate(columns):
        p[frame, second] = 1 - value
        p[frame, best] = value
    p /= p.sum(axis=1, keepdims=True)
    arrays = {"posteriors": np.log(p).astype(np.float32)}
    if lid:
        arrays["lid"] = np.log(np.tile([0.05, 0.05, 0.9], (len(columns), 1))).astype(np.float32)
    np.savez(path, **arrays)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "labels.txt").write_text("\n".join(NAMES) + "\n", encoding="utf-8")
    write_posteriors(tmp_path / "u1.npz", [(2, 0.55, 4), (0, 0.9, 5), (3, 0.55, 7)], lid=True)
    write_posteriors(tmp_path / "u2.npz", [(4, 0.9, 2), (5, 0.9, 0), (7, 0.6, 6)])
    (tmp_path / "refs.txt").write_text("u1 दर\nu2 दर\n", encoding="utf-8")
    (tmp_path / "text.txt").write_text("दर\ndar\nदर दर\n", encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> str:
    result = CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_posteriors_become_json_lines(data: Path) -> None:
    files = (data / "u1.npz", data / "u2.npz")
    lines = run("decode", *files, "--labels", data / "labels.txt", "--lid", "none").splitlines()
    first, second = map(json.loads, lines)
    assert (first["id"], first["text"], second["text"]) == ("u1", "दर", "dat")
    assert first["words"][0]["start"] == 0.0 and first["words"][0]["end"] == 0.12
    greedy = run("decode", *files, "--labels", data / "labels.txt", "--greedy").splitlines()
    assert [json.loads(line)["text"] for line in greedy] == ["दर", "dat"]


def test_language_model_hotwords_lid_and_rendering(data: Path) -> None:
    model = data / "model.arpa"
    run("lm", "build", data / "text.txt", "--order", 2, "-o", model)
    common = ("decode", data / "u2.npz", "--labels", data / "labels.txt", "--romanized")
    fused = json.loads(run(*common, "--lm", model, "--nbest", 3, "--lm-weight", 2))
    assert fused["text"] == "dar" and len(fused["nbest"]) == 3
    native = json.loads(run(*common, "--lm", model, "--lm-weight", 2, "--rendering", "native"))
    assert native["text"] == "डर"
    (data / "hot.txt").write_text("डर\t6\n", encoding="utf-8")
    assert json.loads(run(*common, "--hotwords", data / "hot.txt"))["text"] == "dar"
    adjusted = run("decode", data / "u1.npz", "--labels", data / "labels.txt", "--gamma", 1)
    assert json.loads(adjusted)["text"] == "dt"


def test_tuned_weights_are_used(data: Path) -> None:
    model, weights = data / "model.arpa", data / "weights.json"
    run("lm", "build", data / "text.txt", "--order", 2, "-o", model)
    common = ("decode", data / "u1.npz", data / "u2.npz", "--labels", data / "labels.txt",
              "--lm", model, "--romanized")  # fmt: skip
    run(*common, "--tune", data / "refs.txt", "--gamma", 1, "--lm-weight", 0, "-o", weights)
    found = json.loads(weights.read_text())
    assert found["errors"] == 0 < found["errors_before"]
    lines = run(*common, "--weights", weights).splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["दर", "dar"]


def test_perplexities_are_a_table(data: Path) -> None:
    model = data / "model.arpa.gz"
    run("lm", "build", data / "text.txt", "--order", 3, "-o", model)
    rows = [
        line.split("\t")
        for line in run("lm", "score", data / "text.txt", "--lm", model).splitlines()
    ]
    assert rows[0] == ["part", "words", "unknown", "perplexity"]
    assert rows[1][:3] == ["all", "7", "0"] and float(rows[1][3]) > 1


def test_a_model_goes_into_a_pipe(data: Path) -> None:
    run("lm", "build", data / "text.txt", "--order", 2, "-o", data / "model.arpa")
    piped = run("lm", "build", data / "text.txt", "--order", 2, "-o", "-")
    assert piped == (data / "model.arpa").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "blank.txt", "-o", "m.arpa"], "there are no words to count"),
        (["build", "text.txt", "--tune", "text.txt", "-o", "m.arpa"], "--tune weighs several"),
        (["build", "text.txt", "text.txt", "-o", "m.arpa"], "a mixture needs text to tune"),
        (["build", "none.txt", "-o", "m.arpa"], "none.txt: cannot read"),
        (["build", "text.txt", "-o", "none/m.arpa"], "cannot write"),
        (["score", "text.txt", "--lm", "text.txt"], "text.txt: not a language model"),
        (["score", "text.txt", "--lm", "none.arpa"], "none.arpa: no such file"),
        (["score", "blank.txt", "--lm", "good.arpa"], "blank.txt: there are no words"),
        (["score", "text.txt", "--lm", "good.arpa", "--lang", "xx"], "unknown language 'xx'"),
    ],
)
def test_models_of_nothing_end_with_code_2(
    data: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(data)
    run("lm", "build", "text.txt", "--order", 2, "-o", "good.arpa")
    Path("blank.txt").write_text("\n \n")
    with pytest.raises(SystemExit) as end:
        main(["lm", *arguments], standalone_mode=False)
    assert end.value.code == 2
    assert message in capsys.readouterr().err
    assert not Path("m.arpa").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--labels", "short.txt"], "8 columns where there are 3 labels"),
        (["--labels", "double.txt"], "double.txt: the blank '<blank>' stands 2 times"),
        (["--labels", "labels.txt", "--lm", "labels.txt"], "not a language model"),
        (["--labels", "labels.txt", "--prior", "hi"], "'hi' is no prior"),
        (["--labels", "labels.txt", "--tune", "labels.txt"], "no reference for 'u1'"),
        (["--labels", "labels.txt", "--lid-classes", "hi,en"], "2 classes"),
        (["--labels", "labels.txt", "--weights", "cut.json"], "cut.json:2: not JSON: Expecting"),
        (["--labels", "labels.txt", "--weights", "list.json"], "list.json: has no weights"),
        (["--labels", "labels.txt", "--weights", "nan.json"], "nan.json: the weight 'gamma' is no"),
        (["--labels", "labels.txt", "--weights", "text.json"], "the weight 'gamma' is no finite"),
        (["--labels", "labels.txt", "--weights", "beam.json"], "a decoder has no weight 'beam'"),
        (["--labels", "labels.txt", "--weights", "less.json"], "the weight 'gamma' is negative"),
        (["--labels", "labels.txt", "--lang", "xx"], "unknown language 'xx'"),
        (["--labels", "labels.txt", "--hotwords", "hot.txt"], "hot.txt:2: 'nan' is no finite"),
        (["--labels", "labels.txt", "--raw"], "--raw is about tuning"),
        (["--labels", "labels.txt", "--tune", "labels.txt", "--jobs", "2"], "Leave out --jobs"),
        (["--labels", "labels.txt", "--tune", "refs.txt", "--lid", "none"], "nothing to tune"),
        (["--labels", "short.txt", "--tune", "refs.txt"], "u1: posteriors have 8 columns where"),
        (["--labels", "labels.txt", "--greedy", "--lm-weight", "1"], "Leave out --lm-weight"),
        (["--labels", "labels.txt", "none"], "none: there are no posteriors in this folder"),
        (["--labels", "labels.txt", "none/*.npz"], "none/*.npz: no file matches"),
        (["--labels", "labels.txt", "--prior", "hi=0.2,zz=1"], "'zz', which is none of the class"),
        (["u2.npz", "--labels", "labels.txt", "--prior", "zz=1"], "cswitch: the prior has 'zz'"),
        (["u2.npz", "--labels", "labels.txt", "--lid-classes", "sil,xx"], "unknown language 'xx'"),
        (["--labels", "labels.txt", "--prior", "hi=nan,en=1"], "'hi=nan,en=1' is no prior"),
        (["--labels", "labels.txt", "--greedy", "--nbest", "3"], "--greedy does not search"),
        (["--labels", "labels.txt", "again/u1.npy"], "would be called 'u1' like that of u1.npz"),
    ],
)
def test_bad_input_ends_with_code_2(
    data: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(data)
    Path("short.txt").write_text("<blank>\na\nb\n")
    Path("double.txt").write_text("<blank>\na\n<blank>\n")
    Path("nan.json").write_text('{"weights": {"gamma": NaN}}')
    Path("text.json").write_text('{"weights": {"gamma": "1"}}')
    Path("beam.json").write_text('{"weights": {"beam": 3}}')
    Path("less.json").write_text('{"weights": {"gamma": -1}}')
    Path("cut.json").write_text('{"weights":\n{"gamma": 1}')
    Path("list.json").write_text("[1]")
    Path("hot.txt").write_text("दर\t3\ndar\tnan\n", encoding="utf-8")
    Path("none").mkdir()
    if "--tune" in arguments:
        Path("labels.txt").write_text("\n".join(NAMES).replace(" ", "|") + "\n", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["decode", "u1.npz", *arguments], standalone_mode=False)
    assert end.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--gamma", "nan"),
        ("--gamma", "-1"),
        ("--lm-weight", "nan"),
        ("--word-bonus", "inf"),
        ("--unknown-offset", "nan"),
        ("--frame-seconds", "-1"),
        ("--frame-seconds", "0"),
        ("--frame-seconds", "nan"),
    ],
)
def test_numbers_without_a_meaning_are_refused(data: Path, option: str, value: str) -> None:
    command = ["decode", data / "u1.npz", "--labels", data / "labels.txt", option, value]
    result = CliRunner().invoke(cli, [str(one) for one in command])
    assert result.exit_code == 2
    assert option in result.output


def test_the_same_comes_from_python(data: Path) -> None:
    labels = data / "labels.txt"
    one = posteriors.read(data / "u1.npz")
    columns = posteriors.read_labels(labels)
    decoder = Decoder(columns, canonical=canonicalizer("hi_en"))
    for found, more in ((decoder.decode(one), []), (ctc.decode(one, columns), ["--greedy"])):
        line = run("decode", data / "u1.npz", "--labels", labels, *more)
        assert line == nbest.dump(found, 0) + "\n"


def test_weights_tuned_from_python_are_those_of_the_command(data: Path) -> None:
    model, files = data / "model.arpa", [data / "u1.npz", data / "u2.npz"]
    run("lm", "build", data / "text.txt", "--order", 2, "-o", model)
    said = {"u1": "दर", "u2": "दर"}
    columns = posteriors.read_labels(data / "labels.txt")
    found, before, after = tune(
        Decoder(columns, KenLM(model), canonicalizer("hi_en")),
        [posteriors.read(path) for path in files],
        said,
        lambda reference, text: Scorer("hi_en").utterance("", reference, text).corrected.errors,
    )
    written = run("decode", *files, "--labels", data / "labels.txt", "--lm", model,
                  "--tune", data / "refs.txt")  # fmt: skip
    assert written == tuning.dumps(found, utterances=2, errors_before=before, errors=after)
    assert after <= before


def test_tuning_leaves_out_what_makes_no_difference(data: Path) -> None:
    columns = posteriors.read_labels(data / "labels.txt")
    heard = [posteriors.read(data / "u1.npz")]
    found, *_ = tune(Decoder(columns), heard, {"u1": "दर"}, lambda one, other: 0)
    assert list(found) == ["gamma"]
    heard = [posteriors.read(data / "u2.npz")]  # without language posteriors
    with pytest.raises(InputError, match="there is nothing to tune"):
        tune(Decoder(columns), heard, {"u2": "दर"}, lambda one, other: 0)


def test_a_folder_is_the_posteriors_in_it(data: Path) -> None:
    folder = data / "posteriors"
    (folder / "deep").mkdir(parents=True)
    for name, to in (("u1", "deep/b.npz"), ("u2", "a.npz"), ("u2", ".hidden.npz")):
        (data / f"{name}.npz").rename(folder / to) if "hidden" not in to else (folder / to).touch()
    lines = run("decode", folder, "--labels", data / "labels.txt").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_broken_file_stops_no_other_one(
    data: Path, jobs: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "cut.npz").write_bytes((data / "u1.npz").read_bytes()[:200])
    np.save(data / "nan.npy", np.full((2, len(NAMES)), np.nan))
    files = [str(data / name) for name in ("cut.npz", "u1.npz", "nan.npy", "none.npz", "u2.npz")]
    options = ["--labels", str(data / "labels.txt"), "--jobs", str(jobs)]
    with pytest.raises(SystemExit) as end:
        main(["decode", *files, *options], standalone_mode=False)
    out, told = capsys.readouterr()
    assert end.value.code == 2
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["u1", "u2"]
    cut, nan, none, last = told.splitlines()
    assert f"{data / 'cut.npz'}: cannot be read as numpy arrays" in cut
    assert f"{data / 'nan.npy'}: frame 0 of the posteriors has NaN" in nan
    assert f"{data / 'none.npz'}: cannot read: No such file" in none
    assert last == "cswitch: 3 of 5 files cannot be decoded. Mend them, or leave them out."


@pytest.mark.parametrize("greedy", [True, False])
def test_an_interrupted_command_goes_on_where_it_stopped(
    data: Path, greedy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, read = data / "out.jsonl", posteriors.read
    files = [data / "u1.npz", data / "u2.npz"]
    command = ["decode", *files, "--labels", data / "labels.txt", "-o", output]
    command += ["--greedy"] if greedy else ["--nbest", "2", "--prior", "hi=0.5,en=0.5"]
    run(*command)
    expected = output.read_text("utf-8")
    output.unlink()
    seen: list[str] = []

    def read_one(path: Path, **options: float) -> posteriors.Posteriors:
        seen.append(path.stem)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return read(path, **options)

    monkeypatch.setattr(posteriors, "read", read_one)
    stopped = CliRunner().invoke(cli, [str(one) for one in command])
    assert stopped.exit_code == 130
    assert "the same command goes on from there" in stopped.stderr
    assert not output.exists() and seen == ["u1", "u2"]
    told = CliRunner().invoke(cli, [str(one) for one in command]).stderr
    assert "1 of 2 files are done, in" in told
    assert seen == ["u1", "u2", "u2"]
    assert output.read_text("utf-8") == expected
    assert not output.with_name("out.jsonl.part").exists()


@pytest.mark.parametrize("change", ["an option", "the language model", "the weights"])
def test_what_was_decoded_otherwise_is_not_mixed_in(
    data: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, weights = data / "model.arpa", data / "weights.json"
    run("lm", "build", data / "text.txt", "--order", 2, "-o", model)
    weights.write_text('{"weights": {"lm_weight": 0.5}}')
    command = ["decode", data / "u1.npz", data / "none.npz", "--labels", data / "labels.txt",
               "--lm", model, "--weights", weights, "-o", data / "out.jsonl"]  # fmt: skip
    assert isinstance(CliRunner().invoke(cli, list(map(str, command))).exception, InputError)
    if change == "an option":
        command += ["--beam", 8]
    elif change == "the language model":
        run("lm", "build", data / "text.txt", "--order", 3, "-o", model)
    else:
        weights.write_text('{"weights": {"lm_weight": 0.75}}')
    with pytest.raises(InputError, match=r"out\.jsonl\.part: has results of an unfinished run"):
        run(*command)


def test_language_posteriors_have_the_columns_of_the_languages(data: Path) -> None:
    labels = data / "labels.txt"
    labels.write_text("\n".join(NAMES).replace("द", "ত").replace("र", "ক"), encoding="utf-8")
    options = ["decode", data / "u1.npz", "--labels", labels, "--gamma", 1]
    of_pair = run(*options, "--lang", "bn_en")
    assert of_pair == run(*options, "--lang", "bn_en", "--lid-classes", "sil, bn, en")
    assert json.loads(of_pair)["text"] == "dt"


def test_every_hypothesis_that_languages_adjust_has_their_score(data: Path) -> None:
    write_posteriors(data / "u3.npz", [(0, 0.6, 4), (0, 0.6, 2)], lid=True)
    line = run("decode", data / "u3.npz", "--labels", data / "labels.txt", "--nbest", 4)
    found = json.loads(line)["nbest"]
    assert any(not one["text"] for one in found)  # with no letter that bears a language
    assert all("lid" in one for one in found)
    (data / "lists.jsonl").write_text(line, encoding="utf-8")
    assert json.loads(run("rescore", data / "lists.jsonl"))["id"] == "u3"


def test_choices_of_the_command_are_those_of_the_modules() -> None:
    beam = next(one for one in decode.command.params if one.name == "beam")
    assert f"[default: {Options().beam}]" in str(getattr(beam, "help", None))
    assert set(decode._FORMS) == set(get_args(Form))
    assert set(decode._RENDERINGS) == set(get_args(Rendering))
