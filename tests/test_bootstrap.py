"""A bootstrap in one pass: Poisson draws that depend on names alone, and sums that add up."""

from __future__ import annotations

import json
import math
import random
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from mixed_lines import lines

from cswitch import results
from cswitch.analysis import SIDES
from cswitch.cli.score import command
from cswitch.scoring import Scorer
from cswitch.statistics import _bootstrap, bootstrap, confidence
from cswitch.statistics.bootstrap import Resamples

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15

Row = tuple[str, str, tuple[int, int, int]]


def mix(state: int) -> int:
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
    return state ^ (state >> 31)


def counts(key: int, seed: int, samples: int) -> list[int]:
    """How often a block stands in each resample, written plainly."""
    state = mix(key ^ mix((seed + GOLDEN) & MASK))
    drawn = []
    while len(drawn) < samples:
        state = (state + GOLDEN) & MASK
        drawn += [(mix(state) >> shift) % 65536 / 65536 for shift in (0, 16, 32, 48)]
    found = []
    for uniform in drawn[:samples]:
        count, below = 0, math.exp(-1)
        while uniform >= round(65536 * below) / 65536 and count < 20:
            count += 1
            below += math.exp(-1) / math.factorial(count)
        found.append(count)
    return found


def test_the_kernel_draws_what_the_plain_words_say() -> None:
    keys, seed, samples = [0, 1, bootstrap.key("utt_1"), MASK], 12345, 1001
    sums = np.zeros(2 * samples)
    columns = [np.array([1.0, 10.0, 0.0, 1000.0]), np.array([0.0, 0.0, 7.0, 0.0])]
    _bootstrap.add(sums, np.array(keys, np.uint64), columns, seed)
    drawn = [counts(key, seed, samples) for key in keys]
    plain = [a + 10 * b + 1000 * d for a, b, _, d in zip(*drawn, strict=True)]
    assert sums[:samples].tolist() == plain
    assert sums[samples:].tolist() == [7 * c for c in drawn[2]]


def test_counts_follow_poissons_law() -> None:
    size = 4000
    sums = np.zeros(1000 * size)
    # One column for each block, so that the counts themselves are seen.
    for block in range(size):
        _bootstrap.add(
            sums[1000 * block : 1000 * (block + 1)],
            np.array([block], np.uint64),
            [np.ones(1)],
            bootstrap.SEED,
        )
    shares = np.bincount(sums.astype(int), minlength=6)[:6] / len(sums)
    law = [math.exp(-1) / math.factorial(count) for count in range(6)]
    assert shares == pytest.approx(law, abs=6e-4)
    table = sums.reshape(size, 1000)
    assert abs(np.corrcoef(table[:200])[np.triu_indices(200, 1)]).max() < 0.2
    assert abs(np.corrcoef(table.T[:200])[np.triu_indices(200, 1)]).max() < 0.1


def test_what_does_not_fit_is_refused() -> None:
    keys = array("Q", [1, 2])
    with pytest.raises(ValueError, match="columns differ in length"):
        _bootstrap.add(array("d", [0.0]), keys, [array("d", [1.0])], 1)
    with pytest.raises(ValueError, match="no place for the columns"):
        _bootstrap.add(array("d", [0.0] * 3), keys, [array("d", [1.0, 2.0])] * 2, 1)
    with pytest.raises(ValueError, match="64-bit numbers"):
        _bootstrap.add(array("d", [0.0]), array("I", [1, 2]), [array("d", [1.0, 2.0])], 1)


def resamples(rows: Sequence[Row]) -> Resamples:
    found = Resamples()
    names, speakers, numbers = zip(*rows, strict=True)
    found.add(names, speakers, list(zip(*numbers, strict=True)))
    return found


rows = st.lists(
    st.tuples(
        st.uuids().map(str),
        st.sampled_from(["", *"abcdefghijklmnop"]),
        st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)),
    ),
    min_size=1,
    max_size=40,
)


