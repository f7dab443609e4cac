"""Beam search: exact where that can be known, canonical where words have several spellings."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cswitch import lm
from cswitch.errors import InputError
from cswitch.recognition._beam import forward
from cswitch.recognition.adjust import Adjustment
from cswitch.recognition.decode import Decoder, Options, Rendering, sentence_score
from cswitch.recognition.posteriors import Labels, Posteriors

WIDE = Options(beam=10_000, margin=math.inf, token_floor=-math.inf, blank_skip=2.0)
LETTERS = Labels(("<blank>", " ", "a", "b"), blank=0)
PIECES = Labels(("a", "▁b", "▁a", "<blank>"), blank=3)
SPELLINGS = {"dar": "दर", "दर": "दर", "rad": "रद"}


class Words:
    """A canonicalizer of three words."""

    def __call__(self, word: str) -> str:
        return SPELLINGS.get(word, word)

    def language(self, form: str) -> str | None:
        return "hi" if form in SPELLINGS.values() else "en"

    def spellings(self, word: str) -> Sequence[str]:
        return [one for one in SPELLINGS if self(one) == self(word)]

    def variants(self, word: str) -> Sequence[str]:
        return self.spellings(word) or [word]

    def render(self, word: str, rendering: Rendering) -> str:
        return self(word) if rendering == "native" else word


class Unigrams:
    """A language model without memory."""

    start = 0

    def __init__(self, logs: dict[str, float], end: float = -1.0) -> None:
        self.logs, self.end = logs, end

    def score(self, state: int, word: str) -> tuple[float, int]:
        return self.logs.get(word, -9.0), state

    def finish(self, state: int) -> float:
        return self.end

    def __contains__(self, word: str) -> bool:
        return word in self.logs

    def unigrams(self) -> dict[str, float]:
        return self.logs


def normal(frames: int, width: int, seed: int = 0, scale: float = 1.5) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(scale=scale, size=(frames, width))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def spiky(columns: Sequence[Sequence[tuple[int, float]]], width: int) -> np.ndarray:
    """Frames with the given probabilities; what is left goes to all columns alike."""
    frames = np.full((len(columns), width), 1e-9)
    for frame, entries in enumerate(columns):
        for column, p in entries:
            frames[frame, column] = p
    return np.log(frames / frames.sum(axis=1, keepdims=True))


def exhaustive(ctc: np.ndarray, labels: Labels) -> dict[str, float]:
    """Every text with the sum over all its alignments, path by path."""
    mass: dict[str, float] = defaultdict(float)
    for path in itertools.product(range(len(labels)), repeat=len(ctc)):
        pieces = (
            (" " if labels.starts[k] else "") + labels.texts[k] for k, _ in itertools.groupby(path)
        )
        text = " ".join("".join(pieces).split())
        mass[text] += math.exp(sum(ctc[t, k] for t, k in enumerate(path)))
    return {text: math.log(p) for text, p in mass.items()}


@pytest.mark.parametrize("labels", [LETTERS, PIECES], ids=["letters", "pieces"])
@pytest.mark.parametrize("seed", range(8))
def test_beam_search_equals_exhaustive_search(labels: Labels, seed: int) -> None:
    ctc = normal(6, 4, seed)
    expected = sorted(exhaustive(ctc, labels).items(), key=lambda item: -item[1])
    found = Decoder(labels, options=WIDE).decode(Posteriors("x", ctc), len(expected)).hypotheses
    assert [one.text for one in found] == [text for text, _ in expected]
    np.testing.assert_allclose([one.scores["acoustic"] for one in found], [p for _, p in expected])


def test_fused_scores_equal_exhaustive_search_with_a_language_model() -> None:
    model = Unigrams({"a": -1.0, "ab": -0.5, "b": -3.0})
    options = Options(
        beam=10_000,
        margin=math.inf,
        token_floor=-math.inf,
        blank_skip=2.0,
        lm_weight=0.7,
        word_bonus=0.3,
        unknown_offset=-2.0,
    )
    ctc = normal(6, 4, 3)

    def total(text: str, acoustic: float) -> float:
        words = text.split()
        unknown = sum(word not in model for word in words)
        return acoustic + 0.7 * sentence_score(model, words) + 0.3 * len(words) - 2.0 * unknown

    expected = sorted(
        ((total(*item), item[0]) for item in exhaustive(ctc, LETTERS).items()), reverse=True
    )
    found = Decoder(LETTERS, model, options=options).decode(Posteriors("x", ctc), 20).hypotheses
    assert [one.text for one in found] == [text for _, text in expected[:20]]
    np.testing.assert_allclose(
        [one.scores["score"] for one in found], [s for s, _ in expected[:20]]
    )


@given(seed=st.integers(0, 100_000), scale=st.floats(0.5, 6))
@settings(deadline=None, max_examples=60)
def test_pruning_only_takes_away(seed: int, scale: float) -> None:
    ctc = normal(12, 4, seed, scale)
    narrow = Decoder(LETTERS, options=Options(beam=4)).decode(Posteriors("x", ctc)).hypotheses[0]
    wide = Decoder(LETTERS, options=WIDE).decode(Posteriors("x", ctc)).hypotheses[0]
    assert narrow.scores["score"] <= wide.scores["score"] + 1e-9


def test_equal_to_pyctcdecode_at_equal_settings() -> None:
    pyctcdecode = pytest.importorskip("pyctcdecode", exc_type=ImportError)
    peer = pyctcdecode.build_ctcdecoder(["", " ", "a", "b", "c", "d"])
    labels = Labels(("<blank>", " ", "a", "b", "c", "d"), blank=0)
    usual = Decoder(labels, options=Options(beam=500, margin=20, token_floor=-12, blank_skip=2))
    wide = Decoder(labels, options=Options(beam=3000, margin=60, token_floor=-60, blank_skip=2))
    for seed in range(4):
        ctc = normal(25, 6, seed, 3.0)
        best = usual.decode(Posteriors("x", ctc)).hypotheses[0]
        text, *_, score = peer.decode_beams(ctc, 500, -20, -12)[0]
        assert best.text == text
        # Both prune; the peer keeps a prefix's two endings apart and so loses more of its mass.
        assert best.scores["score"] >= score - 1e-3
        short = ctc[:5]
        text, *_, score = peer.decode_beams(short, 3000, -60, -60)[0]
        found = wide.decode(Posteriors("x", short)).hypotheses[0]
        assert found.text == text
        assert found.scores["score"] == pytest.approx(score)


def test_equal_to_pyctcdecode_with_a_language_model(tmp_path: Path) -> None:
    pyctcdecode = pytest.importorskip("pyctcdecode", exc_type=ImportError)
    path = tmp_path / "model.arpa"
    lm.write_arpa(lm.build([[["ab", "c"], ["c", "ab", "d"], ["ab", "ab"]]], 2), path)
    # Unknown words cost the same in both only where they cost nothing.
    peer = pyctcdecode.build_ctcdecoder(
        ["", " ", "a", "b", "c", "d"], str(path), alpha=0.6, beta=0.8, unk_score_offset=0.0
    )
    labels = Labels(("<blank>", " ", "a", "b", "c", "d"), blank=0)
    options = replace(WIDE, lm_weight=0.6, word_bonus=0.8, unknown_offset=0.0)
    ours = Decoder(labels, lm.KenLM(path), options=options)
    for seed in range(4):
        ctc = normal(5, 6, seed, 3.0)
        # The peer takes a final space for one more unknown word, so there is none here.
        ctc[-1, :2] = -50.0
        ctc[-1] -= np.logaddexp.reduce(ctc[-1])
        text, *_, score = peer.decode_beams(ctc, 3000, -60, -30)[0]
        found = ours.decode(Posteriors("x", ctc)).hypotheses[0]
        assert found.text == text
        assert found.scores["score"] == pytest.approx(score, abs=1e-4)


def test_putting_off_the_end_of_a_word_does_not_pay() -> None:
    """Each space is doubtful, and unknown words cost more than any wrong space."""
    model = Unigrams({"ab": -3.0, "ba": -3.0})
    frames = [[(2, 0.9)], [(3, 0.9)], [(1, 0.55), (0, 0.45)], [(3, 0.9)], [(2, 0.9)], [(1, 0.55)]]
    ctc = spiky(frames * 4, 4)
    options = Options(beam=3, lm_weight=1.0, word_bonus=0.0, unknown_offset=-5.0)
    best = Decoder(LETTERS, model, options=options).decode(Posteriors("x", ctc)).hypotheses[0]
    assert best.text == "ab ba " * 3 + "ab ba"


def test_renderings_of_a_word_merge_and_the_likelier_spelling_is_written() -> None:
    labels = Labels(("<blank>", " ", "द", "र", "d", "a", "r"), blank=0)
    # रद alone beats each spelling of दर, but not both together.
    ctc = spiky(
        [
            [(2, 0.3), (4, 0.25), (3, 0.45)],
            [(0, 0.75), (5, 0.25)],
            [(3, 0.3), (6, 0.25), (2, 0.45)],
        ],
        len(labels),
    )
    decoder = Decoder(labels, canonical=Words(), options=WIDE, romanized=True)
    found = decoder.decode(Posteriors("x", ctc), 30)
    apart = Decoder(labels, canonical=Words(), options=WIDE).decode(Posteriors("x", ctc), 30)
    assert {"दर", "dar"} <= {one.text for one in apart.hypotheses}
    parts = exhaustive(ctc, labels)
    best = found.hypotheses[0]
    merged = np.logaddexp(parts["दर"], parts["dar"])
    assert {one.text for one in found.hypotheses} >= {best.text, "रद"}
    assert not {"दर", "dar"} <= {one.text for one in found.hypotheses}
    scores = {one.text: one.scores["acoustic"] for one in found.hypotheses}
    own = next(text for text in ("दर", "dar") if text in scores)
    assert own == max(("दर", "dar"), key=parts.__getitem__)
    assert scores[own] == pytest.approx(merged)


def test_the_rendering_policy_writes_the_text() -> None:
    labels = Labels(("<blank>", "d", "a", "r"), blank=0)
    ctc = spiky([[(1, 0.9)], [(2, 0.9)], [(3, 0.9)]], 4)
    texts = [
        Decoder(labels, canonical=Words(), rendering=rendering).decode(Posteriors("x", ctc))
        for rendering in ("as-decoded", "native")
    ]
    assert [one.hypotheses[0].text for one in texts] == ["dar", "दर"]
    assert texts[0].hypotheses[0].words[0].lang == "hi"


def test_a_language_model_scores_every_rendering_alike() -> None:
    model = Unigrams({"दर": -2.0})
    scores = []
    for letters in ("dar", "दर"):
        labels = Labels(("<blank>", *letters), blank=0)
        ctc = spiky([[(k, 0.9)] for k in range(1, len(labels))], len(labels))
        best = Decoder(labels, model, Words()).decode(Posteriors("x", ctc)).hypotheses[0]
        assert best.text == letters
        scores.append(best.scores["lm"])
    assert scores == [-3.0, -3.0]


def test_a_word_keeps_to_one_script() -> None:
    labels = Labels(("<blank>", " ", "d", "ल", "1"), blank=0)
    ctc = spiky([[(2, 0.9)], [(3, 0.6), (2, 0.2), (4, 0.1)], [(4, 0.9)]], 5)
    free = Decoder(labels, options=Options(one_script=False)).decode(Posteriors("x", ctc), 5)
    bound = Decoder(labels).decode(Posteriors("x", ctc), 5)
    assert free.hypotheses[0].text == "dल1"
    assert bound.hypotheses[0].text == "d1"


def test_hotwords_win_in_any_rendering_and_are_paid_back_when_unfinished() -> None:
    labels = Labels(("<blank>", " ", "d", "a", "r", "t"), blank=0)
    ctc = spiky([[(2, 0.9)], [(3, 0.9)], [(5, 0.8), (4, 0.02)]], 6)
    plain = Decoder(labels, canonical=Words())
    boosted = Decoder(labels, canonical=Words(), hotwords={"दर": 6.0})
    unfinished = Decoder(labels, canonical=Words(), hotwords={"दर रद": 6.0})
    texts = [one.decode(Posteriors("x", ctc)).hypotheses[0] for one in (plain, boosted, unfinished)]
    assert [one.text for one in texts] == ["dat", "dar", "dat"]
    gain = texts[1].scores["score"] - texts[1].scores["acoustic"]
    assert gain == pytest.approx(6.0)


@pytest.mark.parametrize("peak", [1.5, 12.0], ids=["flat", "peaky"])
def test_an_n_best_list_is_as_long_as_asked_for(peak: float) -> None:
    ctc = normal(40, 4, 5, peak)
    found = Decoder(LETTERS, options=Options(beam=16)).decode(Posteriors("x", ctc), 100)
    texts = [one.text for one in found.hypotheses]
    assert len(texts) == len(set(texts)) == 100
    scores = [one.scores["score"] for one in found.hypotheses]
    assert scores == sorted(scores, reverse=True)


def test_times_and_confidence_of_words() -> None:
    sure, doubtful = 0.95, 0.6
    ctc = spiky(
        [[(0, 0.9)], [(2, sure)], [(0, 0.9)], [(1, sure)], [(3, doubtful), (2, 0.35)], [(3, 0.6)]],
        4,
    )
    words = (
        Decoder(LETTERS, options=WIDE).decode(Posteriors("x", ctc, None, 0.1)).hypotheses[0].words
    )
    assert [(word.word, word.start, word.end) for word in words] == [
        ("a", 0.1, 0.2),
        ("b", 0.4, 0.6),
    ]
    assert words[0].confidence > words[1].confidence > 0.3
    assert words[0].confidence <= 1.0


def test_language_scores_are_apart_from_acoustic_ones() -> None:
    labels = Labels(("<blank>", " ", "क", "k"), blank=0)
    ctc = spiky([[(2, 0.45), (3, 0.55)], [(0, 0.9)]], 4)
    lid = np.log([[0.1, 0.8, 0.1], [0.1, 0.8, 0.1]])
    plain = Decoder(labels, options=WIDE).decode(Posteriors("x", ctc, lid=None)).hypotheses[0]
    both = Decoder(labels, options=WIDE, adjustment=Adjustment(gamma=1.0))
    adjusted = both.decode(Posteriors("x", ctc, lid), 10).hypotheses
    assert (plain.text, adjusted[0].text) == ("k", "क")
    raw = exhaustive(ctc, labels)
    assert adjusted[0].scores["acoustic"] == pytest.approx(raw["क"], abs=1e-6)
    assert adjusted[0].scores["lid"] > 0 > adjusted[1].scores["lid"]


@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 40), max_size=6))
@settings(deadline=None, max_examples=40)
def test_a_stream_ends_as_the_whole_and_stable_words_stay(seed: int, cuts: list[int]) -> None:
    ctc = normal(40, 4, seed, 3.0)
    decoder = Decoder(LETTERS, options=Options(beam=8))
    stream = decoder.stream()
    said: tuple[object, ...] = ()
    edges = [0, *sorted(cuts), 40]
    for start, end in itertools.pairwise(edges):
        partial = stream.feed(ctc[start:end])
        assert partial.stable[: len(said)] == said
        said = partial.stable
    final = stream.finish(3)
    whole = decoder.decode(Posteriors("x", ctc), 3).hypotheses
    assert [one.text for one in final] == [one.text for one in whole[: len(final)]]
    assert [word.word for word in final[0].words[: len(said)]] == [word.word for word in said]


def test_a_long_stream_forgets_what_it_needs_no_more() -> None:
    block = normal(1_000, 4, 9, 2.0)
    decoder = Decoder(LETTERS, options=Options(beam=64, token_floor=-20.0))
    stream = decoder.stream()
    for _ in range(18):
        partial = stream.feed(block)
    assert len(partial.stable) > 1_000
    words = stream.finish()[0].words
    assert [one.word for one in words[: len(partial.stable)]] == [
        one.word for one in partial.stable
    ]


def test_zero_frames_give_the_empty_text() -> None:
    found = Decoder(LETTERS).decode(Posteriors("x", np.zeros((0, 4))), 3)
    assert [one.text for one in found.hypotheses] == [""]


def test_impossible_labels_are_no_trouble() -> None:
    with np.errstate(divide="ignore"):
        ctc = np.log([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    assert Decoder(LETTERS, options=WIDE).decode(Posteriors("x", ctc)).hypotheses[0].text == "ab"


def test_posteriors_are_checked() -> None:
    with pytest.raises(InputError, match="3 columns where there are 4 labels"):
        Decoder(LETTERS).decode(Posteriors("x", normal(2, 3)))
    with pytest.raises(InputError, match="not log-probabilities"):
        Decoder(LETTERS).decode(Posteriors("x", normal(2, 4) + 0.5))


def test_forward_sums_all_alignments() -> None:
    ctc = normal(6, 4, 11)
    labels = Labels(("<blank>", "c", "a", "b"), blank=0)
    expected = exhaustive(ctc, labels)
    for text in ("", "a", "aa", "abc", "cab"):
        columns = [labels.names.index(letter) for letter in text]
        assert forward(ctc, columns, 0) == pytest.approx(expected[text])
