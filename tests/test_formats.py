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
def test_lines_that_begin_with_names_are_kaldi_texts(write, text):
    ref = write("ref", text)
    assert formats.load(ref, [ref]).formats == ("kaldi", "kaldi")


def test_a_format_that_is_given_is_not_detected(write):
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


# --- the other formats ------------------------------------------------------------------------


def test_trn_names_stand_in_parentheses_and_hold_the_speaker(write):
    ref = write("ref.trn", ";; a comment\nfancy साड़ी (asha-001)\n(ravi_002)\n(x) दो (ravi_003)\n")
    hyp = write("hyp", "एक (ravi_002)\ntwo (ravi_003)\nfancy Sadi   (asha-001)\n")
    corpus = formats.load(ref, [hyp])
    assert corpus.formats == ("trn", "trn")
    assert list(corpus) == [
        Row("asha-001", "fancy साड़ी", ("fancy Sadi",), {"speaker": "asha"}),
        Row("ravi_002", "", ("एक",), {"speaker": "ravi"}),
        Row("ravi_003", "(x) दो", ("two",), {"speaker": "ravi"}),
    ]


STM = """;; CATEGORY "0" "" ""
rec1 1 asha 0.00 2.50 <o,f0> fancy साड़ी दिखाइए
rec1 1 ravi 2.5 4 <o,f1> IGNORE_TIME_SEGMENT_IN_SCORING
rec1 1 ravi 4.0 6.0 <o,f1> हाँ जी
rec1 1 asha 7.0 8.0 <o,f0>
"""


def test_stm_segments_are_named_by_file_channel_and_times(write):
    ref, hyp = write("ref.stm", STM), write("hyp.stm", STM.replace("साड़ी", "Sadi"))
    corpus = formats.load(ref, [hyp])
    assert corpus.formats == ("stm", "stm")
    assert list(corpus) == [
        Row(
            "rec1-1-00000.000-00002.500",
            "fancy साड़ी दिखाइए",
            ("fancy Sadi दिखाइए",),
            {"recording": "rec1", "speaker": "asha", "label": "o,f0"},
        ),
        Row(
            "rec1-1-00004.000-00006.000",
            "हाँ जी",
            ("हाँ जी",),
            {"recording": "rec1", "speaker": "ravi", "label": "o,f1"},
        ),
        Row(
            "rec1-1-00007.000-00008.000",
            "",
            ("",),
            {"recording": "rec1", "speaker": "asha", "label": "o,f0"},
        ),
    ]


CTM = """rec1 1 0.10 0.30 fancy 0.9
rec1 1 1.00 0.50 dikhaiye 0.5
rec1 1 0.50 0.30 Sadi NA
rec1 1 3.00 0.20 गुप्त 1
rec1 1 6.20 0.30 जी
rec1 1 4.00 0.30 हाँ
"""


@pytest.mark.parametrize("format", ["auto", "stm"])
def test_ctm_words_go_to_the_segment_of_their_time_and_none_is_lost(write, format):
    corpus = formats.load(write("ref", STM), [write("hyp", CTM)], format=format)
    assert corpus.formats == ("stm", "ctm")
    assert [row.hypotheses[0] for row in corpus] == ["fancy Sadi dikhaiye", "हाँ जी", ""]


def test_ctm_against_ctm_joins_each_channel(write):
    rows = list(formats.load(write("ref", CTM), [write("hyp", CTM)]))
    assert rows == [
        Row(
            "rec1-1",
            "fancy Sadi dikhaiye गुप्त हाँ जी",
            ("fancy Sadi dikhaiye गुप्त हाँ जी",),
            {"recording": "rec1"},
        )
    ]


def test_seglst_segments_are_named_as_well_as_can_be(write):
    one = '[{"session_id": "s1", "words": "एक", "speaker": "asha", "start_time": 0, "end_time": 1}]'
    more = ', {"session_id": "s1", "words": "दो", "speaker": "ravi", "start_time": 2.5}]'
    two = one[:-1] + more
    corpus = formats.load(write("one.json", one), [write("hyp.json", one)])
    assert corpus.formats == ("seglst", "seglst")
    assert list(corpus) == [Row("s1", "एक", ("एक",), {"session_id": "s1", "speaker": "asha"})]
    both = write("two.json", two)
    assert [row.id for row in formats.load(both, [both])] == ["s1-asha-0", "s1-ravi-2.5"]


