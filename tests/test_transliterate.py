"""Transliteration: every direction, n-best, sentences, and the command."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cswitch import fitting, pairs
from cswitch.cli import lexicon
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


def test_likely_words_are_preferred_to_likely_letters() -> None:
    hindi = Transliterator("hi_en")
    assert hindi.to_native("dikhaiye")[0][0] in ("दिखाइए", "दिखाइये")
    assert hindi.to_native("office")[0][0] == "ऑफिस"  # an English word that the lexicon knows
    assert hindi.to_native("to")[0][0] == "तो"  # but not if it is also a romanization


def test_a_model_of_words_comes_from_the_lists_and_from_pairs(tmp_path: Path) -> None:
    source, target = tmp_path / "pairs.tsv", tmp_path / "words.pairs"
    words = [f"ka{first}{second}a" for first in "bcdfghjklmnprst" for second in "bcdfghjklmnprst"]
    source.write_text("".join(f"{word}\tक\t2\n" for word in words), encoding="utf-8")
    arguments = ["words", str(source), "--lang", "hi-Latn", "--order", "3", "-o", str(target)]
    CliRunner().invoke(lexicon.command, arguments, catch_exceptions=False)
    model = pairs.load(target)
    assert model.header.title == "hi-Latn words"
    assert model.spelled("kabda") > model.spelled("adbak") + 5


def test_too_few_words_make_no_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too few"):
        fitting.fit_words([("क", 1)], "hi-Deva words", "", "")
