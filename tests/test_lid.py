"""Language of tokens: context, scripts, names, numbers, every pair, many cores."""

from __future__ import annotations

import math
import time
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from click.testing import CliRunner

from cswitch import languages, resources, tokens
from cswitch.cli import lexicon
from cswitch.cli.lid import COLUMNS, command
from cswitch.errors import InputError
from cswitch.frequency import frequencies
from cswitch.lid import Labeller, romanized
from cswitch.lid.misspelling import misspelled
from cswitch.lid.vocabulary import Vocabulary
from cswitch.spelling import pairs

SENTENCES = resources.read_table(Path(__file__).parent / "golden/lid.tsv", ("language", "sentence"))


@cache
def labeller_of(lang: str, doubt: bool = False) -> Labeller:
    return Labeller(lang, doubt=doubt)


@pytest.fixture(scope="module")
def labeller() -> Labeller:
    return labeller_of("hi_en")


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(languages.resolve("hi_en"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kal ka meeting cancel ho gaya", "lang2 lang2 lang1 lang1 lang2 lang2"),
        ("I want to go to school", "lang1 lang1 lang1 lang1 lang1 lang1"),
        ("मैं office जाता हूँ", "lang2 lang1 lang2 lang2"),
        ("टेक्स्ट पर क्लिक करें", "lang1 lang2 lang1 lang2"),
        ("2021 😀 !", "other other other"),
        ("क्लिकkaro", "mixed"),
        ("yeh தமிழ் hai", "lang2 fw lang2"),
        ("yeh 東京 hai", "lang2 fw lang2"),
        ("dekho http://a.in/b @user, a.b@c.in :D <3", "lang2 other other other other other"),
        ("#MeraDesh #BoycottMovie #MeraMovie", "lang2 lang1 mixed"),
        ("kabhi-kabhi ghar/office office-wala", "lang2 mixed mixed"),
        ("e-mail co-operate 24-7 T-shirt", "lang1 lang1 other lang1"),
        ("वह घर-घर गया और राम-श्याम भी", "lang2 lang2 lang2 lang2 ne lang2"),
    ],
)
def test_a_line_is_labelled(labeller: Labeller, line: str, expected: str) -> None:
    assert [label.lince for label in labeller.line(line)] == expected.split()


@pytest.mark.parametrize(("lang", "sentence"), SENTENCES)
def test_every_pair_is_labelled(lang: str, sentence: str) -> None:
    expected = [word.partition("/") for word in sentence.split()]
    found = labeller_of(lang).line(" ".join(word for word, _, _ in expected))
    assert [label.language for label in found] == [english or lang for _, _, english in expected]


def test_every_pair_has_sentences() -> None:
    known = {tag.language for tag in languages.tags()} - {languages.EMBEDDED}
    assert {lang for lang, _ in SENTENCES} == known


@pytest.mark.parametrize(
    ("matrix", "english"),
    [
        ("tumko to pata hai|1", "listen to the music|1"),
        ("dukaan main gaya tha|1", "the main reason is money|1"),
        ("woh ghar me hai|2", "please tell me about it|2"),
        ("log so rahe the|3", "what did the man say|2"),
    ],
)
def test_context_decides_an_ambiguous_word(labeller: Labeller, matrix: str, english: str) -> None:
    for text, language in ((matrix, "hi"), (english, "en")):
        line, _, place = text.partition("|")
        assert labeller.line(line)[int(place)].language == language


@pytest.mark.parametrize("clipped", ["nhi", "krna", "phle", "tmhe", "rha"])
def test_words_without_vowels_are_known(vocabulary: Vocabulary, clipped: str) -> None:
    found = vocabulary.likelihoods(clipped)
    assert found.matrix > 10 * found.inserted


@pytest.mark.parametrize(
    ("drawn", "language"), [("haiii", "hi"), ("yaaarrr", "hi"), ("sooo", "en"), ("pleaseee", "en")]
)
def test_words_that_are_drawn_out_are_known(labeller: Labeller, drawn: str, language: str) -> None:
    assert labeller.line(drawn)[0].language == language


@pytest.mark.parametrize("word", ["obnoxiously", "reimburse", "unsubscribed"])
def test_rare_english_words_are_known(labeller: Labeller, word: str) -> None:
    assert word not in frequencies("en-Latn")
    assert labeller.line(word)[0].language == "en"


@pytest.mark.parametrize("slip", ["tomorow", "recieve", "restarant", "availabel"])
def test_a_slip_at_an_english_word_leaves_it_english(labeller: Labeller, slip: str) -> None:
    assert labeller.line(slip)[0].language == "en"


def test_a_slip_is_rarer_than_the_word_and_short_words_have_none() -> None:
    known = {"tomorrow": -8.0, "cat": -8.0}
    assert 0 < misspelled("tomorow", known) < 1e-2 * math.exp(-8.0)
    assert misspelled("tomrorow", known) == misspelled("tomorraw", known) > 0
    assert misspelled("cot", known) == misspelled("omorow", known) == 0


def test_ordinals_in_figures_are_english(labeller: Labeller) -> None:
    assert labeller.line("mera 12th ka result")[1].lince == "lang1"


def test_no_function_word_is_inserted(vocabulary: Vocabulary) -> None:
    function, content = vocabulary.likelihoods("the"), vocabulary.likelihoods("meeting")
    assert function.running > 100 * function.inserted
    assert content.inserted > content.running


def test_names_and_numbers_are_marked(labeller: Labeller) -> None:
    name, number = labeller.line("Rahul 10")
    assert name.name and name.lince == "ne"
    assert number.number and number.lince == "other"


