"""Reading references and hypotheses: formats, detection, joining, clear errors."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from cswitch import formats
from cswitch.errors import InputError
from cswitch.formats import Row


@pytest.fixture
def write(tmp_path):
    def write(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def rows(*args, **kwargs) -> list[Row]:
    return list(formats.load(*args, **kwargs))


def test_plain_lines_are_joined_by_place_and_empty_lines_kept(write):
    corpus = formats.load(write("ref.txt", "fancy साड़ी\n\nx\n"), [write("a.txt", "Sadi\ny\n\n")])
    assert corpus.formats == ("plain", "plain")
    assert list(corpus) == [
        Row("1", "fancy साड़ी", ("Sadi",)),
        Row("2", "", ("y",)),
        Row("3", "x", ("",)),
    ]


def test_kaldi_texts_are_joined_by_name_in_the_order_of_the_reference(write):
    ref = write("ref", "utt-1 fancy  साड़ी\nutt-2\tएक\nutt-3\n")
    hyp = write("hyp", "utt-3 दो\nutt-2\nutt-1 Sadi\n")
    corpus = formats.load(ref, [hyp])
    assert corpus.formats == ("kaldi", "kaldi")
    assert list(corpus) == [
        Row("utt-1", "fancy  साड़ी", ("Sadi",)),
        Row("utt-2", "एक", ("",)),
        Row("utt-3", "", ("दो",)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "mp3 file खोलो\n",
        "10 people came\n",
        "2021 में\n10 लोग\n",
        "fancy साड़ी\nfancy dress\n",
        "",
        "a-b c\nd-e f\n",
    ],
)
def test_transcripts_that_begin_like_a_name_stay_plain(write, text):
    ref = write("ref", text + "और\n")
    assert formats.load(ref, [ref]).formats == ("plain", "plain")


@pytest.mark.parametrize("text", ["utt_1 a b\n", "spk1 a\nspk2 a\n", "001 a\n002 b\n003 c\n"])
def test_names_are_recognized(write, text):
    ref = write("ref", text)
    assert formats.load(ref, [ref]).formats == ("kaldi", "kaldi")


def test_the_format_can_be_said(write):
    ref = write("ref", "एक दो\nतीन चार\n")
    assert [row.id for row in formats.load(ref, [ref], format="kaldi")] == ["एक", "तीन"]
    with pytest.raises(InputError, match=r"unknown format 'trm'.*kaldi"):
        formats.load(ref, [ref], format="trm")


def test_systems_are_named_by_what_tells_them_apart(write, tmp_path):
    ref = write("ref.txt", "a\n")
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    paths = [write("one/hyp.txt", "a\n"), write("two/hyp.txt", "b\n")]
    assert formats.load(ref, [write("x.txt", "a\n"), write("y.txt", "a\n")]).systems == ("x", "y")
    assert formats.load(ref, paths).systems == tuple(map(str, paths))
    assert formats.load(ref, [ref, ref]).systems == (f"{ref} (1)", f"{ref} (2)")


@pytest.mark.parametrize(
    ("ref", "hyp", "message"),
    [
        ("a\nb\nc\n", "a\n", r"hyp:2: 1 utterances, but .*ref has 3\. Both need one line"),
        ("a\n", "a\nb\nc\n", r"hyp:2: 3 utterances, but .*ref has 1\. "),
        ("", "", r"ref: there are no utterances\. "),
        ("u_1 a\nu_2 b\n", "a\nb\n", r"hyp: no utterance names \(plain\), but .*ref has some"),
        ("a\nb\n", "u_1 a\nu_2 b\n", r"ref: no utterance names \(plain\), but .*hyp has some"),
        ("u_1 a\nu_2 b\n", "u_1 a\n", r"hyp: no utterance 'u_2', which stands in .*ref:2\."),
        ("u_1 a\n", "u_1 a\nu_3 b\n", r"hyp:2: the utterance 'u_3' is not in .*ref\. "),
        (b"a\n\xff\n", "a\nb\n", r"ref:2: byte 0xff at column 1 is not UTF-8\. Convert"),
    ],
)
def test_bad_input_says_file_line_and_remedy(write, ref, hyp, message):
    with pytest.raises(InputError, match=message):
        rows(write("ref", ref), [write("hyp", hyp)])


def test_a_name_that_stands_twice_is_an_error(write):
    ref = write("ref", "u_1 a\nu_1 b\n")
    with pytest.raises(InputError, match=r"ref:2: the utterance 'u_1' stands in line 1 already"):
        rows(ref, [ref], format="kaldi")


def test_standard_input_is_read_once(write, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"b\n")))
    ref = write("ref", "a\n")
    corpus = formats.load(ref, ["-"])
    assert corpus.systems == ("standard input",)
    assert list(corpus) == [Row("1", "a", ("b",))]
    with pytest.raises(InputError, match="only once"):
        formats.load("-", ["-"])


def test_files_in_the_same_order_are_streamed(write):
    text = "".join(f"utt_{number} x\n" for number in range(100_000))
    corpus = formats.load(write("ref", text), [write("hyp", text)])
    assert next(corpus.rows).id == "utt_0"
