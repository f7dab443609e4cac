"""Ordinals, fractions, units and signs: what figures and words have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from cswitch import resources
from cswitch.errors import InputError
from cswitch.judge import Judge
from cswitch.normalize import STAGES, normalizer
from cswitch.normalize.counting import NumberWords
from cswitch.normalize.quantities import COLUMNS, Quantities, Reading
from cswitch.scoring import Scorer

TABLES = sorted(resources.folder("normalizers").glob("*-*/quantities.tsv"))
NATIVE = [path.parent.name for path in TABLES if not path.parent.name.endswith("-Latn")]
HEADER = "# Licence: Apache-2.0. Made up.\nvalue\tkind\tword\n"


def readings(text: str, tag: str) -> set[Reading]:
    one = normalizer(tag)
    for stage in STAGES[:-1]:
        text = one.stage(stage, text)
    words = text.split()
    return set(one.quantities.read(words)) if one.quantities.may_count(words) else set()


def values(text: str, tag: str) -> set[str]:
    return {reading.value for reading in readings(text, tag)}


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("en-Latn", "1st", "1."),
        ("en-Latn", "twenty first", "21."),
        ("en-Latn", "two point five", "2.5"),
        ("en-Latn", "Rs. 500", "500 ₹"),
        ("en-Latn", "ten per cent", "10 %"),
        ("hi-Deva", "दसवीं", "10."),
        ("hi-Deva", "साढ़े तीन सौ", "350"),
        ("hi-Deva", "सवा लाख", "125000"),
        ("hi-Deva", "पौने दो", "1.75"),
        ("hi-Deva", "ढाई लाख रुपये", "250000 ₹"),
        ("bn-Beng", "সাড়ে তিন", "3.5"),
        ("bn-Beng", "দশ শতাংশ", "10 %"),
        ("bn-Beng", "5ম", "5."),
        ("mr-Deva", "अडीच", "2.5"),
        ("gu-Gujr", "સાડા ત્રણ", "3.5"),
        ("pa-Guru", "ਸਾਢੇ ਤਿੰਨ", "3.5"),
        ("ta-Taml", "இரண்டரை", "2.5"),
        ("te-Telu", "మూడున్నర", "3.5"),
        ("kn-Knda", "ಒಂದೂವರೆ", "1.5"),
        ("ml-Mlym", "രണ്ടര", "2.5"),
        ("or-Orya", "ଅଢ଼େଇ", "2.5"),
        ("as-Beng", "ডেৰ", "1.5"),
        ("ur-Arab", "ساڑھے تین", "3.5"),
        ("ur-Arab", "دس فیصد", "10 %"),
    ],
)
def test_words_stand_for_their_quantity(tag: str, text: str, value: str) -> None:
    assert value in values(text, tag)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.parent.name)
def test_every_word_of_a_table_is_read_with_its_value(path: Path) -> None:
    tag = path.parent.name
    for value, kind, word in resources.read_table(path, COLUMNS):
        if kind == "unit":
            assert f"7 {value}" in values(f"7 {word}", tag), word
        elif word.startswith("-"):
            assert "7." in values(f"7{word[1:]}", tag), word
        elif kind in ("sign", "fraction"):
            assert value in values(word, tag), word
        elif kind == "ordinal":
            assert f"{value}." in values(word, tag), word
        elif kind == "point":
            assert "7.5" in values(f"7 {word} 5", tag), word


@pytest.mark.parametrize("tag", NATIVE)
def test_every_language_has_percent_fractions_and_ordinals(tag: str) -> None:
    rows = resources.read_table(resources.folder("normalizers") / tag / "quantities.tsv", COLUMNS)
    kinds = {(kind, value) for value, kind, _ in rows}
    assert {("unit", "%"), ("ordinal", "1"), ("ordinal", "2")} <= kinds
    if tag != "si-Sinh":
        assert {("fraction", "1.5"), ("fraction", "2.5")} <= kinds


def test_forms_of_one_word_differ_and_signs_stand_for_any() -> None:
    first, other, sign = Reading("1.", "पहला", "hi"), Reading("1.", "पहली", "hi"), Reading("1.")
    assert not first.agrees(other)
    assert first.agrees(sign) and sign.agrees(other)
    assert first.agrees(Reading("1.", "first", "en"))
    assert not first.agrees(Reading("2.", "पहला", "hi"))


@pytest.mark.parametrize("text", ["और", "रुपये और", "वां", "साढ़े", "दशमलव पाँच", "% 5 ₹", "-th"])
def test_a_part_of_a_quantity_is_no_number(text: str) -> None:
    assert not any(value[0].isdigit() for value in values(text, "hi-Deva"))


@pytest.mark.parametrize("row", ["x\tordinal\tfirst", "1\tnothing\tone", "½\tfraction\thalf"])
def test_a_malformed_row_is_named(tmp_path: Path, row: str) -> None:
    table = tmp_path / "quantities.tsv"
    table.write_text(HEADER + row + "\n", "utf-8")
    with pytest.raises(InputError, match=r"quantities.tsv:3:"):
        Quantities(table, NumberWords(tmp_path / "none.tsv", str), str, "xx")


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [
        ("bn", "10%", "দশ শতাংশ"),
        ("bn", "টোয়েন্টি ওয়ান", "twenty one"),
        ("ta", "1st", "முதலாவது"),
        ("te", "ట్వంటీ వన్", "21"),
        ("gu", "₹500", "500 રૂપિયા"),
        ("mr", "2.5", "अडीच"),
        ("ur", "1st", "پہلا"),
        ("kn", "ಡಾ.", "ಡಾಕ್ಟರ್"),
    ],
)
def test_the_judge_reads_them_in_other_languages(lang: str, one: str, other: str) -> None:
    judge = Judge(lang)
    assert judge.judge(one, other).verdict == "rendering"
    assert set(judge.sketch(one).concepts) & set(judge.sketch(other).concepts) or lang == "kn"


def test_in_a_sentence_only_other_quantities_and_other_forms_are_errors() -> None:
    lines = [
        ("मैंने 10% छूट दी", "मैंने दस प्रतिशत छूट दी", 0),
        ("उसने ₹500 दिए", "उसने पाँच सौ रुपये दिए", 0),
        ("साढ़े तीन बजे आना", "3.5 बजे आना", 0),
        ("राम & श्याम गए", "राम और श्याम गए", 0),
        ("डॉ. शर्मा आए", "Doctor Sharma आए", 0),
        ("मुझे ढाई लाख रुपये दो", "मुझे 250000 rupees दो", 0),
        ("पेज ट्वेंटी वन खोलो", "पेज 21 खोलो", 0),
        ("10:30 बजे", "1030 बजे", 1),
        ("पहली लड़की", "पहला लड़की", 1),
        ("उसने 500 रुपये दिए", "उसने 500 रुपया दिए", 1),
    ]
    scorer = Scorer("hi_en")
    for reference, hypothesis, errors in lines:
        score = scorer.score([scorer.utterance("", reference, hypothesis)])
        found = score.corrected
        assert found.substitutions + found.deletions + found.insertions == errors, reference
