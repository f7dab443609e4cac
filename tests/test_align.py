"""The aligner finds what an exhaustive search finds, whatever the judge says."""

from __future__ import annotations

import itertools
import random
from functools import cache

import jiwer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cswitch.align import Aligner, Edits, raw_counts
from cswitch.errors import InputError
from cswitch.judge import Sketch, Verdict

WORDS = ["a", "b", "A", "B", "ab", "bb", "।"]
sentences = st.lists(st.sampled_from(WORDS), max_size=6)


class LetterJudge:
    """Forgives case, joined words and lone danda: enough for every kind of step."""

    def judge(self, reference: str, hypothesis: str) -> Verdict:
        same = _letters(reference) == _letters(hypothesis)
        if reference == hypothesis:
            return Verdict("match", None, 1.0, "equal")
        if same:
            return Verdict("rendering", "case", 1.0, "same letters")
        return Verdict("modeling", None, 0.0, "other letters")

    def sketch(self, text: str) -> Sketch:
        return Sketch(_letters(text), (), False)


def _letters(text: str) -> str:
    return text.replace(" ", "").replace("।", "").lower()


def exhaustive(reference: tuple[str, ...], hypothesis: tuple[str, ...]) -> tuple[int, int]:
    """Fewest modeling errors, then fewest raw errors, over every path of steps up to 3:3."""
    judge = LetterJudge()

    @cache
    def best(row: int, column: int) -> tuple[int, int]:
        if row == len(reference) and column == len(hypothesis):
            return 0, 0
        found = []
        for n, m in itertools.product(range(4), range(4)):
            left, right = reference[row : row + n], hypothesis[column : column + m]
            if n + m == 0 or len(left) < n or len(right) < m:
                continue
            step = _step(judge, left, right)
            if step is not None:
                rest = best(row + n, column + m)
                found.append((rest[0] + step[0], rest[1] + step[1]))
        return min(found)

    return best(0, 0)


def _step(
    judge: LetterJudge, left: tuple[str, ...], right: tuple[str, ...]
) -> tuple[int, int] | None:
    if left == right:
        return (0, 0) if len(left) == 1 else None
    forgiven = judge.judge(" ".join(left), " ".join(right)).verdict == "rendering"
    if len(left) <= 1 and len(right) <= 1:
        return (0, 1) if forgiven else (1, 1)
    if not left or not right or not forgiven:
        return None
    if left[0] == right[0] or left[-1] == right[-1]:
        return None
    return 0, sum(raw_counts(list(left), list(right)))


def modeling_errors(edits: Edits) -> int:
    return sum(edit.operation != "rendering" for edit in edits)


@settings(max_examples=400, deadline=None)
@given(sentences, sentences)
def test_alignment_is_optimal(reference: list[str], hypothesis: list[str]) -> None:
    edits = Aligner(LetterJudge()).align(reference, hypothesis)
    found = modeling_errors(edits), sum(edit.errors for edit in edits)
    assert found == exhaustive(tuple(reference), tuple(hypothesis))


@settings(max_examples=300, deadline=None)
@given(sentences, sentences)
def test_edits_and_hits_cover_both_sides_once(reference: list[str], hypothesis: list[str]) -> None:
    edits = Aligner(LetterJudge()).align(reference, hypothesis)
    row = column = 0
    for edit in edits:
        # What lies between two edits is equal on both sides.
        hits = edit.reference[0] - row
        assert edit.hypothesis[0] - column == hits >= 0
        assert reference[row : row + hits] == hypothesis[column : column + hits]
        row, column = edit.reference[1], edit.hypothesis[1]
    assert reference[row:] == hypothesis[column:]


@settings(max_examples=300, deadline=None)
@given(sentences, sentences)
def test_fitted_edits_stand_for_exactly_the_raw_errors(
    reference: list[str], hypothesis: list[str]
) -> None:
    scored = Aligner(LetterJudge()).score(" ".join(reference), " ".join(hypothesis))
    _, *errors, forgiven = scored[:8]
    edits, raw = Edits(scored), sum(errors[:3])
    assert raw == sum(raw_counts(reference, hypothesis))
    assert sum(edit.errors for edit in edits) == raw
    assert sum(errors[3:]) == modeling_errors(edits) == raw - sum(forgiven.values())
    assert all(edit.errors >= 0 for edit in edits)
    assert modeling_errors(edits) <= raw


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(sentences, sentences), max_size=5))
def test_alignment_does_not_depend_on_what_was_aligned_before(
    pairs: list[tuple[list[str], list[str]]],
) -> None:
    used = Aligner(LetterJudge())
    for reference, hypothesis in pairs:
        assert used.align(reference, hypothesis) == Aligner(LetterJudge()).align(
            reference, hypothesis
        )


@given(sentences, sentences)
def test_raw_counts_are_those_of_jiwer(reference: list[str], hypothesis: list[str]) -> None:
    peer = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
    assert raw_counts(reference, hypothesis) == (
        peer.substitutions,
        peer.deletions,
        peer.insertions,
    )


def test_words_joined_by_one_side_are_one_step() -> None:
    edits = Aligner(LetterJudge()).align(["x", "a", "b", "y"], ["x", "ab", "y"])
    assert [(edit.operation, edit.reference, edit.hypothesis, edit.errors) for edit in edits] == [
        ("rendering", (1, 3), (1, 2), 2)
    ]


def test_several_words_in_two_scripts_are_not_judged_beside_a_text_of_one() -> None:
    asked: list[tuple[str, str]] = []

    class CapitalJudge(LetterJudge):
        """Takes capitals for another script."""

        def judge(self, reference: str, hypothesis: str) -> Verdict:
            asked.append((reference, hypothesis))
            return super().judge(reference, hypothesis)

        def sketch(self, text: str) -> Sketch:
            scripts = any(map(str.islower, text)) | any(map(str.isupper, text)) << 1
            return Sketch(_letters(text), (), False, scripts)

    aligner = Aligner(CapitalJudge())
    assert [edit.operation for edit in aligner.align(["a", "b"], ["AB"])] == ["rendering"]
    assert ("a b", "AB") in asked
    assert len(aligner.align(["a", "B"], ["AB"])) == 2
    assert ("a B", "AB") not in asked


def test_lone_punctuation_is_forgiven_on_either_side() -> None:
    aligner = Aligner(LetterJudge())
    for reference, hypothesis in ((["a", "।"], ["a"]), (["a"], ["a", "।"])):
        (edit,) = aligner.align(reference, hypothesis)
        assert (edit.operation, edit.errors) == ("rendering", 1)


def test_a_substitution_pairs_the_words_that_sound_alike() -> None:
    (first, second) = Aligner(LetterJudge()).align(["bbbbbb", "x"], ["bbbbba"])
    assert (first.operation, second.operation) == ("substitution", "deletion")


def test_an_utterance_too_long_for_the_costs_is_refused() -> None:
    with pytest.raises(InputError, match="more than 131072 words"):
        Aligner(LetterJudge()).score("a " * 131_073, "b")


@pytest.mark.parametrize("size", [64, 65, 130])
def test_raw_counts_of_long_utterances_are_those_of_jiwer(size: int) -> None:
    chance = random.Random(size)
    for _ in range(20):
        reference, hypothesis = (
            " ".join(chance.choices(WORDS, k=size + chance.randrange(5))) for _ in range(2)
        )
        peer = jiwer.process_words(reference, hypothesis)
        assert Aligner(LetterJudge()).score(reference, hypothesis)[1:4] == (
            peer.substitutions,
            peer.deletions,
            peer.insertions,
        )
