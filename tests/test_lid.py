"""Language of tokens: context, scripts, names, numbers."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cswitch.cli.lid import COLUMNS, command
from cswitch.lid import Labeller


@pytest.fixture(scope="module")
def labeller() -> Labeller:
    return Labeller("hi_en")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kal ka meeting cancel ho gaya", "lang2 lang2 lang1 lang1 lang2 lang2"),
        ("I want to go to school", "lang1 lang1 lang1 lang1 lang1 lang1"),
        ("मैं office जाता हूँ", "lang2 lang1 lang2 lang2"),
        ("टेक्स्ट पर क्लिक करें", "lang1 lang2 lang1 lang2"),
        ("2021 😀 !", "other other other"),
        ("क्लिकkaro", "mixed"),
    ],
)
def test_a_line_is_labelled(labeller: Labeller, line: str, expected: str) -> None:
    assert [label.lince for label in labeller.line(line)] == expected.split()


def test_context_decides_an_ambiguous_word(labeller: Labeller) -> None:
    hindi = labeller.line("tumko to pata hai")[1]
    english = labeller.line("listen to the music")[1]
    assert (hindi.language, english.language) == ("hi", "en")


def test_names_and_numbers_are_marked(labeller: Labeller) -> None:
    name, number = labeller.line("Rahul 10")
    assert name.name and name.lince == "ne"
    assert number.number and number.lince == "other"


def test_an_empty_line_has_no_labels(labeller: Labeller) -> None:
    assert labeller.line("") == []


def test_the_command_writes_a_token_per_line() -> None:
    result = CliRunner().invoke(command, ["-"], input="kya hua\n\nok\n")
    lines = result.stdout.split("\n")
    assert tuple(lines[0].split("\t")) == COLUMNS
    assert lines[1].split("\t")[:3] == ["kya", "lang2", "hi"]
    assert lines[3] == lines[4] == ""