def test_doubt_is_told_only_when_asked_for(labeller: Labeller) -> None:
    line = "xqzvkwj"
    assert labeller.line(line)[0].lince in ("lang1", "lang2")
    doubting = labeller_of("hi_en", doubt=True)
    unreadable = doubting.line(line)[0]
    assert unreadable.lince == "unk" and unreadable.language is not None
    sure = [label.lince for label in doubting.line("kal ka meeting cancel ho gaya")]
    assert sure == ["lang2", "lang2", "lang1", "lang1", "lang2", "lang2"]


def test_what_neither_word_nor_context_decides_is_ambiguous() -> None:
    alone = [labeller_of("hi_en", doubt=True).line(word)[0].lince for word in ("to", "is", "me")]
    assert "ambiguous" in alone


def test_a_token_gets_the_same_label_whatever_stands_far_away(labeller: Labeller) -> None:
    line = "yeh phone kal aaya"
    far = labeller.line(" ".join([line, *["hai"] * 3000]))
    assert far[:4] == labeller.line(line)


@pytest.mark.parametrize("unit", ["a", "ab-", "a.b@", "#Ab", "http://a", "हि", "("])
def test_a_token_without_end_is_labelled_at_once(labeller: Labeller, unit: str) -> None:
    start = time.process_time()
    assert len(labeller.line(20_000 * unit)) == 1
    assert time.process_time() - start < 5


def test_an_empty_line_has_no_labels(labeller: Labeller) -> None:
    assert labeller.line("") == []


@pytest.mark.parametrize("lang", ["bn", "ta", "ur"])
def test_names_are_known_in_every_pair(lang: str) -> None:
    assert [label.lince for label in labeller_of(lang).line("Delhi Rahul")] == ["ne", "ne"]


def test_all_words_of_plain_english_are_english() -> None:
    labels = labeller_of("en").line("hello kya Gaya")
    assert {(label.lince, label.language) for label in labels} <= {("lang1", "en"), ("ne", "en")}


def test_a_tab_inside_a_token_is_no_column() -> None:
    result = CliRunner().invoke(command, ["-"], input="kya\thua\n")
    row = result.stdout.split("\n")[1].split("\t")
    assert row[0] == "kya hua" and len(row) == len(COLUMNS)


def test_the_command_writes_a_token_per_line() -> None:
    result = CliRunner().invoke(command, ["-"], input="kya hua\n\nok\n")
    lines = result.stdout.split("\n")
    assert tuple(lines[0].split("\t")) == COLUMNS
    assert lines[1].split("\t")[:3] == ["kya", "lang2", "hi"]
    assert lines[3] == lines[4] == ""


def test_several_processes_label_like_one(tmp_path: Path) -> None:
    source = tmp_path / "lines.txt"
    sentences = [sentence.replace("/en", "") for lang, sentence in SENTENCES if lang == "hi"]
    source.write_text("\n".join(sentences * 800) + "\n", encoding="utf-8")
    written = []
    for jobs in ("1", "2"):
        target = tmp_path / f"{jobs}.tsv"
        arguments = [str(source), "--jobs", jobs, "-o", str(target)]
        CliRunner().invoke(command, arguments, catch_exceptions=False)
        written.append(target.read_bytes())
    assert written[0] == written[1]
    tokens_of = sum(len(tokens.split(sentence)) + 1 for sentence in sentences)
    assert written[0].count(b"\n") == 800 * tokens_of + 1


def test_an_unknown_pair_is_an_error_without_any_line() -> None:
    result = CliRunner().invoke(command, ["-", "--lang", "xx"], input="")
    assert isinstance(result.exception, InputError)


PAIRS = "kar\tकर\t4\nkr\tकर\t1\npolice\tपुलिस\t5\npulis\tपुलिस\t1\nnahin\tनहीं\t3\n"


def test_frequencies_are_shared_among_spellings_and_loanwords_left_out(tmp_path: Path) -> None:
    source, target = tmp_path / "pairs.tsv", tmp_path / "frequencies.tsv.gz"
    source.write_text(PAIRS, encoding="utf-8")
    found = romanized.estimate(languages.resolve("hi"), pairs.read_pairs(source))
    assert found["kar"] > found["kr"] > 0
    assert found["nahin"] > found["nhn"] > 0  # clipped
    assert "police" not in found
    arguments = ["frequencies", str(source), "--lang", "hi", "-o", str(target)]
    CliRunner().invoke(lexicon.command, arguments, catch_exceptions=False)
    first = target.read_bytes()
    CliRunner().invoke(lexicon.command, arguments, catch_exceptions=False)
    assert first == target.read_bytes()


def test_words_are_equally_frequent_where_no_list_ranks_them(tmp_path: Path) -> None:
    folder = resources.folder("lexicons")
    sources = folder / "kn-Latn" / "frequent.txt", folder / "kn-Knda" / "romanizations.tsv"
    written = chain.from_iterable(map(pairs.read_pairs, sources))
    found = romanized.estimate(languages.resolve("kn"), written)
    assert found["illa"] == found["alla"]
    assert found.keys() == frequencies("kn-Latn").keys()


def test_english_spelling_prefers_english_words(tmp_path: Path) -> None:
    target = tmp_path / "words.pairs"
    arguments = ["words", "--lang", "en", "--order", "4", "--source", "a list", "-o", str(target)]
    CliRunner().invoke(lexicon.command, arguments, catch_exceptions=False)
    model = pairs.load(target)
    assert model.header.source == "a list"
    assert model.spelled("reshooting") > model.spelled("gnitoohser") + 5
    assert "reshooting" not in frequencies("en-Latn")