def test_a_nemo_manifest_holds_both_sides(write):
    manifest = write(
        "manifest.json",
        '{"audio_filepath": "a.wav", "duration": 1.5, "text": "साड़ी", "pred_text": "Sadi",'
        ' "lang": "hi"}\n'
        '{"audio_filepath": "b.wav", "duration": 2, "text": "", "pred_text": "हाँ", "lang": "hi"}\n',
    )
    expected = [
        Row("a.wav", "साड़ी", ("Sadi",), {"lang": "hi"}),
        Row("b.wav", "", ("हाँ",), {"lang": "hi"}),
    ]
    assert rows(manifest, []) == rows(manifest, [manifest]) == expected
    named = formats.load(manifest, [], reference_field="pred_text", hypothesis_fields=["text"])
    assert [row.reference for row in named] == ["Sadi", "हाँ"]


def test_segments_of_one_recording_are_told_apart_by_their_offset(write):
    line = '{"audio_filepath": "a.wav", "offset": %s, "text": "a", "pred_text": "b"}\n'
    manifest = write("manifest.json", line % "0.0" + line % "2.5")
    assert [row.id for row in formats.load(manifest, [])] == ["a.wav@0.0", "a.wav@2.5"]


def test_jsonl_hypotheses_of_their_own_may_be_called_text(write):
    ref = write("ref.jsonl", '{"id": 1, "text": "एक"}\n\n{"id": 2, "text": "दो"}\n')
    hyp = write("hyp.jsonl", '{"id": 2, "text": "two"}\n{"id": 1, "text": "one"}\n')
    assert [row.hypotheses for row in formats.load(ref, [hyp])] == [("one",), ("two",)]


TABLE = (
    "id,speaker,reference,whisper,wav2vec\n"
    'u1,asha,"fancy, साड़ी","fancy, ""Sadi""",fancy\n'
    'u2,ravi,दो,"two\nlines",तो\n'
    "u3,ravi,तीन,three,तीन\n"
)


def test_columns_of_a_table_are_systems_and_the_others_groups(write):
    table = write("table.csv", TABLE)
    corpus = formats.load(table, [], hypothesis_fields=["whisper", "wav2vec"])
    assert corpus.systems == ("whisper", "wav2vec")
    first, second, _ = corpus
    assert first.reference == "fancy, साड़ी"
    assert first.hypotheses == ('fancy, "Sadi"', "fancy")
    assert first.metadata["speaker"] == "asha"
    assert second.hypotheses == ("two\nlines", "तो")


def test_tabs_separate_without_quotes(write):
    table = write("table.tsv", 'reference\thypothesis\tdomain\n"एक\tone "\tnews\n')
    assert rows(table, []) == [Row("2", '"एक', ('one "',), {"domain": "news"})]


def test_a_dataset_on_disk_is_read_and_a_folder_of_splits_refused(tmp_path):
    pa = pytest.importorskip("pyarrow")
    folder = tmp_path / "test"
    folder.mkdir()
    table = pa.table(
        {
            "text": ["एक", "दो"],
            "pred_text": ["one", "दो"],
            "speaker": ["a", "b"],
            "audio": [{"bytes": b"x"}, {"bytes": b"y"}],
        }
    )
    with (
        pa.OSFile(str(folder / "data.arrow"), "wb") as out,
        pa.ipc.new_stream(out, table.schema) as stream,
    ):
        stream.write_table(table)
    (folder / "state.json").write_text('{"_data_files": [{"filename": "data.arrow"}]}')
    corpus = formats.load(folder, [])
    assert corpus.formats == ("dataset", "dataset")
    assert list(corpus) == [
        Row("1", "एक", ("one",), {"speaker": "a"}),
        Row("2", "दो", ("दो",), {"speaker": "b"}),
    ]
    with pytest.raises(InputError, match=r"not a dataset on disk\. Name one of its splits: test"):
        formats.load(tmp_path, []).rows.__next__()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.trn", "एक (a-1)\nदो\n", r"x\.trn:2: no name in parentheses"),
        ("x.trn", "{ एक / one } (a-1)\n", r"x\.trn:1: alternatives .* not supported"),
        ("x.jsonl", '{"text": "a"}\n{"text": }\n', r"x\.jsonl:2: not JSON: Expecting value"),
        ("x.jsonl", '{"text": "a"}\n[1]\n', r"x\.jsonl:2: not a JSON object"),
        ("x.jsonl", '{"text": "a"}\n{"text": 3}\n', r"x\.jsonl:2: 'text' is no text but 3"),
        ("x.jsonl", '{"id": "1", "said": "a"}\n', r"x\.jsonl:1: no reference among the columns id"),
        ("x.csv", "text,lang\nएक\n", r"x\.csv:2: 1 cells where the header has 2"),
        ("x.csv", 'text,b\n1,2\n"x,y\n', r"x\.csv:3: not a row: unexpected end of data"),
        ("x.csv", "text,text\na,b\n", r"x\.csv:1: a column stands there twice"),
        ("x.tsv", "एक\tone\nदो\ttwo\n", r"x\.tsv:1: the first row does not name a column"),
        ("x.csv", "text\ra\rb\n", r"x\.csv:1: not a row: .*\. End lines with LF"),
        ("x.json", '[{"session_id": "a"}]', r"x\.json:1: a segment has no words"),
        ("x.json", '[\n{"words": "a"}]', r"x\.json:2: a segment has no session_id"),
        ("x.json", '[{"words": "a", "session_id": []}]', r"x\.json:1: a session_id is no text"),
        ("x.json", '[{"session_id": "a"\n', r"x\.json:1: not JSON"),
        ("x.json", '{\n"text": "a"\n}\n', r"x\.json:1: not JSON"),
        ("x.json", "[" * 100_000, r"x\.json:1: not JSON: nested too deeply"),
        ("x.jsonl", '{"text": "\\ud83d"}\n', r"x\.jsonl:1: not JSON: half of a surrogate pair"),
        ("x.stm", "rec1 1 asha 0 x एक\n", r"x\.stm:1: not a segment"),
        ("x.ctm", "rec1 1 0.1 0.2 a\nrec1 1 b\n", r"x\.ctm:2: not a word with its time"),
        ("x.ctm", "a 1 0 1 x\nb 1 0 1 x\na 1 1 1 y\n", r"x\.ctm:3: more words of a, channel 1"),
    ],
)
def test_bad_files_say_what_is_wrong_and_where(write, name, text, message):
    with pytest.raises(InputError, match=message):
        rows(write(name, text), [write(f"other-{name}", text)])


