"""Names join files of any order: of many, few are kept as they are, the others small or on disk."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from cswitch import formats
from cswitch.errors import InputError
from cswitch.formats import by_name, names
from cswitch.formats.by_name import ByName
from cswitch.formats.names import Names
from cswitch.formats.record import Record

COUNT = 100


@pytest.fixture(params=[3, 1 << 16], ids=["many", "few"])
def latest(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if there were many names, and as it is."""
    for module in (names, by_name):
        monkeypatch.setattr(module, "_LATEST", request.param)


def kaldi(path: Path, order: list[int]) -> Path:
    path.write_text("".join(f"utt_{n} text {n}\n" for n in order), encoding="utf-8")
    return path


def joined(folder: Path, reference: list[int], *systems: list[int]) -> list[tuple[str, ...]]:
    ref = kaldi(folder / "ref", reference)
    hyps = [kaldi(folder / f"hyp{place}", order) for place, order in enumerate(systems)]
    return [(row.id, row.reference, *row.hypotheses) for row in formats.load(ref, hyps)]


def shuffled(seed: int) -> list[int]:
    return random.Random(seed).sample(range(COUNT), COUNT)


@pytest.mark.usefixtures("latest")
def test_files_in_any_order_are_joined_by_name(tmp_path: Path) -> None:
    found = joined(tmp_path, shuffled(1), shuffled(2), list(range(COUNT))[::-1], shuffled(1))
    assert found == [(f"utt_{n}", *[f"text {n}"] * 4) for n in shuffled(1)]


@pytest.mark.usefixtures("latest")
@pytest.mark.parametrize(
    ("reference", "system", "message"),
    [
        ([*range(20), 3], range(20), r"ref:21: .*'utt_3' stands in line 4 already"),
        ([7, *range(20)], range(20), r"ref:9: .*'utt_7' stands in line 1 already"),
        (range(20), [*range(20), 3], r"hyp0:21: .*'utt_3' stands there twice"),
        (range(20), [*range(19), 3], r"hyp0:20: .*'utt_3' stands there twice"),
        (range(20), [3, 3, *range(20)], r"hyp0:2: .*'utt_3' stands in line 1 already"),
        (range(20), [3, *range(10, 20), 3], r"hyp0:12: .*'utt_3' stands in line 1 already"),
        (range(20), range(19, 0, -1), r"hyp0: no utterance 'utt_0', which stands in .*ref:1\."),
        (range(20), range(25), r"hyp0:21: .*'utt_20' is not in .*ref \(5 such utterances\)"),
        (range(20), range(20, -1, -1), r"hyp0:1: the utterance 'utt_20' is not in .*ref\."),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(
    tmp_path: Path, reference: list[int], system: list[int], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        joined(tmp_path, list(reference), list(system))


@pytest.mark.usefixtures("latest")
def test_metadata_in_another_order_find_their_utterances(tmp_path: Path) -> None:
    ref = kaldi(tmp_path / "ref", list(range(COUNT)))
    utt2spk = tmp_path / "utt2spk"
    utt2spk.write_text("".join(f"utt_{n} s{n % 7}\n" for n in shuffled(3)), encoding="utf-8")
    rows = list(formats.load(ref, [ref], metadata=utt2spk))
    assert [row.metadata["speaker"] for row in rows] == [f"s{n % 7}" for n in range(COUNT)]


@pytest.mark.usefixtures("latest")
def test_metadata_of_more_utterances_are_whole_too(tmp_path: Path) -> None:
    ref = kaldi(tmp_path / "ref", [1, 2])
    utt2spk = tmp_path / "utt2spk"
    utt2spk.write_text("".join(f"utt_{n} s\n" for n in [*range(9), 4]), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape("utt2spk:10: the utterance 'utt_4' stands in")):
        list(formats.load(ref, [ref], metadata=utt2spk))


def test_names_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_LATEST", 2)
    monkeypatch.setattr(names, "hash", lambda text: len(text.strip()), raising=False)
    monkeypatch.setattr(names, "_second_hash", lambda text: sum(map(ord, text)))
    seen = Names("file")
    for line, name in enumerate("abcdefg", start=1):
        seen.add(Record("", line, name))
    seen.check()
    assert all(name in seen for name in "abcdefg")
    assert "h" not in seen
    with pytest.raises(InputError, match=r"file:8: the utterance 'c' stands in line 3 already"):
        for line, name in enumerate("cijkl", start=8):
            seen.add(Record("", line, name))


def test_a_record_waits_whole_even_with_half_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_name, "_LATEST", 1)
    records = [Record(f"घर\ud800{n}", n, chr(0xD800 + n), {"speaker": "a"}) for n in range(10, 14)]
    waiting = ByName("file", iter(records))
    assert [waiting.take(str(record.id)) for record in records[::-1]] == records[::-1]
    assert waiting.left() is None


def test_a_record_is_kept_only_until_it_is_taken() -> None:
    waiting = ByName("file", (Record("", n, str(n)) for n in range(1000)))
    for n in range(0, 1000, 2):
        for name in (n + 1, n):
            assert waiting.take(str(name)) is not None
        assert not waiting._latest
