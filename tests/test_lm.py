"""Language models: probabilities that sum to one, and the same ones that KenLM computes."""

from __future__ import annotations

import itertools
import math
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cswitch import lm
from cswitch.errors import InputError
from cswitch.lm import counts

Sentences = list[list[str]]


def text(seed: int, lines: int = 60, words: str = "abcdef") -> Sentences:
    """Sentences with some regularity: a word is often followed by its neighbour."""
    rng = random.Random(seed)
    sentences = []
    for _ in range(lines):
        at = rng.randrange(len(words))
        sentence = []
        for _ in range(rng.randrange(7)):
            sentence.append(words[at])
            at = (at + rng.choice([1, 1, 1, 0, 2, 3])) % len(words)
        sentences.append(sentence)
    return [*sentences, list(words)]


def total(model: lm.NGrams, history: Sequence[str]) -> float:
    """The sum of the probabilities of all words after a history."""
    ids = {word: number for number, word in enumerate(model.words)}
    past = (
        [ids[word] for word in ("<s>", *history)][-(model.order - 1) :] if model.order > 1 else []
    )
    pad = [-1] * (model.order - 1 - len(past))
    rows = np.array([[*pad, *past, word] for word in range(len(model.words))], dtype=np.int32)
    return float(np.exp(model.score(rows)).sum())


@given(
    seed=st.integers(0, 1000),
    order=st.integers(1, 4),
    prune=st.sampled_from([(), (0, 1), (0, 0, 2), (0, 1, 1, 2)]),
    limit=st.sampled_from([None, 3]),
)
@settings(deadline=None, max_examples=40)
def test_probabilities_after_every_history_sum_to_one(
    seed: int, order: int, prune: tuple[int, ...], limit: int | None
) -> None:
    model = lm.build([text(seed)], order, prune=prune, limit=limit)
    known = [word for word in model.words if not word.startswith("<")]
    for history in itertools.chain([()], itertools.product(known, repeat=2)):
        assert total(model, history) == pytest.approx(1.0)


@pytest.mark.parametrize("order", range(1, 7))
@pytest.mark.parametrize("suffix", [".arpa", ".arpa.gz"])
def test_kenlm_reads_what_is_written(tmp_path: Path, order: int, suffix: str) -> None:
    model = lm.build([text(1)], order)
    path = tmp_path / f"model{suffix}"
    lm.write_arpa(model, path)
    read = lm.KenLM(path)
    for sentence in [*text(2, 20), ["zebra", "a"]]:
        state, logs = read.start, []
        for word in sentence:
            log, state = read.score(state, word)
            logs.append(log)
        logs.append(read.finish(state))
        np.testing.assert_allclose(logs, model.sentence(sentence), atol=1e-5)
    assert "a" in read and "zebra" not in read


@pytest.mark.skipif(shutil.which("lmplz") is None, reason="lmplz is not on the path")
@pytest.mark.parametrize(
    ("order", "prune"), [(2, ()), (3, ()), (5, ()), (3, (0, 1)), (4, (0, 0, 1))]
)
def test_perplexity_equals_that_of_lmplz(
    tmp_path: Path, order: int, prune: tuple[int, ...]
) -> None:
    sentences, held_out = text(3, 3000, "abcdefghijklmnop"), text(4, 100, "abcdefghijklmnop")
    source, theirs, ours = (tmp_path / name for name in ("a.txt", "theirs.arpa", "ours.arpa"))
    source.write_text("".join(" ".join(sentence) + "\n" for sentence in sentences))
    options = ["--prune", *map(str, prune)] if prune else []
    subprocess.run(
        ["lmplz", "-o", str(order), "--discount_fallback", "-S", "10%", "-T", str(tmp_path),
         "--text", str(source), "--arpa", str(theirs), *options],
        check=True, capture_output=True,
    )  # fmt: skip
    lm.write_arpa(lm.build([sentences], order, prune=prune), ours)
    expected, found = (lm.perplexity(lm.KenLM(p), held_out).total.value for p in (theirs, ours))
    # On so little text one n-gram more or less in the counts of counts is seen.
    assert found == pytest.approx(expected, rel=2e-4)


def test_estimates_are_those_worked_out_by_hand() -> None:
    """Bigrams of "a b" and "a c": too few for estimated discounts, so the usual ones are used."""
    model = lm.build([[["a", "b"], ["a", "c"]]], 2)
    p = np.exp(model.sentence(["a", "b"]))
    # Left neighbours: a 1, b 1, c 1, </s> 2; discounts 0.5 of 1 and 1 of 2; five words and </s>.
    uniform = (3 * 0.5 + 1.0) / 5 / 5
    unigram = {"a": 0.5 / 5 + uniform, "b": 0.5 / 5 + uniform, "</s>": 1.0 / 5 + uniform}
    assert p[0] == pytest.approx((2 - 1.0) / 2 + 1.0 / 2 * unigram["a"])
    assert p[1] == pytest.approx((1 - 0.5) / 2 + 1.0 / 2 * unigram["b"])
    assert p[2] == pytest.approx((1 - 0.5) / 1 + 0.5 / 1 * unigram["</s>"])