@given(rows, st.randoms(use_true_random=False))
def test_parts_in_any_order_add_up_to_the_whole(listed: list[Row], chance: random.Random) -> None:
    shuffled = chance.sample(listed, len(listed))
    cut = chance.randint(0, len(listed))
    total = Resamples()
    for part in (shuffled[:cut], shuffled[cut:]):
        if part:
            total += resamples(part)
    whole = resamples(listed)
    assert total.by_utterance == whole.by_utterance
    assert total.by_speaker == whole.by_speaker
    assert total.bounds() == whole.bounds()


def test_the_interval_is_that_of_drawing_with_replacement() -> None:
    chance = np.random.default_rng(3)
    words = chance.integers(3, 25, 400)
    errors = chance.binomial(words, 0.2)
    drawn = chance.integers(400, size=(4000, 400))
    usual = np.quantile(errors[drawn].sum(1) / words[drawn].sum(1), [0.025, 0.975])
    found = resamples([(str(n), "", (int(words[n]), int(errors[n]), 0)) for n in range(400)])
    low, high = found.bounds()[0]
    assert (high - low) == pytest.approx(usual[1] - usual[0], rel=0.1)
    assert (low, high) == pytest.approx(tuple(usual), rel=0.02)
    assert found.bounds()[1] == (0.0, 0.0)


@pytest.mark.parametrize("speakers", [0, 9, 12])
def test_a_stream_has_the_intervals_of_utterances_kept(tmp_path: Path, speakers: int) -> None:
    pairs = lines(4500)  # three blocks
    for side, name in enumerate(("ref", "hyp")):
        text = "".join(f"utt_{n} {pair[side]}\n" for n, pair in enumerate(pairs))
        (tmp_path / name).write_text(text, encoding="utf-8")
    table = "".join(f"utt_{n} s{n % max(speakers, 1)}\n" for n in range(4500))
    (tmp_path / "utt2spk").write_text(table, encoding="utf-8")
    metadata = ["--metadata", str(tmp_path / "utt2spk")] if speakers else []

    def scored(*options: str) -> dict[str, object]:
        arguments = [str(tmp_path / "ref"), str(tmp_path / "hyp"), *metadata, *options]
        done = CliRunner().invoke(command, [*arguments, "--json", "-"], catch_exceptions=False)
        (tmp_path / "run.json").write_text(done.stdout, encoding="utf-8")
        return {key: value for key, value in json.loads(done.stdout).items() if key == "systems"}

    streamed = scored()
    assert streamed == scored("--jobs", "2") == scored("--utterance-results")
    (score,) = results.read(tmp_path / "run.json")
    from_utterances = tuple(
        (each.low, each.high) for side in SIDES for each in confidence.intervals([score], side)
    )
    assert score.intervals == from_utterances
    assert from_utterances[0][0] < score.raw.wer < from_utterances[0][1]
    units = len(set(confidence.blocks(score.utterances)))
    assert units == (12 if speakers == 12 else 4500)


def test_one_utterance_has_no_interval_and_more_have_one_in_the_json() -> None:
    scorer = Scorer("hi_en")
    utterances = [scorer.utterance(str(n), *pair) for n, pair in enumerate(lines(30))]
    one, many = (
        results.to_json([scorer.score(each)])["systems"][0]["raw"]
        for each in (utterances[:1], utterances)
    )
    assert (one["low"], one["high"]) == (None, None)
    assert many["low"] < many["wer"] < many["high"]


def test_utterances_of_one_name_draw_apart() -> None:
    scorer = Scorer("hi_en")
    same = scorer.score([scorer.utterance("", *pair) for pair in lines(200)])
    numbered = scorer.score([scorer.utterance(str(n), *pair) for n, pair in enumerate(lines(200))])
    (one,), (other,) = (confidence.intervals([score], "raw") for score in (same, numbered))
    assert one == other
