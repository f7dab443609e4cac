"""Intervals that cover, tests that agree with NIST's, corrections, rankings."""

from __future__ import annotations

import math
import random
import re
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from factory import score, three_systems
from hypothesis import given
from hypothesis import strategies as st

from cswitch.analysis import Score, Tally
from cswitch.ranking import rank
from cswitch.statistics import confidence, significance
from cswitch.statistics.differences import differences, holm, resampled

SCTK = Path("/usr/lib/sctk/bin")
needs_sctk = pytest.mark.skipif(not (SCTK / "sc_stats").exists(), reason="needs sctk")


def rates(size: int, generator: np.random.Generator, rate: float = 0.2):
    words = generator.integers(3, 25, size).astype(float)
    return generator.binomial(words.astype(int), rate).astype(float), words


@pytest.mark.parametrize("method", [confidence.interval, confidence.bca_interval])
def test_intervals_cover_the_truth_as_often_as_they_say(method):
    generator = np.random.default_rng(7)
    trials = 400
    covered = 0
    for trial in range(trials):
        errors, words = rates(150, generator)
        bounds = method(errors, words, samples=400, seed=trial)
        covered += bounds.low <= 0.2 <= bounds.high
    assert 0.92 <= covered / trials <= 0.98  # four standard errors of 400 trials about 95 %


def test_intervals_by_speaker_are_wider_where_speakers_differ():
    generator = np.random.default_rng(3)
    speaker = np.repeat(generator.uniform(0.05, 0.6, 20), 30)
    words = np.full(600, 10.0)
    errors = generator.binomial(10, speaker).astype(float)
    single = confidence.interval(errors, words)
    by_speaker = confidence.interval(errors.reshape(20, 30).sum(1), words.reshape(20, 30).sum(1))
    assert by_speaker.high - by_speaker.low > 2 * (single.high - single.low)


def test_speakers_are_blocks_only_where_all_are_known_and_there_are_ten():
    def blocks(speakers: str, field: str = "speaker") -> list[int]:
        rows = [{field: name.strip()} for name in speakers]
        texts = ["a"] * len(rows)
        return confidence.blocks(score("x", texts, texts, rows).utterances)

    assert blocks("abcdefghijjia") == [*range(10), 9, 8, 0]
    assert blocks("abcdefghijjia", "client_id") == [*range(10), 9, 8, 0]
    assert blocks("abcdefghijjia", "colour") == list(range(13))
    assert blocks("abcdefghi ji") == list(range(12))
    assert blocks("aabb") == [0, 1, 2, 3]


def test_the_same_seed_gives_the_same_interval():
    errors, words = rates(50, np.random.default_rng(1))
    first = confidence.interval(errors, words, seed=5)
    assert first == confidence.interval(errors, words, seed=5)
    assert first != confidence.interval(errors, words, seed=6)


def test_an_interval_of_nothing_and_of_no_errors():
    nothing, words = np.zeros(0), np.ones(9)
    assert confidence.interval(nothing, nothing) == confidence.Interval(0.0, 0.0)
    for method in (confidence.interval, confidence.bca_interval):
        assert method(np.zeros(9), words) == confidence.Interval(0.0, 0.0)


@pytest.mark.parametrize("name", ["bootstrap", "randomization", "matched_pairs"])
def test_p_values_are_small_for_a_difference_and_uniform_without_one(name):
    def p(rate: float, seed: int) -> float:
        generator = np.random.default_rng(seed)
        first, words = rates(120, generator)
        second = generator.binomial(words.astype(int), rate).astype(float)
        if name == "bootstrap":
            return significance.paired_bootstrap(first, second, words, samples=300)
        if name == "randomization":
            return significance.approximate_randomization(first, second, samples=300)
        sides = [[[(0, 1, int(each))] if each else [] for each in side] for side in (first, second)]
        return significance.matched_pairs(*sides).p

    assert all(p(0.3, seed) < 0.01 for seed in range(5))
    under = sum(p(0.2, seed) < 0.05 for seed in range(200)) / 200
    assert 0.01 <= under <= 0.1


def test_systems_that_do_not_differ_have_p_one():
    errors, words = rates(30, np.random.default_rng(1))
    assert significance.paired_bootstrap(errors, errors, words) == 1.0
    assert significance.approximate_randomization(errors, errors) == 1.0
    assert significance.matched_pairs([[(0, 1, 1)]] * 9, [[(0, 1, 1)]] * 9).p == 1.0


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_never_lowers_a_p(values):
    adjusted = holm(values)
    assert all(low <= high <= 1 for low, high in zip(values, adjusted, strict=True))
    by_value = sorted(range(len(values)), key=lambda place: (values[place], adjusted[place]))
    assert [adjusted[place] for place in by_value] == sorted(adjusted)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2), st.integers(1, 3)), max_size=6),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2), st.integers(1, 3)), max_size=6),
)
def test_segments_hold_every_error_once(first, second):
    sides = [
        [(start, start + size, errors) for start, size, errors in side] for side in (first, second)
    ]
    found = significance.segments(*sides)
    for side, listed in enumerate(sides):
        assert sum(each[side] for each in found) == sum(errors for *_, errors in listed)


def test_comparisons_cover_every_pair_on_both_sides():
    found = significance.compare(three_systems())
    assert [(each.first, each.second, each.side) for each in found] == [
        ("rendering", "words", "raw"),
        ("rendering", "both", "raw"),
        ("words", "both", "raw"),
        ("rendering", "words", "corrected"),
        ("rendering", "both", "corrected"),
        ("words", "both", "corrected"),
    ]
    assert found[0].difference == pytest.approx(0.25)
    assert found[3].difference == pytest.approx(-0.35)
    assert significance.compare(three_systems()[:1]) == []


