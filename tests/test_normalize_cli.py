"""``cswitch normalize``: the command, its forms, its report and its errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cswitch import normalize
from cswitch.cli import cli, main
from cswitch.cli.normalize import command


def run(*arguments: str, text: str = "") -> str:
    result = CliRunner().invoke(cli, ["normalize", *arguments], input=text)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_one_line_is_written_per_line() -> None:
    assert run("-", "--lang", "hi-Deva", text="हिन्दी !\n\nगये\n") == "हिंदी\n\nगए\n"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("visual", "ऑटो हिन्दी।"),
        ("reading", "ऑटो हिंदी।"),
        ("iso", "ôṭō hindī।"),
        ("canonical", "ऑटो हिंदी"),
    ],
)
def test_each_form_is_that_of_the_function(form: str, expected: str) -> None:
    text = "ऑटो हिन्दी।" if form == "iso" else "आॅटो हिन्दी।"
    assert run("-", "--lang", "hi", "--form", form, text=f"{text}\n") == f"{expected}\n"
    assert normalize.normalize(text, "hi", form) == expected


def test_a_pair_normalizes_both_languages() -> None:
    assert run("-", "--lang", "hi_en", text="Colour गये\n") == "color गए\n"


def test_a_field_of_json_lines_is_normalized_and_the_rest_stays() -> None:
    line = json.dumps({"id": 7, "text": "गये", "duration": 1.5}, ensure_ascii=False)
    result = run("-", "--lang", "hi", "--field", "text", text=line + "\n")
    assert json.loads(result) == {"id": 7, "text": "गए", "duration": 1.5}


def test_the_report_counts_lines_by_rule_on_standard_error() -> None:
    arguments = ["normalize", "-", "--lang", "hi", "--form", "reading", "--report"]
    result = CliRunner().invoke(cli, arguments, input="हिन्दी\nहिन्दी गये\nकल\n")
    assert result.stdout == "हिंदी\nहिंदी गए\nकल\n"
    counts = dict(line.rsplit(maxsplit=1) for line in result.stderr.splitlines())
    counts = {name.strip(): int(count) for name, count in counts.items()}
    assert counts == {
        "lines": 3,
        "changed lines": 2,
        "reading: homorganic-nasal": 2,
        "reading: glide": 1,
    }


def test_text_comes_from_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("गये\n", encoding="utf-8")
    assert run(str(path), "--lang", "hi") == "गए\n"


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (b"\xff\n", ["--lang", "hi"], "text.txt:1: byte 0xff"),
        (b"x\n", ["--lang", "xx"], "unknown language 'xx'. Known are: "),
        (b"x\n", ["--lang", "hi", "--field", "text"], "text.txt:1: not JSON"),
        (b'{"a": 1}\n', ["--lang", "hi", "--field", "text"], "text.txt:1: the object has no"),
        (b"[]\n", ["--lang", "hi", "--field", "text"], "text.txt:1: the object has no"),
    ],
)
def test_bad_input_ends_with_exit_code_2_and_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    arguments: list[str],
    message: str,
) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    with pytest.raises(SystemExit) as stopped:
        main(["normalize", str(path), *arguments])
    assert stopped.value.code == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1


def test_the_command_has_the_parameters_of_the_function() -> None:
    names = {parameter.name for parameter in command.params}
    assert {"lang", "form"} <= names
    form = next(parameter for parameter in command.params if parameter.name == "form")
    assert isinstance(form.type, click.Choice)
    assert tuple(form.type.choices) == normalize.FORMS


def test_an_unknown_form_is_an_input_error() -> None:
    with pytest.raises(normalize.InputError, match="unknown form 'x'"):
        normalize.normalize("क", "hi", form="x")


def test_importing_the_normalizers_loads_no_grammar_compiler() -> None:
    check = "import sys, cswitch.normalize; assert not {'pynini', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_importing_the_package_does_not_load_the_normalizers() -> None:
    check = "import sys, cswitch; assert 'cswitch.normalize' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)