def test_counting_in_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = text(5, 300)
    whole = lm.count(sentences, 3, lm.Vocabulary())
    monkeypatch.setattr(counts, "_CHUNK", 50)
    pieces = lm.count(iter(sentences), 3, lm.Vocabulary())
    np.testing.assert_array_equal(whole.rows, pieces.rows)
    np.testing.assert_array_equal(whole.counts, pieces.counts)


def test_a_vocabulary_limit_keeps_the_frequent_words() -> None:
    model = lm.build([[["a", "b"]] * 5 + [["c"]] * 3 + [["d"]]], 2, limit=3)
    assert model.words == ("<unk>", "<s>", "</s>", "a", "b", "c")
    assert model.sentence(["d"])[0] > -3


def test_pruning_leaves_rare_n_grams_out_and_words_in() -> None:
    whole, pruned = (lm.build([text(6)], 3, prune=prune) for prune in ((), (0, 3)))
    sizes = [[len(table.logs) for table in model.tables] for model in (whole, pruned)]
    assert sizes[0][0] == sizes[1][0]
    assert sizes[0][1] > sizes[1][1] and sizes[0][2] > sizes[1][2]


def test_a_mixture_is_the_weighted_mean_and_sums_to_one() -> None:
    corpora = [text(7), text(8, words="fedcba")]
    vocabulary = lm.Vocabulary()
    counted = [lm.count(corpus, 3, vocabulary) for corpus in corpora]
    models = [lm.estimate(one, vocabulary.words) for one in counted]
    mixed = lm.mix(models, np.array([0.3, 0.7]))
    table = mixed.tables[2]
    mean = 0.3 * np.exp(models[0].score(table.rows)) + 0.7 * np.exp(models[1].score(table.rows))
    np.testing.assert_allclose(np.exp(table.logs), mean)
    for history in itertools.product("abcdef", repeat=2):
        assert total(mixed, history) == pytest.approx(1.0)


def test_tuned_weights_follow_the_text_and_never_lose_to_one_model() -> None:
    corpora = [text(7), text(8, words="fedcba")]
    vocabulary = lm.Vocabulary()
    counted = [lm.count(corpus, 3, vocabulary) for corpus in corpora]
    models = [lm.estimate(one, vocabulary.words) for one in counted]
    assert lm.weights(models, text(9))[0] > 0.8
    assert lm.weights(models, text(9, words="fedcba"))[0] < 0.2
    mixed = lm.build(corpora, 3, tune=text(10))
    sums = [sum(model.sentence(s).sum() for s in text(10)) for model in (mixed, *models)]
    assert sums[0] >= max(sums[1:]) - 0.01


def test_a_model_without_unk_survives_unknown_words(tmp_path: Path) -> None:
    path = tmp_path / "model.arpa"
    path.write_text(
        "\\data\\\nngram 1=3\nngram 2=1\n\n\\1-grams:\n-99\t<s>\t-0.3\n-0.5\t</s>\n-0.2\ta\t-0.1\n"
        "\n\\2-grams:\n-0.1\t<s> a\n\n\\end\\\n"
    )
    model = lm.KenLM(path)
    log, state = model.score(model.start, "zebra")
    assert log == pytest.approx(math.log(1e-7))
    assert model.score(state, "a")[0] == pytest.approx(-0.2 * math.log(10))


def test_perplexity_is_told_by_language_and_at_switches(tmp_path: Path) -> None:
    path = tmp_path / "model.arpa"
    lm.write_arpa(lm.build([text(1)], 2), path)
    report = lm.perplexity(lm.KenLM(path), [["a", "b", "c"], ["b", "zebra"]],
                           lambda word: "hi" if word in "ac" else "en")  # fmt: skip
    assert {name: part.words for name, part in report.languages.items()} == {"hi": 2, "en": 3}
    assert {name: part.words for name, part in report.switches.items()} == {
        "elsewhere": 3, "switch": 2,
    }  # fmt: skip
    assert report.total.words == 7 and report.total.unknown == 1
    parts = sum(report.languages.values(), lm.Perplexity())
    assert report.total.log < parts.log < 0


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: lm.build([[]], 2), "no words to count"),
        (lambda: lm.build([[["a"]]], 7), "order 7"),
        (lambda: lm.build([[["a"]]], 3, prune=(1, 0)), "thresholds 1 0 fall"),
        (lambda: lm.build([[["a", "</s>"]]], 2), "mark of the model itself"),
        (lambda: lm.build([[["a"]], [["b"]]], 2), "needs text to tune"),
    ],
)
def test_bad_input_is_named(build: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build()  # type: ignore[operator]


def test_files_that_are_no_models_are_named(tmp_path: Path) -> None:
    (tmp_path / "no.arpa").write_text("no\n")
    with pytest.raises(InputError, match="not a language model"):
        lm.KenLM(tmp_path / "no.arpa")
    with pytest.raises(InputError, match="no such file"):
        lm.KenLM(tmp_path / "missing.arpa")
