"""Scores: raw equals jiwer's, corrected never more, and every forgiven error has a kind."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import get_args

import jiwer
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_lines import WORDS

import cswitch
from cswitch.analysis import ErrorCounts, Score, Tally
from cswitch.cli import cli
from cswitch.judge import Kind
from cswitch.scoring import Scorer

KINDS = set(get_args(Kind))

sentences = st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)
texts = st.text(st.sampled_from("कखािीू्‌‍़ँ।aAbé1२ \t\n\u00a0\u2003,'-"), max_size=25)
corpora = st.lists(st.tuples(sentences, sentences), max_size=6)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer("hi_en")


def score(scorer: Scorer, pairs: list[tuple[str, str]]) -> Score:
    return cswitch.score(
        [reference for reference, _ in pairs], [heard for _, heard in pairs], judge=scorer.judge
    )


@settings(max_examples=300, deadline=None)
@given(st.one_of(texts, sentences), st.one_of(texts, sentences))
def test_raw_counts_equal_jiwers_on_every_input(reference: str, hypothesis: str) -> None:
    ours = Scorer("hi_en").utterance("1", reference, hypothesis).raw
    peer = jiwer.process_words(reference, hypothesis)
    assert (ours.hits, ours.substitutions, ours.deletions, ours.insertions) == (
        peer.hits,
        peer.substitutions,
        peer.deletions,
        peer.insertions,
    )
    assert ours.wer == peer.wer


@settings(max_examples=100, deadline=None)
@given(corpora.filter(bool))
def test_corpus_raw_wer_equals_jiwers(pairs: list[tuple[str, str]]) -> None:
    peer = jiwer.process_words([left for left, _ in pairs], [right for _, right in pairs])
    assert score(Scorer("hi_en"), pairs).raw.wer == peer.wer


@settings(max_examples=300, deadline=None)
@given(sentences, sentences)
def test_forgiven_errors_split_exactly_by_kind(reference: str, hypothesis: str) -> None:
    utterance = Scorer("hi_en").utterance("1", reference, hypothesis)
    tally = utterance.tally
    assert tally.corrected.errors <= tally.raw.errors
    assert tally.corrected.reference_words == tally.raw.reference_words
    assert tally.raw.errors - tally.corrected.errors == sum(tally.forgiven.values())
    assert set(tally.forgiven) <= KINDS
    assert all(number > 0 for number in tally.forgiven.values())


@settings(max_examples=100, deadline=None)
@given(corpora, corpora)
def test_counts_add(first: list[tuple[str, str]], second: list[tuple[str, str]]) -> None:
    scorer = Scorer("hi_en")
    together = score(scorer, first + second).tally
    assert score(scorer, first).tally + score(scorer, second).tally == together
    apart = score(scorer, first + second).utterances
    assert sum((each.tally for each in apart), Tally()) == together


@settings(max_examples=100, deadline=None)
@given(sentences)
def test_a_text_scored_against_itself_has_no_errors(text: str) -> None:
    utterance = Scorer("hi_en").utterance("1", text, text)
    assert (utterance.raw.errors, utterance.edits) == (0, ())


@settings(max_examples=200, deadline=None)
@given(sentences, sentences)
def test_alignment_covers_every_token_once(reference: str, hypothesis: str) -> None:
    utterance = Scorer("hi_en").utterance("1", reference, hypothesis)
    row = column = 0
    for step in utterance.alignment:
        assert (step.reference[0], step.hypothesis[0]) == (row, column)
        row, column = step.reference[1], step.hypothesis[1]
    assert row == len(utterance.reference_tokens)
    assert column == len(utterance.hypothesis_tokens)


def test_tokens_keep_their_place_in_the_text(scorer: Scorer) -> None:
    text = "  मैं discovery\t देखता  हूँ "
    for token in scorer.utterance("1", text, "").reference_tokens:
        assert text[token.start : token.end] == token.text


@pytest.mark.parametrize(
    ("reference", "hypothesis"),
    [
        ("fancy साड़ी दिखाइए", "fancy Sadi dikhaiye"),
        ("होम्योपथी में अर्थराइटिस treatment", "Homeopathy में arthritis treatment"),
    ],
)
def test_the_examples_of_the_talk_have_no_modeling_errors(
    scorer: Scorer, reference: str, hypothesis: str
) -> None:
    utterance = scorer.utterance("1", reference, hypothesis)
    assert utterance.raw.errors == 2
    assert utterance.corrected.errors == 0
    assert all(edit.verdict is not None and edit.verdict.evidence for edit in utterance.edits)


def test_an_empty_reference_counts_insertions_as_jiwer_does(scorer: Scorer) -> None:
    result = score(scorer, [("", "मैं discovery")])
    assert (result.raw.wer, result.raw.reference_words) == (2.0, 0)
    assert result.raw.wer == jiwer.process_words("", "मैं discovery").wer


def test_no_utterances_are_no_errors(scorer: Scorer) -> None:
    assert score(scorer, []).tally == Tally()


def test_one_string_is_one_utterance(scorer: Scorer) -> None:
    assert cswitch.score("घर home", "घर home", judge=scorer.judge).raw == ErrorCounts(hits=2)


def test_different_numbers_of_utterances_are_refused(scorer: Scorer) -> None:
    with pytest.raises(cswitch.InputError, match="2 references and 1 hypotheses"):
        cswitch.score(["a", "b"], ["a"], judge=scorer.judge)


def test_an_unknown_language_lists_the_known_ones() -> None:
    with pytest.raises(cswitch.InputError, match="unknown language 'xx'.*hi_en"):
        cswitch.score("a", "a", lang="xx")


def test_results_are_frozen(scorer: Scorer) -> None:
    result = score(scorer, [("a", "b")])
    with pytest.raises(FrozenInstanceError):
        result.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["hi", "hi-Deva", "hi_en"])
def test_every_way_to_name_the_language_scores_alike(name: str) -> None:
    result = cswitch.score("fancy साड़ी", "fancy Sadi", lang=name)
    assert (result.lang, result.corrected.errors) == ("hi_en", 0)


def test_what_is_no_text_is_named_by_its_place(scorer: Scorer) -> None:
    with pytest.raises(cswitch.InputError, match=r"hypotheses\[1\] is None"):
        cswitch.score(["a", "b"], ["a", None], judge=scorer.judge)  # type: ignore[list-item]
    with pytest.raises(cswitch.InputError, match=r"references\[0\] has half of a surrogate pair"):
        cswitch.score(["\ud83d"], ["a"], judge=scorer.judge)
    with pytest.raises(cswitch.InputError, match="the references are a mapping"):
        cswitch.score({"u1": "a"}, ["a"], judge=scorer.judge)  # type: ignore[arg-type]


def test_a_users_decisions_win(tmp_path: Path) -> None:
    mine = tmp_path / "mine.tsv"
    mine.write_text("accept\tये\tयह\nreject\tफोन\tphone\n", encoding="utf-8")
    result = cswitch.score("ये phone", "यह फोन", user=str(mine))
    assert (result.raw.errors, result.corrected.errors) == (2, 1)
    assert "user:" in result.signature


def test_references_in_another_script_raise_doubts_about_the_language(tmp_path: Path) -> None:
    path = tmp_path / "tamil.txt"
    path.write_text("எனக்கு phone வேண்டும்\n", encoding="utf-8")
    doubted = CliRunner().invoke(cli, ["score", str(path), str(path)])
    assert doubted.exit_code == 0
    assert doubted.stderr.endswith("perhaps --lang ta_en\n")
    assert "note" not in doubted.stdout
    assert CliRunner().invoke(cli, ["score", str(path), str(path), "--lang", "ta"]).stderr == ""
