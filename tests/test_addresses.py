"""Addresses stay as they are wherever words are looked for, whatever script they are in."""

from __future__ import annotations

import pytest

from cswitch.lid import Labeller
from cswitch.lid.addresses import is_address
from cswitch.lid.pieces import pieces
from cswitch.transliterate import transliterate
from cswitch.transliterate.transliterator import Transliterator

ADDRESSES = (
    "https://x.in/क",
    "HTTP://X.IN",
    "(https://उदाहरण.भारत/पृष्ठ)",
    "देखें:https://a.in/b",
    "ftp://சேவை.இந்தியா",
    "www.example.com",
    "“www.மொழி.com”",
    "WWW.A.IN",
    "a.b@c.in",
    "(राम.श्याम@डाक.भारत),",
    "9876543210@okbank",
    "@user",
    "@user's",
    ".@user:",
    "@राहुल_गांधी",
    "@அரசு,",
    "@సమంత!",
    "اُردو@ڈاک.پاک",
)
WORDS = ("e-mail", "और/या", "www", "@", "मिलो@", "#दिल्ली", "தமிழ்.", "3:30", "a@\u00a0b", "क://", "")


@pytest.mark.parametrize("token", ADDRESSES)
def test_an_address_is_found_and_has_no_words(token: str) -> None:
    assert is_address(token)
    assert pieces(token) == ()


@pytest.mark.parametrize("token", WORDS)
def test_what_looks_a_little_like_an_address_is_none(token: str) -> None:
    assert not is_address(token)


@pytest.mark.parametrize(
    ("lang", "source", "target", "before", "after"),
    [
        ("hi_en", "hi-Deva", "hi-Latn", "नमस्ते", "namaste"),
        ("ta_en", "ta-Taml", "ta-Latn", "தமிழ்", "thamizh"),
    ],
)
def test_labels_and_transliteration_agree_on_addresses(
    lang: str, source: str, target: str, before: str, after: str
) -> None:
    line = " ".join([before, *ADDRESSES, before])
    labels = [label.lince for label in Labeller(lang).line(line)]
    assert labels[1:-1] == ["other"] * len(ADDRESSES)
    assert transliterate(line, source, target)[0][0] == " ".join([after, *ADDRESSES, after])
    assert Transliterator(lang).sentence(line, "latin").split()[1:-1] == list(ADDRESSES)


def test_an_address_behind_a_no_break_space_keeps_no_word_from_its_letters() -> None:
    found = transliterate("नमस्ते\u00a0@राहुल", "hi-Deva", "hi-Latn")
    assert found[0][0] == "namaste\u00a0@राहुल"


@pytest.mark.parametrize("unit", ["a", "://", "a:/", "a@\u00a0", "@\u00a0", "w.", "क"])
def test_long_tokens_are_looked_at_once(unit: str) -> None:
    assert not is_address(unit * 200_000)
