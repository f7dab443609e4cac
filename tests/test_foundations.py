"""Errors, files, tables, languages and tokens: what everything else stands on."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import regex
from click.testing import CliRunner

from cswitch import languages, resources, tokens
from cswitch.cli import cli
from cswitch.errors import InputError
from cswitch.files import atomic_write, read_lines

GOOD = "# Licence: Apache-2.0. Words.\nnative\tlatin\nकल\tkal\nकल\tkull\n"


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_gives_its_rows_in_order(tmp_path: Path) -> None:
    rows = resources.read_table(table(tmp_path, GOOD), ("native", "latin"))
    assert rows == [("कल", "kal"), ("कल", "kull")]


def test_escapes_are_resolved_and_notes_left_out(tmp_path: Path) -> None:
    text = "# Licence: x\nfrom\tto\tnote\n\\u200D\t\\u094D\tZERO WIDTH JOINER\na\tb\n"
    assert resources.read_table(table(tmp_path, text), ("from", "to")) == [
        ("\u200d", "\u094d"),
        ("a", "b"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (GOOD + "कल\tkal\n", 5, "stands in line 3 already"),
        (GOOD + "कल\n", 5, "1 columns where the header has 2"),
        (GOOD + "कल\t\n", 5, "empty or padded"),
        (GOOD + "कल\t kal\n", 5, "empty or padded"),
        (GOOD + "ऩ\tna\n".replace("ऩ", "\u0928\u093c"), 5, "not in NFC"),
        (GOOD.removeprefix("# Licence: Apache-2.0. Words.\n"), 1, "no licence line"),
        (GOOD.replace("latin", "roman"), 2, "the header is"),
        ("", None, "the table is empty"),
    ],
)
def test_a_bad_table_is_refused_with_file_and_line(
    tmp_path: Path, text: str, line: int | None, what: str
) -> None:
    path = table(tmp_path, text)
    with pytest.raises(InputError, match=what) as caught:
        resources.read_table(path, ("native", "latin"))
    assert (caught.value.path, caught.value.line) == (str(path), line)
    assert caught.value.remedy


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


def test_standard_input_has_a_name_in_messages() -> None:
    assert str(InputError("odd", path="-", line=5)) == "standard input:5: odd."


def test_a_reader_that_goes_away_ends_a_command_quietly(tmp_path: Path) -> None:
    path = tmp_path / "many.txt"
    path.write_text("ठीक\n" * 50_000, encoding="utf-8")
    command = ["normalize", str(path), "--lang", "hi"]
    with subprocess.Popen(
        [sys.executable, "-c", "from cswitch.cli import main; main()", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize(
    "command",
    [
        ["normalize", "-", "--lang", "hi"],
        ["judge", "-"],
        ["lid", "-"],
        ["transliterate", "-", "--from", "hi-Deva", "--to", "iso"],
        ["transliterate", "-", "--english", "as-is"],
    ],
)
def test_filters_write_the_same_to_a_file(tmp_path: Path, command: list[str]) -> None:
    text, path = "ठीक\tthik\n" if command[0] == "judge" else "ठीक\n", tmp_path / "out.txt"
    shown = CliRunner().invoke(cli, command, input=text)
    kept = CliRunner().invoke(cli, [*command, "-o", str(path)], input=text)
    assert (shown.exit_code, kept.exit_code, kept.stdout) == (0, 0, "")
    assert "ठीक" in shown.stdout
    assert path.read_text(encoding="utf-8") == shown.stdout


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


def test_every_tag_has_a_pair_and_resolves_to_it() -> None:
    assert languages.tags()
    for tag in languages.tags():
        pair = languages.resolve(str(tag))
        assert languages.resolve(pair.name).name == pair.name
        assert languages.resolve_tag(str(tag)) == tag


def test_unknown_languages_are_refused() -> None:
    for name in ("", "xx", "hi-Xxxx", "hi_fr", "Hindi"):
        with pytest.raises(InputError, match="unknown language"):
            languages.resolve(name)


def test_a_mistyped_language_is_told_the_nearest_one_and_the_list_in_short() -> None:
    with pytest.raises(InputError, match="Did you mean hi-Deva\\? Known are: as, bn, ") as caught:
        languages.resolve("hi-Dev")
    assert len(str(caught.value)) < 200


def test_every_script_is_recognised_by_its_letters() -> None:
    for script in languages.scripts():
        letter = next(
            chr(point)
            for point in range(0x41, 0x2000)
            if regex.match(rf"(?=\p{{Script={script}}})\p{{L}}", chr(point))
        )
        assert tokens.script_of(letter) == script


def test_tokens_never_split_a_cluster() -> None:
    words = ["क्‍ष", "सा़ड़ी", "क्‌ष", "രാജ്‍", "১ম", "don't"]
    line = " ".join(words)
    assert tokens.split(line) == words
    assert "".join(tokens.graphemes(line)) == line


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import cswitch; "
        "heavy = {'numpy', 'pynini', 'onnxruntime', 'jinja2', 'rich', 'kenlm', 'torch', 'regex'}; "
        "print(sorted(heavy & set(sys.modules)), time.perf_counter() - start)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded, seconds = done.stdout.rsplit(maxsplit=1)
    assert loaded == "[]"
    assert float(seconds) < 0.3
