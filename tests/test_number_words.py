"""Number words of every language that has them: what is spelled is understood."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cswitch import resources
from cswitch.errors import InputError
from cswitch.normalize import normalizer
from cswitch.normalize.counting import NumberWords
from cswitch.normalize.numbers import parse, spell

GOLDEN = Path(__file__).parent / "golden" / "numbers"
TAGS = sorted(path.parent.name for path in resources.folder("normalizers").glob("*-*/numbers.tsv"))
HEADER = "# Licence: Apache-2.0. Made up.\nvalue\tkind\tuse\tword\n"


def golden(tag: str) -> list[tuple[int, str, bool]]:
    rows = resources.read_table(GOLDEN / f"{tag}.tsv", ("number", "words", "standard"))
    return [(int(number), words, standard == "yes") for number, words, standard in rows]


def spellable(number: int, tag: str) -> bool:
    try:
        spell(number, tag)
    except InputError:
        return False
    return True


def written(tmp_path: Path, *rows: str) -> NumberWords:
    table = tmp_path / "numbers.tsv"
    table.write_text(HEADER + "".join(row.replace(" ", "\t") + "\n" for row in rows), "utf-8")
    return NumberWords(table, str.lower)


# Romanized tables leave out spellings that are some other frequent word.
@pytest.mark.parametrize("tag", [tag for tag in TAGS if not tag.endswith("-Latn")])
def test_a_language_has_a_word_for_every_number_below_a_hundred(tag: str) -> None:
    assert [number for number in range(100) if not spellable(number, tag)] == []


@pytest.mark.parametrize("tag", TAGS)
def test_every_number_below_a_thousand_is_understood_as_it_is_spelled(tag: str) -> None:
    numbers = [number for number in range(1000) if spellable(number, tag)]
    assert len(numbers) > 100
    assert [parse(spell(number, tag).split(), tag) for number in numbers] == numbers


@pytest.mark.parametrize("tag", TAGS)
# Two romanized tables lack so many words that they spell one large number in twenty.
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(number=st.integers(0, 99).map(lambda count: count * 1000) | st.integers(0, 10**9))
def test_large_numbers_are_understood_as_they_are_spelled(tag: str, number: int) -> None:
    assume(spellable(number, tag))
    assert parse(spell(number, tag).split(), tag) == number


@pytest.mark.parametrize("tag", sorted(path.stem for path in GOLDEN.glob("*.tsv")))
def test_known_numbers_are_understood_and_the_standard_ones_spelled(tag: str) -> None:
    for number, words, standard in golden(tag):
        assert parse(words.split(), tag) == number, words
        assert (spell(number, tag) == words) == standard, words


@pytest.mark.parametrize("tag", TAGS)
def test_every_word_stands_for_its_own_number_only(tag: str) -> None:
    table = resources.folder("normalizers") / tag / "numbers.tsv"
    values: dict[str, set[str]] = {}
    for value, _, _, word in resources.read_table(table, ("value", "kind", "use", "word")):
        values.setdefault(normalizer(tag).reading(word), set()).add(value)
    assert {word: found for word, found in values.items() if len(found) > 1} == {}


@pytest.mark.parametrize("tag", TAGS)
def test_every_word_is_free_of_look_alikes_and_idle_joiners(tag: str) -> None:
    table = resources.folder("normalizers") / tag / "numbers.tsv"
    for _, _, _, word in resources.read_table(table, ("value", "kind", "use", "word")):
        assert normalizer(tag).visual(word) == word


def test_a_word_with_a_hyphen_is_written_together_with_the_word_before(tmp_path: Path) -> None:
    words = written(tmp_path, "19 number final ueno", "9 number any no", "100 plural any -sho")
    assert words.parse(["uenosho"]) == 1900
    assert words.parse(["uenosho", "no"]) == 1909
    assert words.parse(["ueno", "sho"]) is None
    assert words.parse(["sho"]) is None
    assert words.to_figures("uenosho sho") == "1900 sho"


def test_a_plural_scale_must_be_multiplied_and_a_scale_alone_is_one(tmp_path: Path) -> None:
    words = written(tmp_path, "2 number any rendu", "100 plural any vandalu", "100 scale any nuru")
    assert words.parse(["rendu", "vandalu"]) == 200
    assert words.parse(["vandalu"]) is None
    assert words.parse(["nuru"]) == 100


def test_a_joined_form_needs_something_smaller_after_it(tmp_path: Path) -> None:
    words = written(tmp_path, "2 number final rendu", "100 number joined nutri")
    assert words.parse(["nutri", "rendu"]) == 102
    assert words.parse(["nutri"]) is None


def test_a_large_number_may_stand_before_a_smaller_scale(tmp_path: Path) -> None:
    rows = ("2 number any rendu", "1000 number any veyyi", "100 plural any vandalu")
    words = written(tmp_path, *rows)
    assert words.parse(["veyyi", "rendu", "vandalu"]) == 1200
    assert words.parse(["rendu", "veyyi"]) is None


def test_the_first_word_that_fits_is_spelled(tmp_path: Path) -> None:
    words = written(tmp_path, "3 number final tri", "3 number any tin", "20 number any bis")
    assert words.spell(3) == "tri"
    assert words.spell(23) == "bis tri"


def test_a_number_without_a_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no word for 60"):
        written(tmp_path, "3 number any tin").spell(63)


def test_a_stutter_of_number_words_ends_and_stays_apart() -> None:
    words = normalizer("hi-Deva").number_words
    assert words.to_figures("पाँच " * 50 + "सौ") == "5 " * 49 + "500"
