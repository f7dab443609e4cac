"""Well-formedness: what is accepted, and which code point breaks which rule."""

from __future__ import annotations

import pytest

from cswitch.normalize import normalizer

WELL = {
    "hi-Deva": "हिन्दी क्षत्रिय ज्ञान ऋषि दुःख आँख फ़िल्म जगत् श्रीमान्‌को ऑफ़िस ॐ लखनऊ त्र कुआँ सोऽहम्",
    "bn-Beng": "বাংলা ব্রাহ্মণ অ্যাড র‍্যাব হঠাৎ উৎসব চাঁদ দুঃখ উদ্‌যাপন কড়া",
    "pa-Guru": "ਪੰਜਾਬੀ ਸ਼ਹਿਰ ਪੱਕਾ ਪ੍ਰੇਮ ਗਾਂ ਧੵਾਨ",
    "gu-Gujr": "ગુજરાતી ક્ષમા ઑફિસ સિંહ",
    "or-Orya": "ଓଡ଼ିଆ କ୍ଷମା ସିଂହ ଚାନ୍ଦ",
    "ta-Taml": "தமிழ் ஆக்‌ஷன் ஃபேன் ஸ்ரீ கௌரி",
    "te-Telu": "తెలుగు క్షమ హైదరాబాద్ దుఃఖం",
    "kn-Knda": "ಕನ್ನಡ ಆ್ಯಪ್ ರ‍್ಯಾಲಿ ಕ್ಷಮೆ",
    "ml-Mlym": "മലയാളം അവൻ എന്റെ ത്തു് കാർ എൻ്റെ",
    "ur-Arab": "اردو مُحَمَّد کتاب ہے",
    "en-Latn": "any thing goes",
}
MODIFIER = "a modifier must follow a vowel or a consonant"
SIGN = "a vowel sign must follow a consonant"
ILL = [
    ("hi-Deva", "काु", 2, "U+0941 DEVANAGARI VOWEL SIGN U: a vowel sign must follow a consonant"),
    ("hi-Deva", "क ाक", 2, "U+093E DEVANAGARI VOWEL SIGN AA: a vowel sign must follow a consonant"),
    ("hi-Deva", "अ्क", 1, "U+094D DEVANAGARI SIGN VIRAMA: a virama must follow a consonant"),
    ("hi-Deva", "्क", 0, "U+094D DEVANAGARI SIGN VIRAMA: a virama must follow a consonant"),
    ("hi-Deva", "कंं", 2, f"U+0902 DEVANAGARI SIGN ANUSVARA: {MODIFIER}"),
    ("hi-Deva", "ंक", 0, f"U+0902 DEVANAGARI SIGN ANUSVARA: {MODIFIER}"),
    ("hi-Deva", "अ़", 1, "U+093C DEVANAGARI SIGN NUKTA: a nukta must follow a consonant"),
    ("hi-Deva", "abc क्ा", 6, f"U+093E DEVANAGARI VOWEL SIGN AA: {SIGN}"),
    ("bn-Beng", "ািক", 0, "U+09BE BENGALI VOWEL SIGN AA: a vowel sign must follow a consonant"),
    ("ta-Taml", "அ்", 1, "U+0BCD TAMIL SIGN VIRAMA: a virama must follow a consonant"),
    ("ml-Mlym", "്ന", 0, "U+0D4D MALAYALAM SIGN VIRAMA: a virama must follow a consonant"),
    ("ur-Arab", "۱َب", 1, "U+064E ARABIC FATHA: a vowel mark must follow a letter"),
]


@pytest.mark.parametrize("tag", WELL)
def test_words_of_the_language_are_well_formed(tag: str) -> None:
    for word in WELL[tag].split():
        assert normalizer(tag).wellformed(normalizer(tag).visual(word)) == [], word


@pytest.mark.parametrize(("tag", "text", "place", "message"), ILL)
def test_the_code_point_and_the_rule_it_breaks_are_named(
    tag: str, text: str, place: int, message: str
) -> None:
    first = normalizer(tag).wellformed(text)[0]
    assert (first.place, first.message) == (place, message)


def test_text_of_another_script_is_not_looked_at() -> None:
    assert normalizer("hi-Deva").wellformed("ா abc ্") == []
