"""Parquet, and what is elsewhere, as input and output of commands."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from mixed_lines import lines

from cswitch import formats
from cswitch.errors import InputError
from cswitch.files import atomic_binary, atomic_write, open_binary, read_lines
from cswitch.scale import batches

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("fsspec")

PAIRS = [*lines(40), ("डिस्कवरी", "discovery"), ("घर", "")]
COUNT = 2500  # more than a block


def invoke(name: str, *arguments: object) -> str:
    command = import_module(f"cswitch.cli.{name}").command
    done = CliRunner().invoke(command, list(map(str, arguments)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def write(path: str | Path, first: int, last: int) -> None:
    """Rows of a table: names, texts, their judgements, and something that is no text."""
    rows = [PAIRS[number % len(PAIRS)] for number in range(first, last)]
    table = pa.table(
        {
            "id": [f"utt_{number}" for number in range(first, last)],
            "audio": pa.array([b"\xff\x00"] * len(rows)),
            "reference": [reference for reference, _ in rows],
            "hypothesis": pa.array([hypothesis for _, hypothesis in rows], pa.large_string()),
        }
    )
    with atomic_binary(path) as out:
        parquet.write_table(table, out)


def read(path: str | Path) -> object:
    with open_binary(path) as stream:
        return parquet.read_table(stream)


@pytest.mark.parametrize("jobs", [1, 2])
def test_commands_add_columns_to_tables(place: str, jobs: int) -> None:
    write(f"{place}/in-0.parquet", 0, COUNT)
    write(f"{place}/in-1.parquet", COUNT, COUNT + 10)
    source, target = f"{place}/in-*.parquet", f"{place}/out.parquet"
    whole = {
        side: [PAIRS[number % len(PAIRS)][k] for number in range(COUNT + 10)]
        for k, side in enumerate(("reference", "hypothesis"))
    }
    options = ["--jobs", jobs, "-o", target]
    invoke("judge", source, *options)
    found = read(target).to_pydict()
    assert list(found) == ["id", "audio", *whole, "verdict", "kind", "probability", "evidence"]
    assert found["id"] == [f"utt_{number}" for number in range(COUNT + 10)]
    expected = batches.judge()(whole)
    assert {name: found[name] for name in expected} == expected
    invoke("normalize", source, "--lang", "hi_en", "--field", "hypothesis", *options)
    found = read(target)
    assert found.schema.names == ["id", "audio", *whole]
    cleaned = batches.normalizer("hi_en", "hypothesis")(whole)["hypothesis"]
    assert found["hypothesis"].to_pylist() == cleaned


def test_a_table_gets_the_languages_of_its_tokens(tmp_path: Path) -> None:
    table = pa.table({"text": ["text बॉक्स पर", ""]})
    parquet.write_table(table, tmp_path / "in.parquet")
    invoke("lid", tmp_path / "in.parquet", "-o", tmp_path / "out.parquet")
    found = parquet.read_table(tmp_path / "out.parquet").to_pydict()
    assert found["languages"] == [["en", "en", "hi"], []]
    assert found["tokens"] == [["text", "बॉक्स", "पर"], []]


def test_scores_of_a_table_are_those_of_text(place: str) -> None:
    write(f"{place}/a.parquet", 0, COUNT)
    write(f"{place}/b.parquet", COUNT, COUNT + 10)
    for side in (0, 1):
        with atomic_write(f"{place}/{side}.txt") as out:
            rows = range(COUNT + 10)
            out.writelines(f"utt_{n} {PAIRS[n % len(PAIRS)][side]}\n" for n in rows)
    from_table = json.loads(invoke("score", f"{place}/?.parquet", "--json", "-"))
    from_text = json.loads(invoke("score", f"{place}/0.txt", f"{place}/1.txt", "--json", "-"))
    for result in (from_table, from_text):
        result["systems"][0].pop("name")
    assert from_table == from_text
    assert formats.load(f"{place}/a.parquet", []).formats == ("parquet", "parquet")


def test_audio_and_posteriors_elsewhere_are_found(place: str) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    posteriors = np.log(np.full((20, 3), 1 / 3, np.float32))
    for name in ("a", "b"):
        with atomic_binary(f"{place}/{name}.wav") as out:
            soundfile.write(out, noise, 16_000, format="WAV")
        with atomic_binary(f"{place}/{name}.npz") as out:
            np.savez(out, posteriors=posteriors)
    with atomic_write(f"{place}/labels.txt") as out:
        out.write("<blank>\nघ\nर\n")
    invoke("transcribe", f"{place}/*.wav", "--greedy", "-o", f"{place}/out.jsonl")
    found = [json.loads(line) for line in read_lines(f"{place}/out.jsonl")]
    assert [line["audio_filepath"].rpartition("/")[2] for line in found] == ["a.wav", "b.wav"]
    assert found[0]["audio_filepath"].startswith(place[:9])
    assert found[0]["duration"] == 0.5
    labels = ["--labels", f"{place}/labels.txt", "--greedy"]
    invoke("decode", f"{place}/?.npz", *labels, "-o", f"{place}/out.jsonl")
    assert [json.loads(line)["id"] for line in read_lines(f"{place}/out.jsonl")] == ["a", "b"]


def test_tables_that_cannot_be_read_or_written_are_bad_input(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no table")
    parquet.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "empty.parquet")
    write(tmp_path / "some.parquet", 0, 5)
    out = ["-o", str(tmp_path / "out.parquet")]
    for arguments, message in (
        (["text.parquet", *out], r"text\.parquet: cannot be read as Parquet"),
        (["empty.parquet", *out], "no rows"),
        (["some.parquet", *out], "there is no column 'text'"),
        (["some.parquet", "--field", "id"], "a table is no text"),
        (["some.parquet", "--report", *out], "Leave out --report"),
    ):
        with pytest.raises(InputError, match=message):
            invoke("normalize", tmp_path / arguments[0], *arguments[1:], "--lang", "hi")
    assert not (tmp_path / "out.parquet").exists()


def test_commands_for_much_input_may_run_on_a_cluster() -> None:
    for name in ("score", "normalize", "lid", "judge", "transcribe", "decode"):
        command = import_module(f"cswitch.cli.{name}").command
        engine = next(each for each in command.params if each.name == "engine")
        assert "ray" in engine.type.choices
