"""The joint n-gram: its estimation, its files, and what it says of pairs."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cswitch import resources
from cswitch.cli.lexicon import command as lexicon_command
from cswitch.errors import InputError
from cswitch.judge import Judge
from cswitch.spelling import fitting, pairs
from cswitch.spelling.pairs import FEATURES, Header, latin_letters, native_letters

SYLLABLES = {"क": "ka", "मा": "maa", "लि": "li", "नो": "no", "सू": "soo", "रे": "re", "पी": "pee"}
SHIPPED = sorted(resources.folder("lexicons").glob(f"*/*{pairs.SUFFIX}"))


def toy_pairs() -> list[tuple[str, str, int]]:
    return [
        ("".join(one), "".join(SYLLABLES[syllable] for syllable in one), 1)
        for a in SYLLABLES
        for b in SYLLABLES
        for c in SYLLABLES
        for one in ((a, b), (a, b, c))
    ]


@pytest.fixture(scope="module")
def toy() -> pairs.PairModel:
    return fitting.fit(fitting.lettered(toy_pairs()), "toy", "a test", "Apache-2.0", order=3)


def test_a_model_learns_which_letters_go_together(toy: pairs.PairModel) -> None:
    assert toy.align("कनो", "kano")[0] == ("क", "ka")
    assert "".join(latin for _, latin in toy.align("कमा", "kamaa")) == "kamaa"
    assert toy.to_latin("सूरे")[0][0] == "soore"
    assert toy.to_native("peeno")[0][0] == "पीनो"


def test_a_right_pair_is_likelier_than_a_wrong_one(toy: pairs.PairModel) -> None:
    assert toy.probability("कमा", "kamaa") > 0.5 > toy.probability("कमा", "sooli")
    assert toy.log("कमा", "kamaa") > toy.log("कमा", "kamoo")


def test_probabilities_of_all_spellings_sum_to_no_more_than_one(toy: pairs.PairModel) -> None:
    everything = toy.to_latin("कमा", count=500, beam=500)
    assert sum(math.exp(log) for _, log in everything) <= 1.01


def test_features_have_their_names(toy: pairs.PairModel) -> None:
    values = toy.features("कमा", "kamaa")
    assert len(values) == len(FEATURES)
    assert values[0] == pytest.approx(0, abs=1.0)


def test_very_long_and_strange_words_do_no_harm(toy: pairs.PairModel) -> None:
    assert toy.probability("क" * 500, "ka" * 500) < 0.5
    assert toy.probability("ಕ", "q") < 0.5


def test_a_model_file_is_read_as_written(toy: pairs.PairModel, tmp_path: Path) -> None:
    path = tmp_path / "toy.pairs"
    pairs.save(toy.header, toy.payload, path)
    read = pairs.load(path)
    assert read.digest == toy.digest
    assert read.probability("कमा", "kamaa") == toy.probability("कमा", "kamaa")


def test_estimation_is_deterministic(toy: pairs.PairModel) -> None:
    again = fitting.fit(fitting.lettered(toy_pairs()), "toy", "a test", "Apache-2.0", order=3)
    assert again.digest == toy.digest


def test_pairs_of_people_calibrate_a_model_of_mined_ones(toy: pairs.PairModel) -> None:
    clipped = [(native, latin.replace("aa", "a"), 1) for native, latin, _ in toy_pairs()]
    letters = list(fitting.lettered(toy_pairs()))
    people = [(toy, fitting.lettered([*toy_pairs(), *clipped]))]
    lenient = fitting.fit(letters, "toy", "a test", "Apache-2.0", order=3, people=people)
    assert lenient.payload == toy.payload
    assert lenient.probability("कमारे", "kamare") > toy.probability("कमारे", "kamare")


def test_mined_pairs_teach_but_do_not_calibrate(toy: pairs.PairModel) -> None:
    mined = [("घघ", "ghgh", 9), ("घक", "ghka", 9), ("कघ", "kagh", 9)]
    letters = fitting.lettered(toy_pairs())
    model = fitting.fit(letters, "toy", "a test", "Apache-2.0", order=3, mined=mined)
    assert model.knows("घ") and not toy.knows("घ")


def test_a_calibration_of_an_older_version_is_refused(toy: pairs.PairModel, tmp_path: Path) -> None:
    path = tmp_path / "old.pairs"
    older: dict[str, Any] = {"native_regret": -1.0, "bias": 2.0}
    pairs.save(Header("old", "x", "x", 3, older), toy.payload, path)
    with pytest.raises(InputError, match="older version"):
        pairs.load(path)


@pytest.mark.parametrize("damage", ["cut", "flip", "nonsense", "other format"])
def test_a_damaged_file_is_refused(toy: pairs.PairModel, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "bad.pairs"
    header = Header("other", "x", "x", 3, {}) if damage == "flip" else toy.header
    pairs.save(header, toy.payload, path)
    whole = path.read_bytes()
    path.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "flip": whole.replace(b'"other"', b'"OTHER"'),
            "nonsense": b"\x00\x01",
            "other format": whole.replace(pairs.FORMAT.encode(), b"cswitch-pairs 9"),
        }[damage]
    )
    with pytest.raises(InputError, match=r"bad\.pairs: "):
        pairs.load(path)


def test_letters_keep_matras_and_lose_what_is_silent() -> None:
    assert native_letters("क्‍या-है") == "क्याहै"
    assert native_letters("বাড়ি") == native_letters("বা\u09dcি") and len(native_letters("বাড়ি")) == 4
    assert len(native_letters("கொ")) == 2
    assert latin_letters("Śrī!") == "sri"


def test_pairs_come_in_either_order(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("# a comment\nnative\tlatin\nकमल\tkamal\nghar\tघर\t3\n", "utf-8")
    assert list(pairs.read_pairs(path)) == [("कमल", "kamal", 1), ("घर", "ghar", 3)]


@pytest.mark.parametrize("line", ["कमल", "कमल\tघर", "a\tb", "कमल\tkamal\tmany"])
def test_a_malformed_pair_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text(f"घर\tghar\n{line}\n", "utf-8")
    with pytest.raises(InputError, match=r"pairs\.tsv:2:"):
        list(pairs.read_pairs(path))


def test_too_few_pairs_are_no_model() -> None:
    with pytest.raises(InputError, match="too few"):
        fitting.fit([("क", "ka", 1)], "t", "s", "l")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name + "-" + path.stem)
def test_a_shipped_model_is_small_whole_and_described(path: Path) -> None:
    model = pairs.load(path)
    assert path.stat().st_size <= 1 << 20
    assert model.header.source != "not stated"
    assert model.header.licence != "not stated"
    assert (path.parent / "README.md").exists()


def test_all_models_of_a_language_take_less_than_a_megabyte() -> None:
    sizes: Counter[str] = Counter()
    for path in SHIPPED:
        sizes[re.split("[-_]", path.parent.name)[0]] += path.stat().st_size
    assert max(sizes.values()) < 1_000_000, sizes


def test_training_from_the_command_line(tmp_path: Path) -> None:
    source, model = tmp_path / "pairs.tsv", tmp_path / "toy.pairs"
    source.write_text("".join(f"{b}\t{a}\t{n}\n" for a, b, n in toy_pairs()), "utf-8")
    result = CliRunner().invoke(
        lexicon_command, ["train", str(source), "--lang", "hi", "--output", str(model)]
    )
    assert result.exit_code == 0, result.output
    assert pairs.load(model).to_native("kamaa")[0][0] == "कमा"


def test_a_model_goes_into_a_pipe(tmp_path: Path) -> None:
    source = tmp_path / "pairs.tsv"
    source.write_text("".join(f"{b}\t{a}\t{n}\n" for a, b, n in toy_pairs()), "utf-8")
    arguments = ["lexicon", "train", str(source), "--lang", "hi", "-o", "-"]
    command = [sys.executable, "-c", f"from cswitch.cli import main; main({arguments})"]
    piped = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    model = tmp_path / "toy.pairs"
    model.write_bytes(piped.stdout)
    assert pairs.load(model).to_native("kamaa")[0][0] == "कमा"
    assert b"units" in piped.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.tsv", "toy.pairs"]


def test_digests_in_signatures_are_of_one_length() -> None:
    digests = re.findall(r":([0-9a-f]{8,})(?=\||$)", Judge("hi_en").signature)
    assert len(digests) == 4
    assert len({len(digest) for digest in digests}) == 1
