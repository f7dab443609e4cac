"""Transliteration: every direction, n-best, sentences, and the command."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cswitch.cli.transliterate import command
from cswitch.errors import InputError
from cswitch.transliterate import Transliterator, transliterate


@pytest.mark.parametrize(
    ("text", "source", "target", "expected"),
    [
        ("namaste", "hi-Latn", "hi-Deva", "नमस्ते"),
        ("नमस्ते", "hi-Deva", "hi-Latn", "namaste"),
        ("नमस्ते", "hi-Deva", "iso", "namastē"),
        ("namastē", "iso", "hi-Deva", "नमस्ते"),
        ("नमस्ते", "hi-Deva", "bn-Beng", "নমস্তে"),
        ("नमस्ते", "hi-Deva", "ta-Taml", "நமஸ்தே"),
        ("namaste", "hi-Latn", "bn-Beng", "নমস্তে"),
        ("डिस्कवरी", "hi-Deva", "en-Latn", "discovery"),
        ("ट्यूटोरियल", "hi-Deva", "en-Latn", "tutorial"),
        ("discovery", "en-Latn", "hi-Deva", "डिस्कवरी"),
    ],
)
def test_each_direction(text: str, source: str, target: str, expected: str) -> None:
    assert transliterate(text, source, target)[0][0] == expected


def test_nbest_is_sorted_distinct_and_weighted() -> None:
    found = transliterate("kamal", "hi-Latn", "hi-Deva", 5)
    weights = [weight for _, weight in found]
    assert len({text for text, _ in found}) == 5
    assert weights == sorted(weights)
    assert min(weights) >= 0


@pytest.mark.parametrize(
    ("policy", "line", "expected"),
    [
        ("latin", "टेक्स्ट बॉक्स पर क्लिक करें", "text box पर click करें"),
        ("native", "text box पर click करें", "टेक्स्ट बॉक्स पर क्लिक करें"),
        ("as-is", "टेक्स्ट box", "टेक्स्ट box"),
        ("matrix", "मैं office जाता हूँ", "मैं ऑफिस जाता हूँ"),
        ("latin", "  मैं,  क्लिक।  ", "  मैं,  click।  "),
    ],
)
def test_a_sentence_follows_the_policy(policy: str, line: str, expected: str) -> None:
    assert Transliterator("hi_en").sentence(line, policy) == expected  # type: ignore[arg-type]


def test_the_command_writes_input_output_weight() -> None:
    arguments = ["-", "--from", "hi-Latn", "--to", "hi-Deva", "--nbest", "2"]
    result = CliRunner().invoke(command, arguments, input="namaste\nkya hua\n")
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert [row[0] for row in rows] == ["namaste", "namaste", "kya hua"]
    assert rows[0][1] == "नमस्ते"
    assert rows[2][1] == "क्या हुआ"
    assert all(float(row[2]) >= 0 for row in rows)


def test_a_direction_is_needed() -> None:
    result = CliRunner().invoke(command, ["-"], input="a\n")
    assert isinstance(result.exception, InputError)
