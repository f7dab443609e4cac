"""The JSON result: its contract, and the way back."""

from __future__ import annotations

import io
import json
import sys

import pytest
from factory import SIGNATURE, score, three_systems

from cswitch import results
from cswitch.errors import InputError


def test_the_object_has_the_promised_shape():
    result = results.to_json(three_systems())
    assert list(result) == ["signature", "lang", "utterances", "systems", "differences"]
    assert (result["signature"], result["lang"], result["utterances"]) == (SIGNATURE, "hi_en", 6)
    for side in ("raw", "corrected"):
        counts = result["systems"][2][side]
        assert counts.pop("low") < counts["wer"] < counts.pop("high")
    assert result["systems"][2] == {
        "name": "both",
        "raw": {
            "wer": 0.55,
            "hits": 11,
            "substitutions": 9,
            "deletions": 0,
            "insertions": 2,
            "reference_words": 20,
        },
        "corrected": {
            "wer": 0.25,
            "hits": 16,
            "substitutions": 4,
            "deletions": 0,
            "insertions": 1,
            "reference_words": 20,
        },
        "forgiven": {
            "total": 6,
            "by_kind": {"orthography": 1, "punctuation": 1, "script": 2, "segmentation": 2},
        },
    }
    first = result["differences"][0]
    assert 0 < first.pop("p") < 1
    assert first == {"systems": ["rendering", "words"], "side": "raw", "difference": 0.25}
    assert len(result["differences"]) == 6


def test_utterances_come_only_when_asked_for_and_restore_the_scores(tmp_path):
    scores = three_systems()
    short, long = tmp_path / "short.json", tmp_path / "long.json"
    results.write(scores, short)
    results.write(scores, long, utterances=True)
    assert "utterance_results" not in json.loads(short.read_text())
    assert json.loads(long.read_text()) == results.to_json(scores, utterances=True)
    assert results.read(long) == tuple(scores)
    assert [each.tally for each in results.read(short)] == [each.tally for each in scores]


def test_an_utterance_is_a_line(tmp_path):
    path = tmp_path / "result.json"
    results.write(three_systems(), path, utterances=True)
    lines = [line for line in path.read_text().splitlines() if '"utt-' in line]
    assert len(lines) == 6
    assert json.loads(lines[2].strip().rstrip(","))["systems"][1]["edits"] == [
        {"operation": "deletion", "reference": [5, 6], "hypothesis": [5, 5], "errors": 1}
    ]


def test_standard_output(capsys):
    results.write([score("a", ["x"], ["y"])], "-")
    assert json.loads(capsys.readouterr().out)["systems"][0]["raw"]["wer"] == 1.0


def test_standard_input(monkeypatch):
    text = json.dumps(results.to_json(three_systems()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert results.read("-")[0].name == "rendering"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: not JSON: Expecting value"),
        ('{"a":\n1,}', r"2: not JSON"),
        ("[]", "not a result of cswitch score"),
        ('{"systems": []}', r"not a result of cswitch score \(ValueError: it has no systems\)"),
        ("[" * 100_000, "1: not JSON: nested too deeply"),
        ('{"systems": [{}]}', r"not a result of cswitch score \(KeyError: 'raw'\)"),
    ],
)
def test_other_files_are_refused_with_a_remedy(tmp_path, text, message):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"x\.json:? ?{message}.*cswitch score --json"):
        results.read(path)


def test_counts_that_do_not_add_up_are_refused(tmp_path):
    result = results.to_json(three_systems())
    result["systems"][0]["forgiven"]["by_kind"] = {}
    path = tmp_path / "x.json"
    path.write_text(json.dumps(result))
    with pytest.raises(InputError, match="the counts of rendering do not add up"):
        results.read(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda result: result["systems"][0]["raw"].update(hits="3"), "TypeError: 'str'"),
        (lambda result: result["utterance_results"][0].update(reference=7), "7 is no text"),
        (
            lambda result: result["utterance_results"][0]["systems"][0]["edits"].append(
                {"operation": "guess", "reference": [0, 1], "hypothesis": [0, 1], "errors": 1}
            ),
            "'guess' is no operation",
        ),
        (lambda result: result.update(utterances="6"), "TypeError: 'str'"),
        (lambda result: result["utterance_results"][0].update(reference=""), "beyond its words"),
        (
            lambda result: result["utterance_results"][0]["systems"][0]["edits"][0].update(kind=[]),
            r"'rendering', \[\] is no verdict",
        ),
    ],
)
def test_values_of_another_kind_are_refused(tmp_path, change, message):
    result = results.to_json(three_systems(), utterances=True)
    change(result)
    path = tmp_path / "x.json"
    path.write_text(json.dumps(result))
    with pytest.raises(InputError, match=message):
        results.read(path)


def test_nothing_is_left_when_writing_fails(tmp_path):
    with pytest.raises(InputError, match="cannot write"):
        results.write(three_systems(), tmp_path / "missing" / "x.json")
    assert list(tmp_path.iterdir()) == []
