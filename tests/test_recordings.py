"""Files, patterns, folders and manifests become recordings, in order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cswitch.errors import InputError
from cswitch.recognition.recordings import Recording, find


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    for name in ("b.wav", "a.FLAC", "notes.txt", "features.npy", "deep/c.mp3"):
        (tmp_path / name).touch()
    return tmp_path


def names(*paths: object) -> list[str]:
    return [recording.name for recording in find(map(str, paths))]


def test_files_come_as_they_are_named(folder: Path) -> None:
    wanted = [str(folder / "b.wav"), "missing.wav", str(folder / "b.wav")]
    assert names(*wanted) == wanted


def test_a_pattern_is_what_it_matches(folder: Path) -> None:
    assert names(folder / "*.wav", folder / "*" / "*.mp3") == [
        str(folder / "b.wav"),
        str(folder / "deep" / "c.mp3"),
    ]
    with pytest.raises(InputError, match="no file matches"):
        names(folder / "*.ogg")


def test_a_folder_is_the_audio_in_it(folder: Path) -> None:
    assert names(folder) == [str(folder / name) for name in ("a.FLAC", "b.wav", "deep/c.mp3")]


def test_a_folder_without_audio_is_refused(folder: Path) -> None:
    (folder / "deep" / "c.mp3").unlink()
    with pytest.raises(InputError, match="deep: there is no audio in this folder"):
        names(folder / "deep")


def test_a_manifest_names_audio_beside_it_and_anywhere(folder: Path) -> None:
    entries = ["b.wav", str(folder / "a.FLAC"), "s3://bucket/d.wav"]
    manifest = folder / "manifest.jsonl"
    lines = [json.dumps({"audio_filepath": entry, "text": "x"}) for entry in entries]
    manifest.write_text("\n\n".join(lines) + "\n\n", "utf-8")
    assert list(find([manifest])) == [
        Recording(folder / "b.wav", "b.wav", manifest=manifest, line=1),
        Recording(folder / "a.FLAC", str(folder / "a.FLAC"), manifest=manifest, line=3),
        Recording(Path("s3://bucket/d.wav"), "s3://bucket/d.wav", manifest=manifest, line=5),
    ]


@pytest.mark.parametrize(
    ("entry", "part"),
    [
        ({"offset": 1.5, "duration": 2}, (1.5, 2)),
        ({"offset": 0, "duration": 2.5}, (0, 2.5)),
        ({"offset": 3.0}, (3.0, None)),
        ({"offset": 3.0, "duration": 0}, (3.0, None)),
        ({"offset": 3.0, "duration": None}, (3.0, None)),
        # Without an offset, a duration is what somebody believed the file to have.
        ({"duration": 2.5}, (None, None)),
        ({"duration": 2.5, "offset": None}, (None, None)),
    ],
)
def test_a_line_with_an_offset_is_about_a_part(
    folder: Path, entry: dict[str, float], part: tuple[float, float]
) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"audio_filepath": "b.wav", **entry}), "utf-8")
    (found,) = find([manifest])
    assert (found.offset, found.seconds) == part
    assert (found.part.start, found.part.seconds) == (part[0] or 0.0, part[1])


def test_a_manifest_may_name_audio_from_where_one_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = folder / "deep" / "manifest.json"
    manifest.write_text('{"audio_filepath": "deep/c.mp3"}\n{"audio_filepath": "c.mp3"}', "utf-8")
    monkeypatch.chdir(folder)
    assert [one.path for one in find([manifest])] == [Path("deep/c.mp3"), folder / "deep/c.mp3"]
    monkeypatch.chdir("/")
    assert next(find([manifest])).path == folder / "deep/deep/c.mp3"


def test_parts_of_a_file_are_told_apart() -> None:
    parts = [Recording(Path("a/b.wav"), "b", offset) for offset in (None, 0, 1.5)]
    assert len({one.key for one in parts}) == 3
    assert [one.stem for one in parts] == ["b", "b@0", "b@1.5"]


def test_hidden_files_are_no_recordings(folder: Path) -> None:
    for name in ("._b.wav", "deep/.c.mp3.x1.mp3"):
        (folder / name).touch()
    assert len(names(folder)) == 3


def test_audio_that_cannot_be_read_is_not_passed_over(folder: Path) -> None:
    (folder / "d.m4a").touch()
    assert str(folder / "d.m4a") in names(folder)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("3", "the line names no audio"),
        ('{"text": "x"}', "the line names no audio"),
        ('{"audio_filepath": 3}', "the line names no audio"),
        ('{"audio_filepath": "b.wav", "offset": -1.5}', "offset is -1.5. Give offset and duration"),
        ('{"audio_filepath": "b.wav", "offset": "3"}', "offset is '3'"),
        ('{"audio_filepath": "b.wav", "offset": NaN}', "offset is nan"),
        ('{"audio_filepath": "b.wav", "offset": 0, "duration": -2}', "duration is -2"),
        ('{"audio_filepath": "b.wav", "offset": 0, "duration": Infinity}', "duration is inf"),
    ],
)
def test_a_wrong_manifest_line_is_named(folder: Path, line: str, message: str) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text('{"audio_filepath": "b.wav"}\n' + line, "utf-8")
    with pytest.raises(InputError, match=rf"manifest\.json:2: {message}"):
        names(manifest)


@pytest.mark.parametrize(
    ("name", "audio"), [("a.wav", True), ("a.npz", False), ("a.NPY", False), ("a", True)]
)
def test_posteriors_are_no_audio(name: str, audio: bool) -> None:
    assert Recording(Path(name), name).is_audio is audio
