"""``cswitch lexicon`` for a newcomer: what one's own list decides, and what bad input says."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cswitch.cli.judge import command as judge
from cswitch.cli.lexicon import command as lexicon
from cswitch.errors import InputError
from cswitch.judge import Judge
from cswitch.scoring import Scorer


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Decisions against what lexicon, rules and models say, both ways."""
    path = tmp_path / "mine.tsv"
    for one, other, *extra in (
        ("कमल", "कमाल"),
        ("ज़ूम कॉल", "video meeting"),
        ("डिस्कवरी", "discovery", "--reject"),
        ("हिन्दी", "हिंदी", "--reject"),
    ):
        CliRunner().invoke(lexicon, ["add", str(path), one, other, *extra], catch_exceptions=False)
    return path


PAIRS = (("कमल", "कमाल"), ("ज़ूम कॉल", "video meeting"), ("डिस्कवरी", "discovery"), ("हिन्दी", "हिंदी"))
VERDICTS = ("rendering", "rendering", "modeling", "modeling")


def test_own_decisions_win_in_the_judge(own: Path) -> None:
    lines = "".join(f"{one}\t{other}\n" for one, other in PAIRS)
    result = CliRunner().invoke(judge, ["-", "--user", str(own)], input=lines)
    rows = [line.split("\t") for line in result.stdout.splitlines()[1:]]
    assert [row[0] for row in rows] == list(VERDICTS)
    assert all(row[-1].startswith("user: ") for row in rows)


def test_own_decisions_win_in_scores_and_show_in_the_signature(own: Path) -> None:
    scorer, plain = Scorer(Judge("hi_en", user=own)), Scorer("hi_en")
    for (reference, hypothesis), verdict in zip(PAIRS, VERDICTS, strict=True):
        score = scorer.score([scorer.utterance("1", reference, hypothesis)])
        assert (score.corrected.errors == 0) == (verdict == "rendering"), reference
    before, _, last = str(scorer.judge.signature).rpartition("|")
    assert before == str(plain.judge.signature)
    assert last.startswith("user:")


def test_the_last_decision_about_two_texts_stands_alone(own: Path) -> None:
    CliRunner().invoke(lexicon, ["add", str(own), "discovery", "डिस्कवरी"], catch_exceptions=False)
    lines = own.read_text("utf-8").splitlines()
    assert [line for line in lines if "discovery" in line] == ["accept\tdiscovery\tडिस्कवरी"]


def test_a_list_that_is_none_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("accept\tx\n", "utf-8")
    result = CliRunner().invoke(lexicon, ["add", str(path), "a", "b"])
    assert isinstance(result.exception, InputError)
    assert str(result.exception).startswith(f"{path}:1: ")
    assert path.read_text("utf-8") == "accept\tx\n"


@pytest.mark.parametrize("subcommand", ["train", "words"])
def test_pairs_of_another_script_make_no_model(subcommand: str, tmp_path: Path) -> None:
    source, target = tmp_path / "pairs.tsv", tmp_path / "model.pairs"
    source.write_text("ka\tಕ\nkha\tಖ\nga\tগ\n", "utf-8")
    arguments = [subcommand, str(source), "--lang", "bn", "-o", str(target)]
    result = CliRunner().invoke(lexicon, arguments)
    assert isinstance(result.exception, InputError)
    assert "most native words are in Knda, not in Beng" in str(result.exception)
    assert not target.exists()


def test_spellings_are_those_of_a_native_script(tmp_path: Path) -> None:
    arguments = ["train", str(tmp_path / "none"), "--lang", "en", "-o", str(tmp_path / "model")]
    result = CliRunner().invoke(lexicon, arguments)
    assert isinstance(result.exception, InputError)
    assert "en has no native script" in str(result.exception)
