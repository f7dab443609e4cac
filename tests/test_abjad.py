"""Words of other languages in the script of one that leaves vowels out."""

from __future__ import annotations

import pytest

from cswitch.errors import InputError
from cswitch.languages import resolve_tag
from cswitch.transliterate import transliterate
from cswitch.transliterate.abjad import abjad

URDU = abjad("ur-Arab")


@pytest.mark.parametrize(
    ("hindi", "urdu"),
    [
        ("किताब", "کتاب"),
        ("स्कूल", "اسکول"),  # a vowel before s and a stop
        ("अच्छा", "اچھا"),  # doubled letters are written once
        ("बेहतर", "بہتر"),  # e before h is short
        ("जाओ", "جاؤ"),
        ("गए", "گئے"),
        ("हुई", "ہوئی"),
        ("में", "میں"),
        ("कंप्यूटर", "کمپیوٹر"),
        ("शक्ति", "شکتی"),
        ("पढ़ाई", "پڑھائی"),
    ],
)
def test_a_word_is_spelled_as_urdu_spells_sounds(hindi: str, urdu: str) -> None:
    assert URDU.spelled(hindi, "hi-Deva") == urdu


def test_other_scripts_come_through_the_same_hub() -> None:
    assert URDU.spelled("ਕਿਤਾਬ", "pa-Guru") == URDU.spelled("કિતાબ", "gu-Gujr") == "کتاب"


@pytest.mark.parametrize(
    ("hindi", "urdu"),
    [
        ("ज़रूर", "ضرور"),
        ("जरूर", "ضرور"),  # the nukta is often left out
        ("सिर्फ़", "صرف"),
        ("इलाज", "علاج"),
        ("मालूम", "معلوم"),
        ("तरह", "طرح"),
        ("ख़ुद", "خود"),
        ("उस", "اس"),
        ("इस", "اس"),  # short vowels are not written
    ],
)
def test_known_words_have_the_letters_that_convention_keeps(hindi: str, urdu: str) -> None:
    assert URDU.words(hindi, "hi-Deva")[0] == urdu
    assert hindi.replace("\u093c", "") in [
        word.replace("\u093c", "") for word in URDU.read(urdu, "hi-Deva")
    ]


def test_a_word_without_vowels_is_read_as_a_frequent_word() -> None:
    assert transliterate("دنیا", "ur-Arab", "hi-Deva")[0][0] == "दुनिया"
    assert transliterate("عورت", "ur-Arab", "hi-Deva")[0][0] == "औरत"
    assert transliterate("दुनिया", "hi-Deva", "ur-Arab")[0][0] == "دنیا"


def test_pairs_are_heard_as_the_words_that_sound_alike() -> None:
    hindi = resolve_tag("hi")
    given = [("मालूम", "maloom", 2), ("کتاب", "kitab", 1), ("ट्विटरीय", "twitteriya", 1)]
    heard = [("معلوم", "maloom", 2), ("کتاب", "kitab", 1)]
    assert list(URDU.heard(given, hindi)) == heard
    spelled = list(URDU.heard(given, hindi, spell=True))
    assert spelled[:2] == heard and spelled[2][1] == "twitteriya"


def test_a_language_that_spells_no_other_is_bad_input() -> None:
    with pytest.raises(InputError, match="cannot be spelled in hi-Deva"):
        abjad("hi-Deva")
