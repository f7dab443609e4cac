"""Rescoring: any recognizer's lists, canonical words, weights from development data, least risk."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from cswitch import lm
from cswitch.cli import cli, main
from cswitch.errors import InputError
from cswitch.recognition import nbest
from cswitch.recognition.nbest import Hypothesis, NBest, Word
from cswitch.recognition.rescore import Rescorer, least_risk
from cswitch.recognition.tuning import pattern_search


def entry(*scored: tuple[str, float], id: str = "a", reference: str | None = None) -> NBest:
    return NBest(id, tuple(Hypothesis(text, {"score": s}) for text, s in scored), reference)


def errors(reference: str, hypothesis: str) -> int:
    return int(Levenshtein.distance(reference.split(), hypothesis.split()))


class OneWord:
    """A language model that likes one word."""

    start = 0

    def __init__(self, liked: str) -> None:
        self.liked = liked

    def score(self, state: int, word: str) -> tuple[float, int]:
        return (-1.0 if word == self.liked else -5.0), 0

    def finish(self, state: int) -> float:
        return 0.0

    def __contains__(self, word: str) -> bool:
        return True

    def unigrams(self) -> dict[str, float]:
        return {}


def test_lists_survive_the_round_trip(tmp_path: Path) -> None:
    word = Word("हाँ", 0.1, 0.3, 0.9, "hi")
    before = NBest("u1", (Hypothesis("हाँ", {"acoustic": -1.5, "lm": -3.0}, (word,)),), "हाँ जी")
    (tmp_path / "a.jsonl").write_text(nbest.dump(before) + "\n", encoding="utf-8")
    assert list(nbest.read(tmp_path / "a.jsonl")) == [before]


@pytest.mark.parametrize("line", ["no", '{"id": "\\ud800"}'])
def test_lines_that_are_no_json_are_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r'a\.jsonl:1: not JSON: .*Write \{"id": …, "nbest"'):
        list(nbest.read(tmp_path / "a.jsonl"))


@pytest.mark.parametrize("line", ["{}", '{"nbest": [{"score": 1}]}', '{"nbest": 3}', "[]"])
def test_lines_that_are_no_lists_are_named(tmp_path: Path, line: str) -> None:
    good = '{"id": "a", "nbest": []}'
    (tmp_path / "a.jsonl").write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.jsonl:2: not an n-best list: ") as caught:
        list(nbest.read(tmp_path / "a.jsonl"))
    assert "Error" not in str(caught.value)  # no names of Python's exceptions


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ('"score": NaN', "'score' is not a finite number"),
        ('"score": -1, "lm": -Infinity', "'lm' is not a finite number"),
        ('"score": "x"', "'score' is not a number"),
        ('"score": true', "'score' is not a number"),
        ('"score": -1, "words": [{"x": 1}]', "'words' is no list of objects with word, start"),
    ],
)
def test_scores_that_are_no_numbers_are_refused(tmp_path: Path, fields: str, problem: str) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"nbest": [{{"text": "a", {fields}}}]}}\n')
    with pytest.raises(InputError, match=rf"a\.jsonl:1: not an n-best list: {problem}"):
        list(nbest.read(tmp_path / "a.jsonl"))


def test_what_is_no_number_is_a_note_and_no_score(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"nbest": [{"text": "a", "score": -1, "lang": "hi"}]}\n')
    (entry,) = nbest.read(tmp_path / "a.jsonl")
    assert entry.hypotheses[0].scores == {"score": -1.0}


def test_a_language_model_reorders() -> None:
    found = Rescorer({"lm": OneWord("b")}).rescore(entry(("a", -1.0), ("b", -1.5)))
    assert [one.text for one in found.hypotheses] == ["b", "a"]
    assert found.hypotheses[0].scores == {
        "score": pytest.approx(-1.5 + 0.5 * -1.0 + 1.0), "lm": -1.0, "words": 1.0, "unknown": 0.0,
    }  # fmt: skip


def test_renderings_add_up_and_the_best_one_is_written() -> None:
    same = {"x": "w", "y": "w"}
    rescorer = Rescorer({}, lambda text: [same.get(word, word) for word in text.split()])
    found = rescorer.rescore(entry(("v", -1.0), ("y", -1.4), ("x", -1.2)))
    assert [one.text for one in found.hypotheses] == ["x", "v"]
    expected = float(np.logaddexp(-1.4, -1.2))
    assert found.hypotheses[0].scores["score"] == pytest.approx(expected)


def test_a_hypothesis_in_any_rendering_has_the_same_language_score(tmp_path: Path) -> None:
    from cswitch.canonical import canonicalizer

    words = canonicalizer("hi_en").line
    lm.write_arpa(
        lm.build([[words("मेरा computer अच्छा है"), words("यह film है")]], 3), tmp_path / "m.arpa"
    )
    rescorer = Rescorer({"m": lm.KenLM(tmp_path / "m.arpa")}, words)
    texts = ("मेरा computer अच्छा है", "मेरा कंप्यूटर accha hai", "mera Computer acha है")
    found = rescorer.features(entry(*((text, 0.0) for text in texts)))
    assert len({row["m"] for row in found}) == 1


def test_tuned_weights_make_fewer_errors() -> None:
    entries = [entry(("a", -1.0), ("b", -2.0 - i / 10), id=str(i), reference="b") for i in range(5)]
    rescorer = Rescorer({"lm": OneWord("b")}, weights={"lm": 0.0, "words": 0.0})
    weights, before, after = rescorer.tune(entries, errors)
    assert (before, after) == (5, 0)
    tuned = Rescorer({"lm": OneWord("b")}, weights=weights)
    assert all(tuned.rescore(one).hypotheses[0].text == "b" for one in entries)


def test_least_risk_prefers_what_the_others_resemble() -> None:
    one = entry(("x y z", math.log(0.4)), ("a b c", math.log(0.35)), ("a b d", math.log(0.25)))
    found = least_risk(one, errors)
    assert found.hypotheses[0].text == "a b c"
    assert found.hypotheses[0].scores["risk"] == pytest.approx(0.4 * 3 + 0.25 * 1)


def test_hypotheses_with_different_scores_are_named() -> None:
    odd = NBest("a", (Hypothesis("x", {"score": 1.0}), Hypothesis("y", {"other": 1.0})))
    with pytest.raises(InputError, match="'a' have different scores"):
        Rescorer({}).rescore(odd)
    with pytest.raises(InputError, match="there is no reference for 'a'"):
        Rescorer({}).tune([entry(("x", 0.0))], errors)
    with pytest.raises(InputError, match="there is no hypothesis"):
        Rescorer({}).tune([NBest("a", (), "x")], errors)


def test_empty_lists_stay_empty() -> None:
    assert Rescorer({}).rescore(NBest("a", ())).hypotheses == ()
    assert least_risk(NBest("a", ()), errors).hypotheses == ()


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_pattern_search_comes_near_the_minimum(x: float, y: float) -> None:
    found, _ = pattern_search(
        lambda w: (w["x"] - x) ** 2 + (w["y"] - y) ** 2,
        {"x": 0, "y": 0},
        {"x": 1, "y": 1},
        halvings=6,
    )
    assert abs(found["x"] - x) < 0.05 and abs(found["y"] - y) < 0.05


def test_pattern_search_tries_no_setting_twice() -> None:
    tried: list[tuple[float, ...]] = []

    def cost(weights: dict[str, float]) -> float:
        tried.append(tuple(weights.values()))
        return (weights["x"] - 3) ** 2 + (weights["y"] + 1) ** 2

    found, least = pattern_search(cost, {"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 1.0})
    assert (found, least) == ({"x": 3.0, "y": -1.0}, 0.0)
    assert len(tried) == len(set(tried))


def test_the_command_tunes_and_rescores(tmp_path: Path) -> None:
    model, lists, texts = (str(tmp_path / name) for name in ("m.arpa", "dev.jsonl", "dev.txt"))
    lm.write_arpa(lm.build([[["मेरा", "computer", "है"]] * 3], 2), model)
    line = nbest.dump(entry(("मेरा commuter है", -1.0), ("मेरा कंप्यूटर है", -2.0), id="u1"))
    Path(lists).write_text(line + "\n", encoding="utf-8")
    Path(texts).write_text("u1 मेरा computer है\n", encoding="utf-8")
    weights, out = str(tmp_path / "w.json"), str(tmp_path / "out.jsonl")
    run = CliRunner().invoke(
        cli, ["rescore", lists, "--lm", model, "--tune", "--references", texts, "-o", weights],
        catch_exceptions=False,
    )  # fmt: skip
    assert run.exit_code == 0
    assert json.loads(Path(weights).read_text())["errors"] == 0
    options = ["--lm", model, "--weights", weights, "--mbr", "-o", out]
    assert CliRunner().invoke(cli, ["rescore", lists, *options]).exit_code == 0
    best = json.loads(Path(out).read_text(encoding="utf-8"))
    assert best["text"] == "मेरा कंप्यूटर है" and len(best["nbest"]) == 2


def test_a_scale_that_is_no_number_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(nbest.dump(entry(("x", 0.0))) + "\n", encoding="utf-8")
    command = ["rescore", str(tmp_path / "a.jsonl"), "--mbr", "--mbr-scale", "nan"]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 2 and "not a finite number" in done.output


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        ('{"weights": {"lm:mine": 1}}', [], "w.json: has a weight of the language model 'mine'"),
        ('{"weights": {"words": "x"}}', [], "w.json: the weight 'words' is no finite number"),
        ('{\n"weights": 1,}', [], "w.json:2: not JSON"),
        ("{}", [], "w.json: has no weights"),
        ('{"weights": {}}', ["--references", "a.txt"], "--references are for tuning"),
        ('{"weights": {}}', ["--tune"], "a.jsonl: there is no reference for 'a'"),
        ('{"weights": {}}', [], "a.jsonl: hypotheses of 'a' have different scores"),
    ],
)
def test_what_does_not_fit_ends_with_code_2(
    tmp_path: Path, weights: str, options: list[str], message: str,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("w.json").write_text(weights, encoding="utf-8")
    odd = NBest("a", (Hypothesis("x", {"score": 1.0}), Hypothesis("y", {"other": 1.0})))
    Path("a.jsonl").write_text(nbest.dump(odd) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["rescore", "a.jsonl", "--weights", "w.json", *options], standalone_mode=False)
    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_bad_references_end_with_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists, texts = tmp_path / "a.jsonl", tmp_path / "a.txt"
    lists.write_text(nbest.dump(entry(("x", 0.0))) + "\n", encoding="utf-8")
    texts.write_text("a x\na y\n", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["rescore", str(lists), "--tune", "--references", str(texts)], standalone_mode=False)
    assert end.value.code == 2
    assert "a.txt:2: the name 'a' stands twice" in capsys.readouterr().err


def test_tuning_does_not_end_worse_than_the_recognizer_began() -> None:
    def heard(name: str, right: float, wrong: float, words: tuple[str, str]) -> NBest:
        # The recognizer's own total is acoustic + 4 × lm, and ranks the right text first.
        scores = ((right, 0.0), (wrong, -1.0))
        hypotheses = tuple(
            Hypothesis(text, {"acoustic": sound, "lm": lm, "score": sound + 4 * lm})
            for text, (sound, lm) in zip(words, scores, strict=True)
        )
        return NBest(name, hypotheses, reference=words[0])

    entries = [
        heard("a", -3.0, 0.0, ("एक", "दो तीन")),
        heard("b", -3.5, 0.0, ("दो तीन", "एक")),
        heard("c", -2.0, 0.0, ("तीन", "चार पाँच छह")),
    ]
    rescorer = Rescorer({}, str.split)
    weights, _, least = rescorer.tune(entries, lambda reference, text: int(reference != text))
    assert least == 0
    tuned = Rescorer({}, str.split, weights)
    assert [tuned.rescore(one).hypotheses[0].text for one in entries] == [
        one.reference for one in entries
    ]
