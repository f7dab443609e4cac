"""Files, patterns, folders and manifests become recordings, in order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cswitch.errors import InputError
from cswitch.recordings import Recording, find


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
    lines = [json.dumps({"audio_filepath": entry, "offset": 0, "text": "x"}) for entry in entries]
    manifest.write_text("\n".join(lines), "utf-8")
    assert list(find([manifest])) == [
        Recording(folder / "b.wav", "b.wav"),
        Recording(folder / "a.FLAC", str(folder / "a.FLAC")),
        Recording(Path("s3://bucket/d.wav"), "s3://bucket/d.wav"),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("3", "the line names no audio"),
        ('{"text": "x"}', "the line names no audio"),
        ('{"audio_filepath": 3}', "the line names no audio"),
        ('{"audio_filepath": "b.wav", "offset": 1.5}', "the line is about a part of a file"),
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
