"""Measures against hand-made examples, other tools, and each other."""

from __future__ import annotations

import jiwer
import pytest
from factory import score, three_systems, utterance
from hypothesis import given
from hypothesis import strategies as st

from cswitch import measures, mixing
from cswitch.analysis import ErrorCounts

words = st.sampled_from(["मैं", "दिन", "दीन", "phone", "the", "10", "है।"])
lines = st.lists(st.lists(words, max_size=6).map(" ".join), min_size=1, max_size=4)
pairs = lines.flatmap(
    lambda left: st.tuples(
        st.just(left),
        st.lists(st.lists(words, max_size=6).map(" ".join), min_size=len(left), max_size=len(left)),
    )
)


@given(pairs)
def test_word_errors_are_jiwer_s(texts):
    counts = measures.word_errors(*texts)
    if any(texts[0]):
        assert counts.wer == pytest.approx(jiwer.wer(*texts))


@given(pairs)
def test_character_errors_of_latin_text_are_jiwer_s(texts):
    latin = [[line.encode("ascii", "ignore").decode() for line in side] for side in texts]
    latin = [[" ".join(line.split()) for line in side] for side in latin]
    if any(latin[0]):
        assert measures.character_errors(*latin).wer == pytest.approx(jiwer.cer(*latin))


def test_a_wrong_vowel_sign_is_one_error_of_one_cluster():
    assert measures.character_errors(["किताब"], ["कीताब"]) == ErrorCounts(2, 1, 0, 0)
    assert measures.character_errors(["क्षत्रिय"], ["क्षत्रिय"]).errors == 0


def test_the_mixed_error_rate_counts_clusters_of_native_words_and_whole_latin_words():
    counts = measures.mixed_errors(["किताब open करो"], ["कीताब opened करो"])
    assert counts == ErrorCounts(4, 2, 0, 0)


def test_to_wer_forgives_script_but_not_words():
    counts = measures.to_wer(["मेरा computer खोलो"], ["मेरा कंप्यूटर खोला"], "hi_en")
    assert (counts.errors, counts.reference_words) == (1, 3)
    reverse = measures.to_wer(["abc"], ["ABC"], "hi_en", to=str.lower)
    assert reverse.errors == 0


def test_t_wer_forgives_the_native_spelling_of_english_only():
    native = {("computer", "कंप्यूटर")}

    def same(english: str, other: str) -> bool:
        return (english, other) in native

    assert measures.t_wer(["computer खोलो"], ["कंप्यूटर खोलो"], "hi_en", same).errors == 0
    assert measures.t_wer(["कंप्यूटर खोलो"], ["computer खोलो"], "hi_en", same).errors == 1
    assert measures.t_wer(["computer खोलो"], ["कंप्यूटर kholo"], "hi_en", same).errors == 1


@given(pairs)
def test_t_wer_that_forgives_nothing_is_the_wer(texts):
    counts = measures.t_wer(*texts, "hi_en", lambda left, right: False)
    assert counts.errors == measures.word_errors(*texts).errors
    assert counts.reference_words == measures.word_errors(*texts).reference_words


def test_pier_counts_the_embedded_words_and_the_corrected_one_forgives_their_script():
    one = score("s", ["मैं discovery देखता हूँ"], ["मैं डिस्कवरी देखती हूँ"])
    assert measures.pier(one) == measures.PointRates(words=1, raw=1.0, corrected=0.0)


def test_both_neighbours_of_a_switch_count_once():
    one = score("s", ["मैं discovery देखता हूँ"], ["मैं discovery देखती हो"])
    assert measures.switch_point_errors(one) == measures.PointRates(3, 1 / 3, 1 / 3)


def test_script_fidelity_looks_at_the_script_only():
    assert measures.script_fidelity(score("s", ["एक two"], ["दो one"])) == 1.0
    assert measures.script_fidelity(score("s", ["मैं discovery 10"], ["मैं डिस्कवरी 20"])) == 0.5
    assert measures.script_fidelity(score("s", [""], ["हाँ"])) == 1.0


def test_the_oracle_takes_the_best_of_each_list():
    nbest = [
        [utterance("1", "a b", "a c"), utterance("1", "a b", "a b")],
        [utterance("2", "साड़ी d", "Sadi e")],
    ]
    assert measures.oracle(nbest).wer == 0.25
    assert measures.oracle(nbest, corrected=False).wer == 0.5


def test_the_rates_of_a_score_are_those_of_its_counts():
    rendering, *_ = three_systems()
    assert (measures.raw_wer(rendering), measures.corrected_wer(rendering)) == (0.6, 0.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("मैं घर पर हूँ", 0.0), ("मैं office में हूँ", 25.0), ("मैं office 10", 50.0), ("10", 0.0), ("", 0.0)],
)
def test_cmi_is_the_share_outside_the_main_language(text, expected):
    assert mixing.cmi(mixing.word_languages(text, "hi_en")) == pytest.approx(expected)


def test_indices_of_a_corpus_never_count_across_utterances():
    tags = [mixing.word_languages(text, "hi_en") for text in ("मैं office में", "ok चलो", "हाँ")]
    assert mixing.i_index(tags) == 1.0
    flat = [tag for line in tags for tag in line]
    shares = (4 / 6, 2 / 6)
    squares = sum(share**2 for share in shares)
    assert mixing.m_index(flat) == pytest.approx((1 - squares) / squares)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["aap kaunse type ka food lenge", "ok"], True),
        (["आप कौनसा food लेंगे", "thank you very much"], False),
        (["10 20"], False),
        ([], False),
    ],
)
def test_a_corpus_is_romanized_if_hardly_a_word_is_in_native_script(texts, expected):
    assert mixing.is_romanized(texts, "hi_en") is expected
    assert mixing.is_romanized(texts, "en") is False
