"""A real Ray cluster of two nodes gives what one process gives, also when workers are lost."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path

import cluster_work
import pytest
from click.testing import CliRunner
from mixed_lines import lines

from cswitch.cli.lid import command as lid
from cswitch.cli.score import command
from cswitch.errors import InputError
from cswitch.scale import batches

pytest.importorskip("ray")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
pytestmark = [
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def nodes():
    import ray
    from ray.cluster_utils import Cluster

    paths = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_DEDUP_LOGS", "0")
        patch.setenv("PYTHONPATH", ":".join(paths))
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        second = cluster.add_node(num_cpus=1)
        ray.init(address=cluster.address, log_to_driver=False)
        yield cluster, second
        ray.shutdown()
        cluster.shutdown()


def test_score_equals_that_of_one_process(nodes, tmp_path: Path) -> None:
    pairs = lines(4500)
    (tmp_path / "ref").write_text("".join(f"{ref}\n" for ref, _ in pairs), encoding="utf-8")
    (tmp_path / "hyp").write_text("".join(f"{hyp}\n" for _, hyp in pairs), encoding="utf-8")
    written = []
    for engine in ("local", "ray"):
        path = tmp_path / f"{engine}.json"
        arguments = [tmp_path / "ref", tmp_path / "hyp", "--engine", engine, "--json", path]
        CliRunner().invoke(
            command, [*map(str, arguments), "--utterance-results"], catch_exceptions=False
        )
        written.append(path.read_text(encoding="utf-8"))
    assert written[0] == written[1]


def test_labels_equal_those_of_one_process(nodes, tmp_path: Path) -> None:
    source = tmp_path / "lines.txt"
    written = "".join(f"{ref} kal ka meeting cancel ho gaya\n" for ref, _ in lines(4500))
    source.write_text(written, encoding="utf-8")
    labelled = []
    for engine in ("local", "ray"):
        path = tmp_path / f"{engine}.tsv"
        arguments = [str(source), "--engine", engine, "-o", str(path)]
        CliRunner().invoke(lid, arguments, catch_exceptions=False)
        labelled.append(path.read_bytes())
    assert labelled[0] == labelled[1]
    assert labelled[0].count(b"\n\n") == 4500


@pytest.mark.parametrize(
    ("name", "options"),
    [("normalize", ["--lang", "hi_en"]), ("judge", []), ("lid", [])],
)
@pytest.mark.parametrize("suffix", ["txt", "parquet"])
def test_filters_equal_those_of_one_process(
    nodes, tmp_path: Path, name: str, options: list[str], suffix: str
) -> None:
    pairs = lines(2100)
    source = tmp_path / f"in.{suffix}"
    if suffix == "txt":
        source.write_text("".join(f"{ref}\t{hyp}\n" for ref, hyp in pairs), encoding="utf-8")
    else:
        reference, hypothesis = zip(*pairs, strict=True)
        columns = {"reference": reference, "hypothesis": hypothesis, "text": reference}
        parquet.write_table(pyarrow.table(columns), source)
    written = []
    for engine in ("local", "ray"):
        target = tmp_path / f"{engine}.{suffix}"
        arguments = [str(source), *options, "--engine", engine, "-o", str(target)]
        CliRunner().invoke(
            import_module(f"cswitch.cli.{name}").command, arguments, catch_exceptions=False
        )
        is_text = suffix == "txt"
        written.append(target.read_bytes() if is_text else parquet.read_table(target))
    assert written[0] == written[1]


def test_an_error_in_a_worker_is_the_error_of_the_command(nodes) -> None:
    from cswitch.scale import cluster

    with pytest.raises(InputError, match=r"numbers\.txt:3: no such number"):
        list(cluster.ordered_map(cluster_work.refusing, [[3], [4]]))


def test_models_are_made_once_for_each_worker(nodes, tmp_path: Path) -> None:
    from cswitch.scale import cluster

    log = tmp_path / "made"
    workers = list(cluster.ordered_map(partial(cluster_work.slow_start, str(log)), [0.05] * 30))
    made = log.read_text().split()
    assert len(made) == len(set(made))
    assert {str(pid) for pid in workers} == set(made)


def test_a_killed_worker_costs_only_its_block(nodes, tmp_path: Path) -> None:
    from cswitch.scale import cluster

    work = partial(cluster_work.dying_once, str(tmp_path))
    assert list(cluster.ordered_map(work, range(12))) == [number**2 for number in range(12)]
    assert (tmp_path / "died").exists()


def test_parquet_files_get_new_columns_and_keep_their_order(nodes, tmp_path: Path) -> None:
    from cswitch.scale import cluster

    pairs = lines(300)
    for part in range(2):
        half = pairs[part::2]
        references, hypotheses = zip(*half, strict=True)
        table = pyarrow.table({"reference": references, "hypothesis": hypotheses})
        parquet.write_table(table, tmp_path / f"part-{part}.parquet")
    make = partial(batches.scorer, "hi_en")
    cluster.map_parquet(make, str(tmp_path / "part-*.parquet"), str(tmp_path / "out"), jobs=1)
    found = parquet.read_table(tmp_path / "out")
    ordered = pairs[0::2] + pairs[1::2]
    assert found["reference"].to_pylist() == [reference for reference, _ in ordered]
    expected = make()({name: found[name].to_pylist() for name in ("reference", "hypothesis")})
    assert found["corrected_errors"].to_pylist() == expected["corrected_errors"]


def test_a_lost_machine_costs_only_its_blocks(nodes, tmp_path: Path) -> None:
    from cswitch.scale import cluster

    machines, second = nodes
    log = tmp_path / "made"
    results = cluster.ordered_map(partial(cluster_work.slow_start, str(log)), [0.05] * 40)
    seen = [next(results) for _ in range(6)]
    machines.remove_node(second)
    assert len(seen + list(results)) == 40
