"""``cswitch decode`` and ``cswitch lm``, as they are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from click.testing import CliRunner

from cswitch.adjust import Form
from cswitch.cli import cli, decode, main
from cswitch.decode import Rendering

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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--labels", "short.txt"], "8 columns where there are 3 labels"),
        (["--labels", "double.txt"], "double.txt: the blank '<blank>' stands 2 times"),
        (["--labels", "labels.txt", "--lm", "labels.txt"], "not a language model"),
        (["--labels", "labels.txt", "--prior", "hi"], "'hi' is no prior"),
        (["--labels", "labels.txt", "--tune", "labels.txt"], "no reference for 'u1'"),
        (["--labels", "labels.txt", "--lid-classes", "hi,en"], "2 classes"),
        (["--labels", "labels.txt", "--weights", "labels.txt"], "has no weights"),
        (["--labels", "labels.txt", "--weights", "nan.json"], "nan.json: has no weights, or some"),
        (["--labels", "labels.txt", "--prior", "hi=0.2,zz=1"], "'zz', which is none of the class"),
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


def test_choices_of_the_command_are_those_of_the_modules() -> None:
    assert set(decode._FORMS) == set(get_args(Form))
    assert set(decode._RENDERINGS) == set(get_args(Rendering))
