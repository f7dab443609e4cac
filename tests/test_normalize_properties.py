"""What every normalizer of every language keeps to, on any text."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import cache

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from cswitch import languages
from cswitch.normalize import normalizer
from cswitch.normalize.letters import letters
from cswitch.normalize.normalizer import STAGES

TAGS = [str(tag) for tag in languages.tags()]
SCRIPTS = [script for script in languages.scripts() if letters(script)]
FOREIGN = " aZé 1,.७۷᳚ഀഅকกя😀👩\u200d👧؟।’‐"
KEEPING = {"composition", "repeated-sign", "joiner", "sign-order"}
JOINERS = "\u200b\u200c\u200d"
_LETTER = regex.compile(r"\p{L}")


@cache
def native(script: str) -> str:
    """One tag of a script: the stages that only look at the script are the same for all."""
    return next(str(tag) for tag in languages.tags() if tag.script == script)


@cache
def alphabet(script: str) -> list[str]:
    """All characters of a script that Unicode has, and the joiners."""
    own = regex.compile(rf"\p{{Script={script}}}")
    return [*(chr(code) for code in range(0x250, 0xFFFF) if own.match(chr(code))), *JOINERS]


@cache
def texts(script: str) -> st.SearchStrategy[str]:
    """Strings over a script's alphabet, its own letters often, with foreign text between."""
    listed = [letter.text for letter in letters(script)] or list("aeiouAbcé")
    piece = st.one_of(
        st.sampled_from(listed), st.sampled_from(alphabet(script)), st.sampled_from(FOREIGN)
    )
    return st.lists(piece, max_size=12).map("".join)


def script_of(tag: str) -> str:
    return tag.rpartition("-")[2]


@pytest.mark.parametrize("tag", TAGS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_form_is_its_own_normal_form(tag: str, data: st.DataObject) -> None:
    text = data.draw(texts(script_of(tag)))
    for form in ("visual", "reading", "canonical", *STAGES):
        once = getattr(normalizer(tag), form)(text)
        assert getattr(normalizer(tag), form)(once) == once, form
    once = normalizer(tag).stage("reading", text)
    assert normalizer(tag).stage("reading", once) == once


@pytest.mark.parametrize("tag", TAGS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_decomposed_text_is_normalized_like_composed_text(tag: str, data: st.DataObject) -> None:
    text = data.draw(texts(script_of(tag)))
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    for form in ("visual", "reading"):
        rewrite = getattr(normalizer(tag), form)
        own = letters_of(rewrite(composed), script_of(tag))
        assert letters_of(rewrite(decomposed), script_of(tag)) == own


@pytest.mark.parametrize("tag", TAGS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_text_of_other_scripts_is_not_touched(tag: str, data: st.DataObject) -> None:
    script = script_of(tag)
    text = data.draw(texts(script))
    for form in ("visual", "reading", "case", "spelling"):
        assert others_of(getattr(normalizer(tag), form)(text), script) == others_of(text, script)


@pytest.mark.parametrize("script", SCRIPTS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_visual_form_keeps_every_letter_unless_a_named_rule_joins_two(
    script: str, data: st.DataObject
) -> None:
    text = data.draw(texts(script))
    result = normalizer(native(script)).visual(text)
    if normalizer(native(script)).fired("visual", text) <= KEEPING:
        assert base_letters(result) == base_letters(text)


@pytest.mark.parametrize("script", SCRIPTS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_transliteration_leads_back_to_every_sequence_of_letters(
    script: str, data: st.DataObject
) -> None:
    listed = st.sampled_from([letter.text for letter in letters(script)])
    text = unicodedata.normalize("NFC", "".join(data.draw(st.lists(listed, max_size=8))))
    tag = normalizer(native(script))
    if not tag.wellformed(text):
        assert tag.native(tag.iso(text)) == text


def letters_of(text: str, script: str) -> str:
    return "".join(regex.findall(rf"\p{{Script={script}}}", text))


def others_of(text: str, script: str) -> str:
    """A text without its script, and without joiners, marks and dandas, which have no script."""
    return regex.sub(rf"[\p{{Script={script}}}\p{{Script=Inherited}}\u200b।]", "", text)


def base_letters(text: str) -> Counter[str]:
    return Counter(_LETTER.findall(unicodedata.normalize("NFD", text)))
