"""Canonical words: every rendering of a word has one form."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cswitch import resources
from cswitch.canonical import Canonicalizer, canonicalizer

HINDI = canonicalizer("hi_en")
LETTERS = st.text(alphabet="abcdehkmnrstकखगमरसािीेो्ं", min_size=1, max_size=8)


def rows(folder: str, columns: tuple[str, str], skip: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [
        row
        for path in resources.tables("lexicons", folder)
        if path.stem not in skip
        for row in resources.read_table(path, columns)
    ]


@pytest.mark.parametrize(
    "spellings",
    [
        ("computer", "Computer", "कंप्यूटर", "कम्प्यूटर"),
        ("accha", "acha", "अच्छा", "अच्‍छा"),
        ("हिन्दी", "हिंदी", "hindi"),
        ("फिल्म", "फ़िल्म", "film", "Film."),
        ("colour", "color"),
        ("२०", "20"),
    ],
    ids=lambda spellings: spellings[0],
)
def test_renderings_have_one_form(spellings: tuple[str, ...]) -> None:
    assert len({HINDI(word) for word in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("कल", "काल"), ("दिन", "दीन"), ("में", "मैं"), ("their", "there"), ("बस", "bus")]
)
def test_different_words_have_different_forms(one: str, other: str) -> None:
    assert HINDI(one) != HINDI(other)


def test_most_attested_spellings_of_an_english_word_share_its_form() -> None:
    pairs = rows("hi_en", ("native", "english"), ("letters", "names"))
    single = [(native, english) for native, english in pairs if " " not in native + english]
    agree = sum(HINDI(native) == HINDI(english) for native, english in single)
    # The others are native forms of two English words, or Hindi words too.
    assert agree / len(single) > 0.97


def test_romanizations_lead_to_a_native_word_that_they_are_attested_for() -> None:
    natives: dict[str, set[str]] = defaultdict(set)
    pairs = rows("hi-Deva", ("native", "latin"), ("distinct", "letters"))
    names = resources.read_table(
        resources.folder("lexicons") / "hi_en" / "names.tsv", ("native", "english")
    )
    for native, latin in (*pairs, *names):
        natives[latin.lower()].add(HINDI(native))
    wrong = [
        latin
        for latin, known in natives.items()
        if HINDI.language(HINDI(latin)) == "hi" and HINDI(latin) not in known
    ]
    # The others are names with several native spellings.
    assert len(wrong) / len(natives) < 0.002


@given(LETTERS)
def test_the_form_of_a_form_is_itself(word: str) -> None:
    assert HINDI(HINDI(word)) == HINDI(word)


def test_a_latin_word_of_both_languages_is_read_by_its_line() -> None:
    assert HINDI("main") == "main"
    assert HINDI.line("main kya karu") == ["मैं", "क्या", "करूं"]
    assert HINDI.line("the main menu is open")[1] == "main"
    assert HINDI.line("यह main menu है")[1] == "main"


def test_punctuation_is_no_word() -> None:
    assert HINDI("।") == "" == HINDI("?")
    assert HINDI.line("हाँ , ठीक है .") == ["हां", "ठीक", "है"]


def test_policies_write_known_words_in_their_script_and_leave_others() -> None:
    assert HINDI.render("कंप्यूटर", "matrix") == "computer"
    assert HINDI.render("एसी", "matrix") == "AC"
    assert HINDI.render("Accha", "native") == "अच्छा"
    assert HINDI.render("xyzzy", "native") == "xyzzy"
    assert HINDI.render("हिन्दी", "matrix") == "हिन्दी"
    assert HINDI.render("accha", "as-decoded") == "accha"


def test_spellings_are_all_attested_renderings() -> None:
    assert {"computer", "कंप्यूटर"} <= set(HINDI.spellings("कंप्यूटर"))
    assert {"accha", "अच्छा", "acha"} <= set(HINDI.spellings("acha"))
    assert "kal" in HINDI.spellings("कल")
    assert HINDI.spellings("xyzzy") == ("xyzzy",)


def test_a_language_without_lexicons_folds_only() -> None:
    telugu = Canonicalizer("te_en")
    assert telugu("నమస్కారం") == "నమస్కారం" and telugu("Hello!") == "hello"


@pytest.mark.parametrize(
    ("lang", "native", "latin"),
    [("bn_en", "আমি", "ami"), ("ta_en", "எனக்கு", "enaku"), ("gu_en", "નથી", "nathi")],
)
def test_frequent_romanized_words_have_the_form_of_the_native_one(
    lang: str, native: str, latin: str
) -> None:
    canonical = Canonicalizer(lang)
    assert (
        canonical(latin) == canonical(native) and canonical.language(canonical(latin)) == lang[:2]
    )


def test_unattested_romanizations_of_known_words_are_transliterated() -> None:
    assert HINDI("chaahta") == HINDI("चाहता")
    assert HINDI("gastropub") == "gastropub"
    assert HINDI("window") == "window"
