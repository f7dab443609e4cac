"""Breakdowns add up and put errors where they belong."""

from __future__ import annotations

from functools import reduce

import pytest
from factory import METADATA, score, three_systems

from cswitch import breakdown
from cswitch.breakdown import Cell, Change


@pytest.mark.parametrize("system", three_systems(), ids=lambda system: system.name)
def test_every_view_sums_to_the_whole(system):
    parts = breakdown.breakdown(system)
    whole = Cell(system.raw.reference_words, system.raw.errors, system.corrected.errors)
    views = [parts.language, parts.switch, parts.length, parts.mixing, *parts.groups.values()]
    assert len(views) == 5
    for view in views:
        assert reduce(Cell.__add__, view.values()) == whole


def test_errors_belong_to_the_language_of_the_reference_word_or_of_the_inserted_one():
    parts = breakdown.breakdown(score("s", ["मैं discovery 10"], ["मैं डिस्कवरी 10 ok"]))
    assert parts.language == {
        "en-Latn": Cell(1, 2, 1),
        "hi-Deva": Cell(1, 0, 0),
        "none": Cell(1, 0, 0),
    }


def test_in_romanized_text_the_lexicons_tell_the_languages():
    parts = breakdown.breakdown(score("s", ["mujhe phone chahiye , ok"], ["mujhe phon chahiye ok"]))
    assert parts.language == {
        "hi-Latn": Cell(2, 0, 0),
        "en-Latn": Cell(2, 1, 1),
        "none": Cell(1, 1, 1),
    }


def test_words_are_near_a_switch_or_elsewhere():
    parts = breakdown.breakdown(score("s", ["एक दो three चार पाँच छह"], ["एक तो three चार पाँच छे"]))
    assert parts.switch == {
        breakdown.AT_SWITCH: Cell(3, 1, 1),
        breakdown.ELSEWHERE: Cell(3, 1, 1),
    }


def test_lengths_and_mixing_are_in_order():
    parts = breakdown.breakdown(three_systems()[0])
    assert list(parts.length) == ["0", "3–5", "6–10"]
    assert list(parts.mixing) == ["0", "20–30", "30–40"]


def test_fields_with_a_value_for_each_utterance_are_no_groups():
    rows = [{"speaker": "ab"[n % 2], "path": f"{n}.wav", "set": "test"} for n in range(8)]
    assert breakdown.group_fields(score("s", ["x"] * 8, ["x"] * 8, rows).utterances) == ["speaker"]
    assert breakdown.group_fields(score("s", ["x"] * 6, ["x"] * 6, METADATA).utterances) == [
        "speaker"
    ]


def test_changes_are_counted_by_kind_the_most_frequent_first():
    one = score(
        "s",
        ["साड़ी", "साड़ी", "दिखाइए", "कल", "", "दो"],
        ["Sadi", "Sadi", "dikhaiye", "काल", "हाँ", ""],
    )
    changes = breakdown.changes(one.utterances)
    assert changes["script"] == [
        Change("साड़ी", "Sadi", 2, "साड़ी = Sadi <toy & lexicon>"),
        Change("दिखाइए", "dikhaiye", 1, "दिखाइए = dikhaiye <toy & lexicon>"),
    ]
    [inserted], [deleted] = changes["insertion"], changes["deletion"]
    assert (inserted.reference, inserted.hypothesis, inserted.count) == ("", "हाँ", 1)
    assert (deleted.reference, deleted.hypothesis, deleted.count) == ("दो", "", 1)
    assert set(changes) == {"script", "substitution", "insertion", "deletion"}
    assert len(breakdown.changes(one.utterances, limit=1)["script"]) == 1


def test_kinds_of_several_systems_the_most_frequent_first():
    assert breakdown.kinds(three_systems())[:3] == ["script", "segmentation", "acronym"]
    assert breakdown.kinds([]) == []
