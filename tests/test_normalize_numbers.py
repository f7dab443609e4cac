"""Number words in text: what becomes a figure, what stays a word, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cswitch import languages, resources
from cswitch.errors import InputError
from cswitch.normalize import normalizer
from cswitch.normalize.counting import NumberWords
from cswitch.normalize.numbers import parse, spell

NATIVE = [
    str(tag)
    for tag in languages.tags()
    if (tag.script != "Latn" or tag.language == "en")
    and (resources.folder("normalizers") / str(tag) / "numbers.tsv").exists()
]


@pytest.mark.parametrize("tag", NATIVE)
def test_number_words_become_figures_and_figures_stay(tag: str) -> None:
    text = f"{spell(245, tag)} , 7"
    assert normalizer(tag).numbers(text) == "245 , 7"


def test_figures_may_stand_before_a_scale() -> None:
    assert parse(["10", "लाख"], "hi-Deva") == 1_000_000
    assert parse(["1.5", "करोड़"], "hi-Deva") == 15_000_000
    assert parse(["two", "hundred", "and", "five"], "en-Latn") == 205
    assert parse(["five", "million"], "en-Latn") == 5_000_000


@pytest.mark.parametrize(
    "words", [[], ["दो", "तीन"], ["दस", "पाँच"], ["दो", "बात"], ["सौ", "सौ"], ["5"], ["1.5"]]
)
def test_words_that_are_not_one_number_are_none(words: list[str]) -> None:
    assert parse(words, "hi-Deva") is None


def test_numbers_next_to_each_other_stay_apart() -> None:
    assert normalizer("hi-Deva").numbers("एक दो तीन सौ") == "1 2 300"
    assert normalizer("en-Latn").numbers("twenty , 5 lakh 5 100") == "20 , 500000 5 100"


@pytest.mark.parametrize("number", [-1, 10**12])
def test_a_number_that_cannot_be_spelled_is_an_input_error(number: int) -> None:
    with pytest.raises(InputError, match="cannot be spelled"):
        spell(number, "hi-Deva")


def test_a_wrong_kind_is_an_input_error_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "numbers.tsv"
    path.write_text("# Licence: X.\nvalue\tkind\tuse\tword\n1\tfoo\tany\tone\n", "utf-8")
    with pytest.raises(InputError, match=r"numbers.tsv:3: '1 foo any'"):
        NumberWords(path, str)


def test_a_number_that_is_also_another_word_stays_a_word_where_no_number_is_beside_it() -> None:
    assert normalizer("hi-Deva").numbers("काम कर दो") == "काम कर दो"
    assert normalizer("hi-Deva").numbers("दो सौ") == "200"
    assert normalizer("hi-Deva").numbers("दो तीन दिन") == "2 3 दिन"
    assert normalizer("en-Latn").numbers("no one") == "no one"
    assert parse(["दो"], "hi-Deva") == 2