def test_a_transcript_may_begin_with_a_quote(write):
    ref = write("ref", '"हाँ" कहा, फिर\n')
    assert [row.reference for row in rows(ref, [ref])] == ['"हाँ" कहा, फिर']


def test_a_suffix_settles_what_words_with_times_are(write):
    ref, hyp = (
        write("ref.stm", "rec1 1 asha 0 5 दो 3\n"),
        write("hyp.ctm", "rec1 1 0.1 0.5 5 0.9\n"),
    )
    corpus = formats.load(ref, [hyp])
    assert corpus.formats == ("stm", "ctm")
    assert [row.hypotheses for row in corpus] == [("5",)]


def test_bad_lines_are_told_where_the_format_is_given(write):
    with pytest.raises(InputError, match=r"bad:2: not a segment"):
        rows(write("bad", STM.splitlines()[1] + "\nrec1 1\n"), [write("x", STM)], format="stm")
    with pytest.raises(InputError, match=r"hyp:1: the reference has no segment of rec9"):
        rows(write("ref", STM), [write("hyp", "rec9 1 0 1 x\n")])


@pytest.mark.parametrize(
    "text",
    [
        "id\tspeaker\nu_2\travi\nu_1\tasha\n",
        "u_1 asha\nu_2 ravi\n",
        "utt,speaker\nu_1,asha\nu_2,ravi\n",
    ],
)
def test_metadata_may_stand_in_a_file_of_its_own(write, text):
    ref = write("ref", "u_1 a\nu_2 b\n")
    found = rows(ref, [ref], metadata=write("metadata", text))
    assert [row.metadata for row in found] == [{"speaker": "asha"}, {"speaker": "ravi"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("u_1 asha\n", r"metadata: nothing about the utterance 'u_2'"),
        ("u_1 asha\nu_1 ravi\n", r"metadata:2: the utterance 'u_1' stands in line 1 already"),
        ("u_1 asha\nu_2\n", r"metadata:2: neither a table with a column 'id' nor"),
        ("id,speaker\nu_1\n", r"metadata:2: 1 cells where the header has 2"),
    ],
)
def test_metadata_that_do_not_fit_are_told_with_their_line(write, text, message):
    ref = write("ref", "u_1 a\nu_2 b\n")
    with pytest.raises(InputError, match=message):
        rows(ref, [ref], metadata=write("metadata", text))


def test_a_lone_file_of_references_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("एक\nदो\n", encoding="utf-8")
    with pytest.raises(InputError, match="there is no hypothesis"):
        formats.load(path, [])


def test_one_repeated_name_in_kaldi_text_is_reported_as_such(tmp_path: Path) -> None:
    path = tmp_path / "text"
    names = [f"utt_{number}" for number in range(30)]
    path.write_text("".join(f"{name} a\n" for name in [*names, "utt_3"]), encoding="utf-8")
    with pytest.raises(InputError, match="the utterance 'utt_3' stands in line 4 already"):
        list(formats.load(path, [path]))
