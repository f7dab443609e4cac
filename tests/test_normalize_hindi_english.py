"""What the Hindi and English normalizers join, and what they keep apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from cswitch import resources
from cswitch.normalize import normalize, normalizer
from cswitch.resources import read_table

SAME = [
    ("hi-Deva", "हिन्दी", "हिंदी"),
    ("hi-Deva", "सम्पर्क", "संपर्क"),
    ("hi-Deva", "गये", "गए"),
    ("hi-Deva", "आयी", "आई"),
    ("hi-Deva", "हँसना", "हंसना"),
    ("hi-Deva", "फ़िल्म", "फिल्म"),
    ("hi-Deva", "एेसा", "ऐसा"),
    ("hi-Deva", "नहीं।", "नहीं"),
    ("hi-Deva", "२०२१", "2021"),
    ("hi-Deva", "१,००,०००", "एक लाख"),
    ("hi-Deva", "दस", "10"),
    ("hi-Deva", "डॉ.", "डॉ"),
    ("hi-Deva", "सडक", "सड़क"),
    ("en-Latn", "Colour", "color"),
    ("en-Latn", "It’s", "it is"),
    ("en-Latn", "organisation", "organization"),
    ("en-Latn", "U.S.A.", "USA"),
    ("en-Latn", "twenty-one", "21"),
    ("en-Latn", "one lakh", "100000"),
]
DIFFERENT = [
    ("hi-Deva", "कल", "काल"),
    ("hi-Deva", "दिन", "दीन"),
    ("hi-Deva", "की", "कि"),
    ("hi-Deva", "में", "मैं"),
    ("hi-Deva", "ये", "ए"),
    ("hi-Deva", "है", "हैं"),
    ("hi-Deva", "पेड", "पेड़"),
    ("hi-Deva", "कॉल", "काल"),
    ("en-Latn", "their", "there"),
    ("en-Latn", "its", "it's"),
    ("en-Latn", "cheque", "check"),
    ("en-Latn", "-5", "5"),
    ("en-Latn", "3.14", "314"),
]


def columns(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if not line.startswith("#")).split("\t")


@pytest.mark.parametrize(("lang", "left", "right"), SAME)
def test_renderings_of_a_word_have_one_canonical_form(lang: str, left: str, right: str) -> None:
    assert normalizer(lang).canonical(left) == normalizer(lang).canonical(right)


@pytest.mark.parametrize(("lang", "left", "right"), DIFFERENT)
def test_different_words_keep_different_canonical_forms(lang: str, left: str, right: str) -> None:
    assert normalizer(lang).canonical(left) != normalizer(lang).canonical(right)


def test_words_that_the_lexicons_call_different_stay_different() -> None:
    """Pairs that differ in the nukta of a loan only are the exception: they are written loosely."""
    pairs = [
        (path.parent.name, first, second)
        for path in sorted(resources.folder("lexicons").glob("*-*/distinct.tsv"))
        for first, second in read_table(path, columns(path)[:2])
    ]
    assert len(pairs) > 500
    joined = [
        (first, second)
        for tag, first, second in pairs
        if normalizer(tag).canonical(first) == normalizer(tag).canonical(second)
        and first.replace("\u093c", "") != second.replace("\u093c", "")
    ]
    assert joined == []


def test_a_pair_applies_both_of_its_normalizers() -> None:
    assert normalize("Colour की हिन्दी!", "hi_en") == "color की हिंदी"


def test_a_normalizer_leaves_the_words_of_other_scripts_alone() -> None:
    assert normalizer("hi-Deva").canonical("Colour हिन्दी") == "Colour हिंदी"
