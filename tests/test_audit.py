"""The audit: near pairs, doubtful verdicts, the way of an annotation sheet."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from click.testing import CliRunner
from factory import ToyJudge, score, three_systems

from cswitch import annotation, audit, languages, results, tokens
from cswitch.cli import cli
from cswitch.decisions import Decisions
from cswitch.errors import InputError
from cswitch.judge import Judge, Verdict

HEADER = "\t".join(annotation.COLUMNS) + "\n"


class Credulous(ToyJudge):
    """Forgives whatever begins alike, but only one way round."""

    lang = languages.resolve("hi_en")

    def judge(self, reference: str, hypothesis: str) -> Verdict:
        if reference[:1] == hypothesis[:1] and reference < hypothesis:
            return Verdict("rendering", "spelling", 0.8, "begins alike")
        return Verdict("modeling", None, 0.1, "different")


@pytest.fixture(scope="module")
def near():
    return audit.near_pairs("hi_en")


def test_near_pairs_are_different_words_of_three_relations(near):
    assert len(near) > 10_000
    assert ("bus", "बस") not in near
    for (left, right), relation in near.items():
        assert (tokens.script(left) == tokens.script(right)) == (relation == "same script")
    assert set(near.values()) == set(audit.RELATIONS)


def test_homophones_are_no_near_pairs(near):
    known = {pair for pair, relation in near.items() if relation != "same script"}
    assert not {("knight", "नाइट"), ("नाइट", "knight"), ("pair", "pear"), ("पेयर", "pear")} & known
    assert ("farm house", "farmhouse") not in near


def test_neighbours_differ_by_one_character_of_one_script():
    found = set(audit._neighbours(["कल", "काल", "काला", "box", "fox", "बॉक्स", "a", "b"]))
    assert found == {("कल", "काल"), ("काल", "काला"), ("box", "fox")}


def test_the_lexicon_audit_counts_what_is_forgiven_and_what_is_asymmetric():
    found = audit.audit_lexicon(Credulous(), limit=500)
    assert sum(found.pairs.values()) == 500
    assert 0 < found.forgiven_of("same script") <= len(found.forgiven)
    rate = found.forgiven_of("same script") / found.pairs["same script"]
    assert found.false_forgiveness("same script") == rate
    assert len(found.asymmetric) >= len(found.forgiven)
    assert found == audit.audit_lexicon(Credulous(), limit=500)


def test_the_real_judge_is_symmetric_and_seldom_forgives_a_different_word():
    found = audit.audit_lexicon(Judge("hi_en"), limit=400)
    assert found.asymmetric == []
    assert found.forgiven_of("same script") == 0
    assert found.false_forgiveness("english") < 0.1


def test_pairs_of_a_run_are_counted_over_all_systems():
    pairs = annotation.judged(three_systems())
    found = {(pair.reference, pair.hypothesis): pair.count for pair in pairs}
    assert found["discovery", "डिस्कवरी"] == 2
    assert found["देखता", "देखती"] == 2
    assert found["website", "वेब साइट"] == 2
    assert all(left and right for left, right in found)


def test_the_least_certain_come_first():
    one = score("s", ["साड़ी कल", "कल"], ["Sadi काल", "काल"])
    found = annotation.doubtful([one], limit=5)
    assert [pair.reference for pair in found] == ["साड़ी", "कल"]
    assert len(annotation.doubtful([one], limit=1)) == 1


def test_a_sheet_survives_the_round_trip(tmp_path):
    drawn = annotation.sample(three_systems(), size=10)
    assert sum(pair.count for pair in drawn) == 10
    path = tmp_path / "sheet.tsv"
    annotation.write_sheet(drawn, path)
    again = annotation.read_sheet(path)
    assert [
        (pair.reference, pair.hypothesis, pair.verdict.verdict, pair.count, pair.of)
        for pair in again
    ] == [
        (pair.reference, pair.hypothesis, pair.verdict.verdict, pair.count, pair.of)
        for pair in drawn
    ]


def annotated(
    answers: dict[str, list[tuple[str, int]]], of: dict[str, int]
) -> list[annotation.Judged]:
    pairs = []
    for judge, rows in answers.items():
        verdict = Verdict(judge, None, 0.5, "")
        for number, (answer, count) in enumerate(rows):
            pairs.append(
                annotation.Judged(f"{judge}{number}", "x", verdict, count, of[judge], answer)
            )
    return pairs


def test_precision_and_recall_are_weighted_by_the_run():
    pairs = annotated(
        {
            "rendering": [("rendering", 9), ("modeling", 1)],
            "modeling": [("modeling", 8), ("rendering", 2)],
        },
        of={"rendering": 1000, "modeling": 100},
    )
    found = annotation.agreement(pairs)
    assert found.annotated == 20
    assert found.precision.value == pytest.approx(0.9)
    assert found.recall.value == pytest.approx(900 / (900 + 20))
    assert found.precision.low <= 0.9 <= found.precision.high <= 1
    assert [pair.reference for pair in found.corrections] == ["rendering1", "modeling1"]


def test_intervals_of_the_agreement_cover_the_truth():
    chance = random.Random(1)
    covered = 0
    for seed in range(20):
        rows = {
            said: [("rendering" if chance.random() < share else "modeling", 1) for _ in range(100)]
            for said, share in (("rendering", 0.9), ("modeling", 0.2))
        }
        found = annotation.agreement(
            annotated(rows, {"rendering": 500, "modeling": 500}), seed=seed
        )
        truth = 0.9 / (0.9 + 0.2)
        covered += found.recall.low <= truth <= found.recall.high
    assert covered >= 16


def test_a_few_answers_without_an_exception_are_no_certainty():
    rows = {"rendering": [("rendering", 10)], "modeling": [("modeling", 10)]}
    found = annotation.agreement(annotated(rows, {"rendering": 500, "modeling": 500}))
    for estimate in (found.precision, found.recall):
        assert (estimate.value, estimate.high) == (1.0, 1.0)
        # Jeffreys' lower limit for ten of ten is 0.783.
        assert 0.7 < estimate.low < 0.85


def test_a_person_s_corrections_become_decisions(tmp_path):
    pairs = annotated(
        {"rendering": [("modeling", 1)], "modeling": [("rendering", 1)]},
        of={"rendering": 1, "modeling": 1},
    )
    path = tmp_path / "user.tsv"
    annotation.write_corrections(annotation.agreement(pairs).corrections, path)
    user = Decisions(path, str)
    assert user.accepted("rendering0", "x") is False
    assert user.accepted("modeling0", "x") is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x\ty\n", r"sheet:1: not an annotation sheet"),
        (f"{HEADER}maybe\trendering\t-\t1\t1\t1\ta\tb\tc\n", r"sheet:2: .*'maybe'"),
        (f"{HEADER}modeling\trendering\t-\tx\t1\t1\ta\tb\tc\n", r"sheet:2: "),
        (f"{HEADER}modeling\n", r"sheet:2: "),
    ],
)
def test_other_sheets_are_refused(tmp_path, text, message):
    path = tmp_path / "sheet"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        annotation.read_sheet(path)


def test_an_unfilled_sheet_has_no_agreement():
    with pytest.raises(InputError, match="no pair has a verdict. Fill the first column"):
        annotation.agreement(annotation.sample(three_systems()))


def test_the_commands_go_all_the_way_round(tmp_path):
    run, sheet, user = (tmp_path / name for name in ("run.json", "sheet.tsv", "user.tsv"))
    results.write(three_systems(), run, utterances=True)
    runner = CliRunner()
    done = runner.invoke(cli, ["audit", "doubtful", str(run), "--limit", "3"])
    assert len(done.output.splitlines()) == 4
    done = runner.invoke(cli, ["audit", "sheet", str(run), "-o", str(sheet)])
    assert (done.exit_code, done.output) == (0, "")
    filled = [replace(pair, answer="rendering") for pair in annotation.read_sheet(sheet)]
    annotation.write_sheet(filled, sheet)
    done = runner.invoke(cli, ["audit", "agree", str(sheet), "--user", str(user)])
    assert done.output.startswith("precision 1.000")
    assert user.read_text("utf-8").startswith("accept\t")


def test_the_command_judges_the_lexicon(tmp_path):
    out = tmp_path / "forgiven.tsv"
    done = CliRunner().invoke(cli, ["audit", "--pairs", "200", "--output", str(out)])
    assert done.exit_code == 0 and "judged otherwise in reverse            0" in done.output
    assert out.read_text("utf-8").startswith("relation\treference\thypothesis\t")


def test_a_relation_without_pairs_is_no_pass(monkeypatch):
    found = audit.LexiconAudit({"same script": 4}, (), ())
    monkeypatch.setattr(audit, "audit_lexicon", lambda *_: found)
    lines = CliRunner().invoke(cli, ["audit"]).output.splitlines()
    assert lines[1].split() == ["same", "script", "4", "0", "0.00%"]
    assert all(line.endswith("no such pairs: nothing was tested") for line in lines[2:4])