def test_differences_without_utterances_have_the_p_of_the_paired_bootstrap():
    scores = three_systems()
    found = differences(scores)
    full = significance.compare(scores)
    assert [(each.first, each.second, each.side) for each in found] == [
        (each.first, each.second, each.side) for each in full
    ]
    assert [each.p for each in found] == pytest.approx([each.bootstrap for each in full])
    kept = [replace(each, resamples=resampled(each)) for each in scores]
    assert differences([replace(each, utterances=()) for each in kept]) == found
    assert differences([replace(each, utterances=()) for each in scores]) == []
    assert differences(kept[:1]) == differences(kept * 3) == []


def test_many_systems_can_still_differ_significantly():
    systems = many_systems(13)
    found = significance.compare(systems)
    assert len(found) == 2 * 78
    worst = [each for each in found if (each.first, each.second) == ("0", "12")]
    for each in worst:
        assert max(each.matched_pairs, each.bootstrap, each.randomization) < 0.03


def many_systems(count: int) -> list[Score]:
    """Systems each of which errs on a few more utterances than the one before."""
    texts = ["एक दो तीन"] * 60
    wrong = ["एक", "एक दो"] * 30
    return [score(str(rank), texts, wrong[: 4 * rank] + texts[4 * rank :]) for rank in range(count)]


def test_the_ranking_changes_when_rendering_is_forgiven():
    ranking = rank(three_systems())
    assert ranking.raw == (("words",), ("both",), ("rendering",))
    assert ranking.corrected == (("rendering",), ("both",), ("words",))
    assert ranking.changes
    assert not rank([Score("a", "hi_en", "", (), Tally())]).changes


def test_equal_systems_share_a_place():
    scores = [score(name, ["साड़ी"], [text]) for name, text in (("a", "Sadi"), ("b", "x"))]
    ranking = rank(scores)
    assert (ranking.raw, ranking.corrected) == ((("a", "b"),), (("a",), ("b",)))
    assert ranking.changes


# --- against NIST's sc_stats ------------------------------------------------------------------


def corpus(seed: int, size: int) -> tuple[list[str], list[list[str]]]:
    """References and two systems of different quality, of made-up words."""
    chance = random.Random(seed)
    words = [f"w{number}" for number in range(400)]

    def spoil(line: list[str], rate: float) -> list[str]:
        heard: list[str] = []
        for word in line:
            draw = chance.random() / rate
            if draw > 1:
                heard.append(word)
            elif draw > 0.3:
                heard.append(chance.choice(words))
            elif draw > 0.15:
                heard += [word, chance.choice(words)]
        return heard

    references = [chance.choices(words, k=chance.randint(3, 30)) for _ in range(size)]
    # A last word that all have right: sc_stats overlooks insertions of the second system at the
    # very end of an utterance.
    return [" ".join([*line, "end"]) for line in references], [
        [" ".join([*spoil(line, rate), "end"]) for line in references]
        for rate in (0.1 + 0.03 * seed, 0.12 + 0.02 * seed)
    ]


def sclite(folder: Path, references: list[str], hypotheses: list[str], name: str) -> Path:
    def trn(file: str, lines: list[str]) -> Path:
        path = folder / file
        path.write_text("".join(f"{line} (spk_{n:05d})\n" for n, line in enumerate(lines)))
        return path

    command = [SCTK / "sclite", "-r", trn("ref.trn", references), "trn"]
    command += ["-h", trn(f"{name}.trn", hypotheses), "trn", name, "-i", "spu_id"]
    subprocess.run([*command, "-o", "sgml"], check=True, capture_output=True, cwd=folder)
    return folder / f"{name}.trn.sgml"


def sgml_events(path: Path) -> list[list[significance.Event]]:
    text = path.read_text()
    found: dict[str, list[significance.Event]] = {}
    for entry in ET.fromstring(text[text.index("<SYSTEM") :]).iter("PATH"):
        place, listed = 0, []
        for step in (entry.text or "").strip().split(":"):
            operation = step[:1]
            if operation in "SDI" and step:
                listed.append((place, place + (operation != "I"), 1))
            place += operation in ("C", "S", "D")
        found[entry.attrib["id"]] = listed
    return [found[name] for name in sorted(found)]


@needs_sctk
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_matched_pairs_equal_sc_stats(tmp_path, seed):
    references, (first, second) = corpus(seed, 150 * seed)
    files = [
        sclite(tmp_path, references, lines, name)
        for name, lines in (("one", first), ("two", second))
    ]
    alignments = b"".join(path.read_bytes() for path in files)
    report = sc_stats(tmp_path, alignments, "-v", "-n", "-")
    ours = significance.matched_pairs(*(sgml_events(path) for path in files))
    assert f"(# segs: {ours.segments})" in report
    assert f"(mean: {ours.mean:5.3f})" in report
    assert f"(Z Stat: {ours.z:5.3f})" in report
    sc_stats(tmp_path, alignments, "-u", "-n", "result")
    unified = (tmp_path / "result.stats.unified").read_text()
    theirs = re.findall(r"\b[01]\.\d{3}\b|<\.001", unified)[0]
    # Its table of the normal distribution knows z to two decimals, cut off.
    cut = math.trunc(100 * ours.z) / 100
    tabled = 2 * (1 - NormalDist().cdf(abs(cut)))
    assert theirs in (f"{tabled:.3f}", "<.001" if tabled < 0.001 else None)


def sc_stats(folder: Path, alignments: bytes, *arguments: str) -> str:
    command = [SCTK / "sc_stats", "-p", "-t", "mapsswe", *arguments]
    done = subprocess.run(command, input=alignments, check=True, capture_output=True, cwd=folder)
    return done.stdout.decode()
