"""Files and pipes: what is read is surely text, what is written is surely whole."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cswitch.errors import InputError
from cswitch.files import atomic_write, binary_output, expand, read_lines


def test_bytes_that_are_not_utf8_are_refused_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "latin1.txt"
    path.write_bytes("ठीक\ncafé\n".encode().replace("é".encode(), b"\xe9"))
    with pytest.raises(InputError, match=r"latin1\.txt:2: byte 0xe9 at column 4 is not UTF-8"):
        list(read_lines(path))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("घर\n".encode("utf-16"), "line:1: byte 0xff .*iconv -f UTF-16 -t UTF-8"),
        ("home\n".encode("utf-16-le"), "line:1: it has NUL bytes.*iconv -f UTF-16 -t UTF-8"),
        (gzip.compress("घर\n".encode()), "line:1: byte 0x8b .*gunzip"),
    ],
)
def test_what_other_files_are_is_guessed(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "line"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=message):
        list(read_lines(path))


def test_lines_end_only_at_line_feeds(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes("\ufeffa\u2028b\r\nc\x0bd".encode())
    assert list(read_lines(path)) == ["a\u2028b", "c\x0bd"]


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        list(read_lines(tmp_path / "nothing"))


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic_write(path) as out:
        out.write("new")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["out.txt"]


def test_a_finished_write_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    with atomic_write(path) as out:
        out.write("नया\n")
    assert path.read_text(encoding="utf-8") == "नया\n"


def test_a_folder_is_not_written_to(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write: it is a folder"), atomic_write(tmp_path):
        pass


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    link, path = tmp_path / "link", tmp_path / "out.txt"
    link.symlink_to(path)
    with atomic_write(link) as out:
        out.write("new")
    assert link.is_symlink()
    assert path.read_text() == "new"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        with atomic_write(pipe) as out:
            out.write("नया\n")
        assert reader.communicate()[0] == "नया\n"
    assert pipe.is_fifo()


@pytest.mark.parametrize("target", ["/dev/full", "out.txt"])
def test_a_full_disk_ends_a_command_with_one_line(tmp_path: Path, target: str) -> None:
    (tmp_path / "many.txt").write_text("ठीक\n" * 5_000, encoding="utf-8")
    command = f"normalize many.txt --lang hi -o {'- >' if target == '/dev/full' else ''}{target}"
    start = f"{sys.executable} -c 'from cswitch.cli import main; main()'"
    # A limit on the size of files stands for the end of the disk.
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 8; {start} {command}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert re.fullmatch(r"cswitch: .*cannot write: .*\. Make room for it.*\n", done.stderr)
    assert [path.name for path in tmp_path.iterdir()] == ["many.txt"]


def test_a_pattern_is_read_as_one_text(place: str) -> None:
    for name in ("b", "a"):
        with atomic_write(f"{place}/{name}.txt") as out:
            out.write(f"{name}1\n{name}2\n")
    assert list(read_lines(f"{place}/[ab].txt")) == ["a1", "a2", "b1", "b2"]
    assert list(read_lines(Path(f"{place}/*.txt"))) == ["a1", "a2", "b1", "b2"]
    with pytest.raises(InputError, match="no file matches"):
        list(read_lines(f"{place}/c*.txt"))


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "what [1]?.txt"
    path.write_text("घर\n", encoding="utf-8")
    assert expand(path) == [str(path)]
    assert list(read_lines(path)) == ["घर"]


def test_files_elsewhere_are_read_and_appear_whole_or_not_at_all() -> None:
    fsspec = pytest.importorskip("fsspec")
    with atomic_write("memory://bucket/lines") as out:
        out.write("घर\nhome\n")
    assert list(read_lines(Path("memory://bucket/lines"))) == ["घर", "home"]
    with pytest.raises(KeyError), atomic_write("memory://bucket/half") as out:
        out.write("घर\n")
        raise KeyError
    assert not fsspec.filesystem("memory").exists("/bucket/half")
    with pytest.raises(InputError, match="cannot read"):
        list(read_lines("memory://bucket/missing"))


def test_bytes_go_into_a_pipe_but_not_onto_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    writing = "from cswitch.files import binary_output\n"
    writing += "with binary_output('-') as path: path.write_bytes(bytes([255, 0]))"
    piped = subprocess.run([sys.executable, "-c", writing], capture_output=True, check=True)
    assert piped.stdout == b"\xff\x00"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with pytest.raises(InputError, match="terminal"), binary_output("-"):
        pass
