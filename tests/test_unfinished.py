"""Results of a run that was broken off are found again, whole, and by the same run only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cswitch.errors import InputError
from cswitch.scale.unfinished import Unfinished

SETTINGS = {"beam": 8, "models": [["a.onnx", 3]]}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def part(output: Path) -> Path:
    return Path(f"{output}.part")


def begin(output: Path) -> None:
    with Unfinished(output, SETTINGS) as lines:
        lines.add("a", "क\n")
        lines.add("b\nc", "two")


def test_lines_are_kept_until_the_output_is_written(output: Path) -> None:
    begin(output)
    assert part(output).exists() and not output.exists()
    with Unfinished(output, SETTINGS) as lines:
        assert len(lines) == 2 and "b\nc" in lines and "d" not in lines
        lines.add("d", "three")
        lines.finish(["d", "b\nc", "b\nc"])
    assert output.read_text("utf-8") == "three\ntwo\ntwo\n"
    assert not part(output).exists()


def test_nothing_is_left_where_nothing_was_done(output: Path) -> None:
    with Unfinished(output, SETTINGS):
        assert part(output).exists()
    assert not part(output).exists()


def test_an_error_leaves_what_was_done(output: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Unfinished(output, SETTINGS) as lines:
        lines.add("a", "one")
        raise KeyboardInterrupt
    with Unfinished(output, SETTINGS) as lines:
        assert "a" in lines


@pytest.mark.parametrize("missing", [1, 2, 8])
def test_a_line_that_was_cut_off_counts_for_nothing(output: Path, missing: int) -> None:
    begin(output)
    part(output).write_bytes(part(output).read_bytes()[:-missing])
    with Unfinished(output, SETTINGS) as lines:
        assert "a" in lines and "b\nc" not in lines
        lines.add("d", "three")
        lines.finish(["a", "d"])
    assert output.read_text("utf-8") == "क\n\nthree\n"


@pytest.mark.parametrize("content", [b"", b"mine\n", b"3\n", b"\xff\n"])
def test_a_file_of_another_kind_is_not_touched(output: Path, content: bytes) -> None:
    part(output).write_bytes(content)
    with pytest.raises(InputError, match=r"out\.jsonl\.part: has results of an unfinished run"):
        Unfinished(output, SETTINGS)
    assert part(output).read_bytes() == content


def test_results_of_other_settings_are_refused_and_kept(output: Path) -> None:
    begin(output)
    before = part(output).read_bytes()
    with pytest.raises(InputError, match="with other options, or with other models"):
        Unfinished(output, {**SETTINGS, "beam": 9})
    assert part(output).read_bytes() == before
    assert json.loads(before.splitlines()[0]) == SETTINGS


def test_a_folder_that_cannot_be_written_to_is_found_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        Unfinished(tmp_path / "none" / "out", SETTINGS)
