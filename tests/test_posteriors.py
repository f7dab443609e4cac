"""Posteriors and labels are checked before they are used, and the message says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cswitch.errors import InputError
from cswitch.recognition import posteriors


def normal(frames: int, width: int) -> np.ndarray:
    logits = np.random.default_rng(1).normal(size=(frames, width))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def test_npz_with_language_posteriors_and_npy_are_read(tmp_path: Path) -> None:
    ctc, lid = normal(4, 5), normal(4, 3)
    np.savez(tmp_path / "a.npz", posteriors=ctc.astype(np.float32), lid=lid, frame_seconds=0.02)
    np.save(tmp_path / "b.npy", ctc.astype(np.float16))
    first, second = posteriors.read(tmp_path / "a.npz"), posteriors.read(tmp_path / "b.npy")
    assert (first.id, first.frame_seconds, second.id) == ("a", 0.02, "b")
    np.testing.assert_allclose(first.ctc, ctc, atol=1e-5)
    assert first.lid is not None and first.lid.shape == (4, 3) and second.lid is None


def test_posteriors_may_have_no_frames() -> None:
    assert posteriors.check(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.exp(normal(3, 4)), "probabilities, not their natural logarithms"),
        (normal(3, 4) / np.log(10), "base 10"),
        (normal(3, 4) + 1.0, "sum to 2.718, not 1. Apply log-softmax"),
        (np.full((2, 2), np.nan), "frame 0 of the posteriors has NaN"),
        (np.zeros(3), "shape"),
        (np.zeros((3, 3), dtype=int), "type int"),
    ],
)
def test_wrong_values_are_named(values: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        posteriors.check(values)


def test_wrong_width_is_named() -> None:
    with pytest.raises(InputError, match="4 columns where there are 5 labels"):
        posteriors.check(normal(3, 4), width=5)


def test_a_file_that_is_no_array_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_text("no")
    np.savez(tmp_path / "b.npz", logits=normal(2, 2))
    with pytest.raises(InputError, match="cannot be read as numpy arrays"):
        posteriors.read(tmp_path / "a.npz")
    with pytest.raises(InputError, match="no array 'posteriors'"):
        posteriors.read(tmp_path / "b.npz")


@pytest.mark.parametrize("kept", [0, 5, 60, 140])
@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_a_file_that_is_cut_short_is_named_without_advice_to_load_it(
    tmp_path: Path, name: str, kept: int
) -> None:
    path = tmp_path / name
    (np.save if name == "a.npy" else np.savez)(path, normal(3, 4))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=f"{name}: cannot be read as numpy arrays: it is cut") as e:
        posteriors.read(path)
    assert "pickle" not in str(e.value)


def test_a_missing_file_is_no_array_to_be_mended(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.npy: cannot read: No such file"):
        posteriors.read(tmp_path / "a.npy")


@pytest.mark.parametrize("seconds", [-1.0, 0.0, np.nan, np.inf, [1.0, 2.0], "x"])
def test_frames_last_a_positive_time(tmp_path: Path, seconds: object) -> None:
    np.savez(tmp_path / "a.npz", posteriors=normal(3, 4), frame_seconds=seconds)
    with pytest.raises(InputError, match=r"a\.npz: 'frame_seconds' is not a positive number"):
        posteriors.read(tmp_path / "a.npz")


def test_an_empty_label_file_is_called_empty(tmp_path: Path) -> None:
    for name, text in (("labels.txt", ""), ("labels.json", "[]")):
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError, match=f"{name}: the file is empty"):
            posteriors.read_labels(tmp_path / name)


def test_labels_from_lines_lists_and_objects_agree(tmp_path: Path) -> None:
    names = ["<pad>", "|", "क", "a", "<unk>"]
    (tmp_path / "a.txt").write_text("".join(f"{name}\n" for name in names))
    (tmp_path / "b.json").write_text(json.dumps(names))
    (tmp_path / "c.json").write_text(json.dumps({name: i for i, name in enumerate(names)}))
    first, *others = (posteriors.read_labels(tmp_path / f) for f in ("a.txt", "b.json", "c.json"))
    assert all(other == first for other in others)
    assert first.blank == 0
    assert first.usable == (False, True, True, True, False)
    assert first.scripts == (None, None, "Deva", "Latn", None)


def test_a_missing_or_double_blank_is_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("<blank>\na\n<blank>\na\n")
    with pytest.raises(InputError, match=r"labels.txt: the blank '<blank>' stands 2 times"):
        posteriors.read_labels(path)
    path.write_text("a\nb\n")
    with pytest.raises(InputError, match="no label is the CTC blank"):
        posteriors.read_labels(path)
    assert posteriors.read_labels(path, blank="b").blank == 1


def test_tokenizers_of_two_languages_may_share_pieces(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("<unk>\n▁a\nb\n<unk>\n▁a\n▁क\n<blank>\n")
    labels = posteriors.read_labels(path)
    assert (len(labels), labels.blank) == (7, 6)
    assert labels.texts[1] == labels.texts[4] == "a"


def test_the_columns_of_tokens_txt_are_no_part_of_labels(tmp_path: Path) -> None:
    path = tmp_path / "tokens.txt"
    path.write_text("<blk> 0\n▁a\t1\n7 2\n▁b 4\n  3\n#0 5\n")
    assert posteriors.read_names(path) == ["<blk>", "▁a", "7", " ", "▁b"]
    path.write_text("<blk> 0\n▁a 7\n")
    assert posteriors.read_names(path) == ["<blk> 0", "▁a 7"]


def test_the_vocabularies_of_many_languages_are_told_from_one(tmp_path: Path) -> None:
    path = tmp_path / "vocab.json"
    path.write_text(json.dumps({name: {"<pad>": 0} for name in ("ben", "eng", "hin", "tam")}))
    with pytest.raises(InputError, match=r"vocabularies of 4 languages \(ben, eng, hin, …\)"):
        posteriors.read_names(path)
