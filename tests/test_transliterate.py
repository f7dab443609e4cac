"""Transliteration: every direction, n-best, sentences, and the command."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
import regex
from click.testing import CliRunner

from cswitch import languages, resources, tokens
from cswitch.cli import lexicon
from cswitch.cli.transliterate import command
from cswitch.errors import InputError
from cswitch.normalize.letters import letters
from cswitch.spelling import fitting, pairs
from cswitch.transliterate import transliterate
from cswitch.transliterate.transliterator import POLICIES, Transliterator

GOLDEN = Path(__file__).parent / "golden" / "transliterate"
# Beside English there are twelve languages with a way from any script to any other.
LANGUAGES = ("as", "bn", "gu", "hi", "kn", "ml", "mr", "or", "pa", "ta", "te", "ur")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_writes_what_a_speaker_would(language: str) -> None:
    for options, line, expected in resources.read_table(
        GOLDEN / f"{language}.tsv", ("options", "input", "output")
    ):
        result = CliRunner().invoke(
            command, ["-", *options.split()], input=f"{line}\n", catch_exceptions=False
        )
        assert result.stdout.split("\t")[:2] == [line, expected], options


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


@pytest.mark.parametrize(
    ("text", "source", "target", "expected"),
    [
        ("हिन्दी", "hi-Deva", "pa-Guru", "ਹਿੰਦੀ"),  # tippi, no virama
        ("अच्छा सांस", "hi-Deva", "pa-Guru", "ਅੱਛਾ ਸਾਂਸ"),  # addak; bindi after long vowels
        ("ਪੱਕਾ ਪੰਜਾਬ", "pa-Guru", "hi-Deva", "पक्का पंजाब"),
        ("ज़िंदगी", "hi-Deva", "bn-Beng", "জিন্দগী"),
        ("विद्यालय", "hi-Deva", "bn-Beng", "বিদ্যালয়"),
        ("विद्यालय", "hi-Deva", "or-Orya", "ବିଦ୍ୟାଲୟ"),
        ("নমস্কার", "bn-Beng", "as-Beng", "নমস্কাৰ"),
        ("নমস্কাৰ", "as-Beng", "hi-Deva", "नमस्कार"),
        ("அவன்", "ta-Taml", "ml-Mlym", "അവൻ"),
        ("അവൻ", "ml-Mlym", "kn-Knda", "ಅವನ್"),
        ("എന്റെ", "ml-Mlym", "hi-Deva", "एन्टे"),
        ("दुनिया", "hi-Deva", "ta-Taml", "துனியா"),
        ("ज़िंदगी", "hi-Deva", "mr-Deva", "जिंदगी"),
        ("தமிழ்நாடு", "ta-Taml", "ur-Arab", "تملناٹو"),
        ("زندگی", "ur-Arab", "pa-Guru", "ਜ਼ਿੰਦਗੀ"),  # by its romanization: vowels are missing
    ],
)
def test_a_word_is_spelled_as_the_language_spells(
    text: str, source: str, target: str, expected: str
) -> None:
    assert transliterate(text, source, target)[0][0] == expected


def test_every_letter_finds_a_letter_in_every_script() -> None:
    tags = [tag for tag in languages.tags() if tag.script not in (languages.LATIN, "Arab")]
    for source, goal in product(tags, tags):
        consonant = next(one.text for one in letters(source.script) if one.kind == "consonant")
        for letter in letters(source.script):
            if letter.kind not in ("virama", "nukta"):
                written = transliterate(consonant + letter.text, str(source), str(goal))[0][0]
                assert tokens.script(written) == goal.script
                assert not regex.search(r"\p{Latin}", written), (letter, goal)


def test_what_is_no_word_of_the_source_stays() -> None:
    line = " Delhi,  “दिल्ली”! (२०२१) https://x.in/क a@b.in #दिल्ली 😀 10:30\u00a0"
    written = " Delhi,  “dilli”! (२०२१) https://x.in/क a@b.in #dilli 😀 10:30\u00a0"
    assert transliterate(line, "hi-Deva", "hi-Latn")[0][0] == written


def test_lines_have_as_many_outputs_as_asked_for() -> None:
    found = transliterate("kya kamal", "hi-Latn", "hi-Deva", 4)
    weights = [weight for _, weight in found]
    assert len({text for text, _ in found}) == 4
    assert weights == sorted(weights)
    (best, one), (other, two) = (
        transliterate(word, "hi-Latn", "hi-Deva")[0] for word in ("kya", "kamal")
    )
    assert found[0][0] == f"{best} {other}"
    assert weights[0] == pytest.approx(one + two)


def test_no_output_is_ill_formed() -> None:
    kannada = Transliterator("kn_en")
    for text, _ in kannada.to_native("oota", 10):  # the model alone begins with a vowel sign
        assert not text.startswith("\u0cc2")
    assert kannada.to_native("oota")[0][0] == "ಊಟ"


def test_english_words_with_a_native_ending_stay() -> None:
    bengali = Transliterator("bn_en")
    assert bengali.sentence("বেলুন টাউনশিপে আমি", "latin").endswith("টাউনশিপে আমি")


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
    assert [row[0] for row in rows] == ["namaste", "namaste", "kya hua", "kya hua"]
    assert rows[0][1] == "नमस्ते"
    assert rows[2][1] == "क्या हुआ"
    assert all(float(row[2]) >= 0 for row in rows)


@pytest.mark.parametrize(
    "options",
    [
        "",
        "--from hi",
        "--from hi --to xx",
        "--from xx --to xx",
        "--from en --to iso",
        "--from iso --to en",
        "--from hi --to ta --lang hi",
        "--english latin --from hi",
        "--english latin --nbest 2",
        "--english latin --lang xx",
    ],
)
def test_a_direction_that_is_none_is_bad_input_even_without_lines(options: str) -> None:
    result = CliRunner().invoke(command, ["-", *options.split()], input="")
    assert isinstance(result.exception, InputError)


def test_odd_lines_stay_one_row_each() -> None:
    text = "\r\nनमस्ते\tदुनिया\r\n\u2028\n" + "क " * 5000
    result = CliRunner().invoke(command, ["-", "--from", "hi", "--to", "hi-Latn"], input=text)
    rows = result.stdout.split("\n")[:-1]
    assert [row.count("\t") for row in rows] == [2, 2, 2, 2]
    assert rows[0] == "\t\t0.0000"
    assert rows[1].startswith("नमस्ते दुनिया\tnamaste duniya\t")


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes("नमस्ते\n".encode() + b"\xff\n")
    arguments = ["transliterate", str(path), "--from", "hi", "--to", "iso"]
    done = subprocess.run(
        [Path(sys.executable).parent / "cswitch", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 2
    assert f"{path}:2: byte 0xff at column 1 is not UTF-8" in done.stderr


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


def test_the_choices_of_the_command_are_the_policies() -> None:
    english = next(each for each in command.params if each.name == "english")
    assert tuple(english.type.choices) == POLICIES
