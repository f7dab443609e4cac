"""Golden pairs: what each rule makes of real words, and what no rule may touch."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import pytest

from cswitch import languages, resources
from cswitch.normalize import normalizer
from cswitch.normalize.normalizer import RESPELLING, STAGES
from cswitch.resources import read_table

GOLDEN = Path(__file__).parent / "golden" / "normalize"
COLUMNS = ("lang", "form", "rule", "input", "output", "source")
RULE_COLUMNS = ("rule", "from", "to", "before", "after", "source")
FORMS = {*STAGES, "iso", "canonical"}
SCRIPTS = languages.scripts()


@cache
def golden(script: str) -> list[tuple[str, ...]]:
    return read_table(GOLDEN / f"{script}.tsv", COLUMNS)


def stages(form: str) -> tuple[str, ...]:
    """The reading form includes the visual one."""
    return ("visual", RESPELLING) if form == "reading" else (form,)


@cache
def rules(script: str) -> tuple[set[str], set[str]]:
    """The names of the rules of a script and its languages, and those that only protect text."""
    folders = [script, *(str(tag) for tag in languages.tags() if tag.script == script)]
    rows = [
        row
        for folder in folders
        for table in ("visual", "reading", RESPELLING)
        if (path := resources.folder("normalizers") / folder / f"{table}.tsv").exists()
        for row in read_table(path, RULE_COLUMNS)
    ]
    every = {row[0] for row in rows}
    return every, every - {row[0] for row in rows if row[1] != row[2]}


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_has_three_hundred_golden_pairs_with_sources(script: str) -> None:
    assert len(golden(script)) >= 300


@pytest.mark.parametrize("script", SCRIPTS)
def test_golden_pairs_come_out_as_written(script: str) -> None:
    wrong = []
    for lang, form, _, text, expected, _ in golden(script):
        assert form in FORMS
        result = getattr(normalizer(lang), form)(text)
        if result != expected:
            wrong.append(f"{lang} {form} {text!a}: {result!a}, not {expected!a} ({expected})")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("script", SCRIPTS)
def test_decomposed_input_gives_the_same_golden_output(script: str) -> None:
    for lang, form, _, text, expected, _ in golden(script):
        if form in ("visual", "reading", "iso", "canonical"):
            assert getattr(normalizer(lang), form)(unicodedata.normalize("NFD", text)) == expected


@pytest.mark.parametrize("script", SCRIPTS)
def test_golden_output_is_a_fixed_point_and_transliterations_lead_back(script: str) -> None:
    for lang, form, _, text, expected, _ in golden(script):
        if form == "iso":
            assert normalizer(lang).native(expected) == unicodedata.normalize("NFC", text)
        else:
            assert getattr(normalizer(lang), form)(expected) == expected


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_rule_that_a_golden_pair_names_is_the_one_that_fires(script: str) -> None:
    wrong = []
    for lang, form, rule, text, expected, _ in golden(script):
        if form in ("iso", "canonical"):
            continue
        fired = set().union(*(normalizer(lang).fired(stage, text) for stage in stages(form)))
        if rule == "none" or rule in rules(script)[1]:
            assert text == expected, f"{text!a} changes"
        elif rule not in fired:
            wrong.append(f"{lang} {form} {text!a}: {rule} is not among {sorted(fired)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_rule_has_a_golden_pair(script: str) -> None:
    shown = {rule for _, _, rule, *_ in golden(script)}
    missing = rules(script)[0] - shown
    assert not missing, f"no golden pair for {sorted(missing)}"
