"""Several processes give what one gives: all results, in order, and errors as they are."""

from __future__ import annotations

import json
import time
from functools import partial
from importlib import import_module
from pathlib import Path

import cluster_work
import pytest
from click.testing import CliRunner
from mixed_lines import WORDS, lines

from cswitch.cli.score import command
from cswitch.errors import InputError
from cswitch.scale.parallel import batched, ordered_map
from cswitch.scoring import Part, Scorer


def test_results_come_in_the_order_of_the_blocks() -> None:
    blocks = list(batched(range(1000), 10))
    expected = [[2 * number for number in block] for block in blocks]
    assert list(ordered_map(cluster_work.doubling, blocks, 2)) == expected
    assert list(ordered_map(cluster_work.doubling, blocks, 1)) == expected


def test_models_are_made_once_for_each_worker_and_few_blocks_wait(tmp_path: Path) -> None:
    taken: list[int] = []

    def blocks():
        for number in range(40):
            taken.append(number)
            yield 0.01

    log = tmp_path / "made"
    results = ordered_map(partial(cluster_work.slow_start, str(log)), blocks(), 2)
    next(results)
    assert len(taken) < 10
    workers = {*results}
    assert len(log.read_text().split()) == 2
    assert workers <= {int(pid) for pid in log.read_text().split()}


def test_an_error_in_a_worker_is_the_error_of_the_command() -> None:
    with pytest.raises(InputError, match=r"numbers\.txt:3: no such number"):
        list(ordered_map(cluster_work.refusing, [[3], [4]], 2))


def test_an_error_of_a_worker_that_starts_is_the_error_of_the_command() -> None:
    with pytest.raises(InputError, match=r"model\.onnx: no such model"):
        list(ordered_map(cluster_work.not_made, range(3), 2))


def test_a_killed_worker_is_an_error_that_says_so() -> None:
    with pytest.raises(RuntimeError, match="try fewer jobs"):
        list(ordered_map(cluster_work.dying, range(3), 2))


def test_stopping_early_ends_the_workers(tmp_path: Path) -> None:
    results = ordered_map(
        partial(cluster_work.slow_start, str(tmp_path / "made")), [0.0, *[60.0] * 9], 2
    )
    next(results)
    start = time.monotonic()
    results.close()
    assert time.monotonic() - start < 30  # one of the blocks that wait takes a minute


def test_score_gives_the_same_for_any_number_of_jobs(tmp_path: Path) -> None:
    pairs = lines(4500)  # three blocks
    (tmp_path / "ref").write_text("".join(f"{ref}\n" for ref, _ in pairs), encoding="utf-8")
    (tmp_path / "hyp").write_text("".join(f"{hyp}\n" for _, hyp in pairs), encoding="utf-8")
    written = []
    for jobs in ("1", "2"):
        path = tmp_path / f"{jobs}.json"
        arguments = [tmp_path / "ref", tmp_path / "hyp", "--jobs", jobs, "--json", path]
        CliRunner().invoke(
            command, [*map(str, arguments), "--utterance-results"], catch_exceptions=False
        )
        written.append(path.read_text(encoding="utf-8"))
    assert written[0] == written[1]
    assert json.loads(written[0])["utterances"] == 4500


@pytest.mark.parametrize(
    ("name", "options"), [("normalize", ["--lang", "hi"]), ("judge", ["--lang", "hi_en"])]
)
def test_text_commands_give_the_same_for_any_number_of_jobs(
    tmp_path: Path, name: str, options: list[str]
) -> None:
    path = tmp_path / "lines"
    pairs = [(left, right) for left in WORDS for right in WORDS] * 4
    path.write_text("".join(f"{left}\t{right}\n" for left, right in pairs), encoding="utf-8")
    command = import_module(f"cswitch.cli.{name}").command
    one, two = (
        CliRunner().invoke(command, [str(path), *options, "--jobs", jobs], catch_exceptions=False)
        for jobs in ("1", "2")
    )
    assert one.stdout == two.stdout
    assert len(one.stdout.splitlines()) >= len(pairs) > 4000


def test_parts_add_up_to_the_whole_whether_kept_or_not() -> None:
    scorer = Scorer("hi_en")
    rows = [(str(number), *pair, {}) for number, pair in enumerate(lines(60))]
    whole = scorer.result(scorer.part(rows), "a")
    summed = Part()
    for block in batched(rows, 7):
        summed += scorer.part(block, keep=False)
    counted = scorer.result(summed, "a")
    assert counted.tally == whole.tally
    assert (counted.size, len(counted.utterances)) == (60, 0)
    assert whole.utterances == tuple(scorer.utterance(*row) for row in rows)
    assert scorer.score(whole.utterances, "a") == whole
