"""The judge: golden pairs, and what must hold for any texts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cswitch import lexicon, resources, score
from cswitch.cli.judge import COLUMNS
from cswitch.cli.judge import command as judge_command
from cswitch.errors import InputError
from cswitch.judge import Judge
from cswitch.normalize import STAGES, normalizer
from cswitch.resources import read_table

GOLDEN = sorted((Path(__file__).parent / "golden/judge").glob("*.tsv"))
TEXT = st.text("कखगड़िीाेोंँ्आइएabcdeiosz १2.- ", min_size=1, max_size=8).map(
    lambda text: " ".join(text.split())
)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge("hi_en")


def golden_pairs() -> list[tuple[str, ...]]:
    return [
        (path.stem, *row)
        for path in GOLDEN
        for row in read_table(path, ("expected", "reference", "hypothesis"))
    ]


def distinct_pairs() -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for folder in resources.names("lexicons"):
        path = resources.folder("lexicons") / folder / "distinct.tsv"
        if path.exists():
            first = "english" if folder == "en-Latn" else "native"
            pairs += [(row[0], row[1]) for row in read_table(path, (first, "other"))]
    return pairs


@cache
def judge_of(lang: str) -> Judge:
    return Judge(lang)


@pytest.mark.parametrize(("lang", "expected", "reference", "hypothesis"), golden_pairs())
def test_a_golden_pair_is_judged_as_written(
    lang: str, expected: str, reference: str, hypothesis: str
) -> None:
    verdict = judge_of(lang).judge(reference, hypothesis)
    assert (verdict.kind or verdict.verdict) == expected, verdict


def test_golden_pairs_are_renderings_and_errors() -> None:
    expected = [pair[1] for pair in golden_pairs()]
    assert len(expected) >= 150
    assert expected.count("modeling") >= 50


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "golden/romanizations").glob("*")))
def test_most_spellings_of_words_that_are_in_no_list_are_renderings(path: Path) -> None:
    words = read_table(path, ("native", "latin"))
    judge = judge_of(path.stem)
    known = {native for native, _ in words if judge._lexicon.spellings(native)}
    assert known == set()
    forgiven = [judge.judge(*pair).verdict == "rendering" for pair in words]
    assert sum(forgiven) >= 0.95 * len(words)
    others = [latin for _, latin in words[len(words) // 2 :] + words[: len(words) // 2]]
    wrong = [judge.judge(word[0], other).verdict for word, other in zip(words, others, strict=True)]
    assert wrong.count("rendering") <= 0.005 * len(words)


def test_no_distinct_pair_is_forgiven(judge: Judge) -> None:
    # Nukta pairs (राज, राज़) are one word to the reading norm, as everyday spelling drops it.
    forgiven = [
        (one, other)
        for one, other in distinct_pairs()
        if judge.judge(one, other).verdict == "rendering"
        and not judge.judge(one, other).evidence.startswith("reading: loan-nukta")
    ]
    assert forgiven == []


@settings(max_examples=200, deadline=None)
@given(one=TEXT, other=TEXT)
def test_the_judge_is_symmetric(judge: Judge, one: str, other: str) -> None:
    there, back = judge.judge(one, other), judge.judge(other, one)
    assert (there.verdict, there.kind) == (back.verdict, back.kind)
    assert there.probability == pytest.approx(back.probability)
    assert 0 <= there.probability <= 1


@settings(max_examples=100, deadline=None)
@given(text=TEXT)
def test_a_text_matches_itself(judge: Judge, text: str) -> None:
    assert judge.judge(text, text).verdict == "match"


@settings(max_examples=200, deadline=None)
@given(one=st.text("कखगदनमरलािीुूेै", min_size=1, max_size=5), cut=st.integers(0, 4))
def test_words_of_one_script_are_never_forgiven_by_likeness(
    judge: Judge, one: str, cut: int
) -> None:
    verdict = judge.judge(one, one[:cut] + "ट" + one[cut:])
    assert not verdict.evidence.startswith(("letters:", "sounds:"))


def test_a_verdict_carries_readable_evidence(judge: Judge) -> None:
    assert judge.judge("डिस्कवरी", "diskovary").evidence.startswith("letters: ड:d ि:i स:s")
    assert judge.judge("नाइट", "knight").evidence.startswith("sounds: नाइट = N AY T")
    assert "दिखाइए" in judge.judge("दिखाइए", "dikhaiye").evidence


@pytest.mark.parametrize(
    ("reference", "hypothesis"), [("a website", "वेबसाइट"), ("है discovery", "डिस्कवरी")]
)
def test_a_span_does_not_swallow_a_word(judge: Judge, reference: str, hypothesis: str) -> None:
    assert judge.judge(reference, hypothesis).verdict == "modeling"


def test_what_two_tokens_of_two_scripts_share_is_set_aside(judge: Judge) -> None:
    assert judge.judge("buttonबीच", "बटनबीच").kind == "script"
    assert judge.judge("foxबीच", "बटनबीच").verdict == "modeling"


@pytest.mark.parametrize(
    ("one", "other"),
    [("डिस्कवरी", "discovery"), ("साड़ी", "Sadi"), ("दस", "10"), ("SMS", "एसएमएस"), ("।", "")],
)
def test_renderings_pass_the_sketch(judge: Judge, one: str, other: str) -> None:
    left, right = judge.sketch(one), judge.sketch(other)
    assert left.skeleton == right.skeleton or set(left.concepts) & set(right.concepts)


@pytest.mark.parametrize("lang", ["ur", "bn", "ta"])
def test_other_languages_have_rules_at_least(lang: str) -> None:
    judge = Judge(lang)
    assert judge.judge("Box", "box").kind == "case"
    assert judge.judge("10", "ten").kind == "number"


@pytest.mark.parametrize(
    ("lang", "native", "latin"),
    [
        ("ta", "லேப்டாப்", "laptops"),
        ("ta", "ஸ்லைடு", "slid"),
        ("ta", "லேப்டாப்", "laptoped"),
        ("ta", "லேப்டாப்", "lapto"),
        ("ta", "டெஸ்ட்", "tes"),
        ("te", "ల్యాప్‌టాప్", "laptops"),
        ("bn", "টেস্ট", "tes"),
        ("hi", "टीम", "tmz"),
        ("hi", "स्लाइड", "slides"),
    ],
)
def test_another_form_of_a_loanword_is_not_forgiven(lang: str, native: str, latin: str) -> None:
    assert Judge(lang).judge(native, latin).verdict == "modeling"


@pytest.mark.parametrize(
    ("native", "latin"), [("ग्लास", "glas"), ("मोबाइल", "mobil"), ("कप", "cupp")]
)
def test_a_loanword_may_lack_what_nobody_hears(judge: Judge, native: str, latin: str) -> None:
    assert judge.judge(native, latin).verdict == "rendering"


@pytest.mark.parametrize(
    ("lang", "native", "latin"),
    [
        ("ta", "லேப்டாப்", "laptop"),
        ("bn", "ডাক্তার", "doctor"),
        ("bn", "বাড়ি", "bari"),
        ("te", "ల్యాప్‌టాప్", "laptop"),
    ],
)
def test_a_loanword_or_a_letter_with_a_nukta_is_read_as_spoken(
    lang: str, native: str, latin: str
) -> None:
    assert Judge(lang).judge(native, latin).kind == "script"


def test_a_user_decision_wins_and_is_in_the_signature(tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("reject\tबॉक्स\tbox\naccept\tकुर्सी\ttable\n", "utf-8")
    judge = Judge("hi_en", user=own)
    assert judge.judge("box", "बॉक्स").verdict == "modeling"
    assert judge.judge("कुर्सी", "table").verdict == "rendering"
    ids = set(judge.sketch("कुर्सी").concepts) & set(judge.sketch("table").concepts)
    assert ids
    assert judge.signature != Judge("hi_en").signature
    assert "user:" in judge.signature


def test_a_user_decision_on_several_words_counts_in_scoring(tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("accept\tद पिंक सिटी\tजयपुर\n", "utf-8")
    texts = "वह द पिंक सिटी गया", "वह जयपुर गया"
    assert score(*texts).corrected.errors == 3
    assert score(*texts, user=str(own)).corrected.errors == 0


SENTENCES = st.lists(
    st.sampled_from(
        "हिन्दी ज़रूर गये १२ टी-शर्ट दो-सौ । एेसा आॅटो Colour it's T-shirt SMS 12 — u.s. गान\u200d".split()
    ),
    min_size=1,
    max_size=4,
).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(SENTENCES)
def test_a_span_reads_as_the_normalizers_read_it(text: str) -> None:
    read = judge_of("hi_en")._span(text)
    stages = [text]
    for stage in STAGES[:-1]:
        hindi = normalizer("hi-Deva").stage(stage, stages[-1])
        stages.append(normalizer("en-Latn").stage(stage, hindi))
    assert read.stages == tuple(stages)
    assert read.final == stages[-1]
    assert read.key == lexicon.load("hi_en").fold(stages[-1])


def test_a_malformed_user_list_is_named_with_its_line(tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("accept\ta\tb\nmaybe\ta\tb\n", "utf-8")
    with pytest.raises(InputError, match=r"own.tsv:2:"):
        Judge("hi_en", user=own)


def test_the_command_says_what_the_function_says(judge: Judge) -> None:
    pairs = [("डिस्कवरी", "discovery"), ("कल", "काल"), ("।", "")]
    lines = "".join(f"{one}\t{other}\n" for one, other in pairs)
    result = CliRunner().invoke(judge_command, ["-"], input=lines)
    assert result.exit_code == 0
    header, *rows = result.stdout.splitlines()
    assert tuple(header.split("\t")) == COLUMNS
    for (one, other), row in zip(pairs, rows, strict=True):
        verdict = judge.judge(one, other)
        assert row.split("\t") == [
            verdict.verdict,
            verdict.kind or "-",
            f"{verdict.probability:.4f}",
            one,
            other,
            verdict.evidence,
        ]


def test_a_line_may_name_its_language() -> None:
    result = CliRunner().invoke(judge_command, ["-"], input="Box\tbox\tbn\n")
    assert result.stdout.splitlines()[1].startswith("rendering\tcase")


@pytest.mark.parametrize("line", ["one", "a\tb\thi\tmore", "a\tb\txx"])
def test_a_malformed_line_is_named(line: str) -> None:
    result = CliRunner().invoke(judge_command, ["-"], input=f"a\tb\n{line}\n")
    assert isinstance(result.exception, InputError)
    assert result.exception.line == 2
