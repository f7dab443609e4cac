"""Columns in, columns out: with dictionaries, pandas and Hugging Face datasets."""

from __future__ import annotations

import math
import pickle
import re
from pathlib import Path

import pytest
from mixed_lines import lines

from cswitch.errors import InputError
from cswitch.scale import batches
from cswitch.scoring import Scorer

PAIRS = lines(40)
COLUMNS = {
    "reference": [reference for reference, _ in PAIRS],
    "hypothesis": [hypothesis for _, hypothesis in PAIRS],
}


def test_batches_count_what_scores_count() -> None:
    columns = batches.scorer("hi_en")(COLUMNS)
    whole = Scorer("hi_en").part(("", *pair, {}) for pair in PAIRS).tally
    assert sum(columns["words"]) == whole.raw.reference_words
    assert sum(columns["raw_errors"]) == whole.raw.errors
    assert sum(columns["corrected_errors"]) == whole.corrected.errors


@pytest.mark.parametrize(
    "function", [batches.scorer(), batches.judge(), batches.normalizer("hi", "reference")]
)
def test_a_function_that_was_pickled_does_the_same(function) -> None:
    packed = pickle.dumps(function)
    assert len(packed) < 500
    assert pickle.loads(packed)(COLUMNS) == function(COLUMNS)


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_what_is_missing_is_an_empty_text(nothing: object) -> None:
    assert batches.normalizer("hi")({"text": [nothing, "घर"]}) == {"text": ["", "घर"]}


def test_columns_that_are_missing_or_hold_no_text_are_bad_input() -> None:
    with pytest.raises(InputError, match=re.escape("no column 'text'. Name one of reference, hy")):
        batches.normalizer("hi")(COLUMNS)
    with pytest.raises(InputError, match="'text' has 5, no text"):
        batches.normalizer("hi")({"text": ["घर", 5]})
    with pytest.raises(InputError, match="nothing is known of 'xx'|xx"):
        batches.scorer("xx")


def test_the_tokens_of_a_column_get_languages() -> None:
    found = batches.labeller()({"text": ["text बॉक्स पर", None]})
    assert found["tokens"] == [["text", "बॉक्स", "पर"], []]
    assert found["languages"] == [["en", "en", "hi"], []]
    assert [len(line) for line in found["labels"]] == [3, 0]


def test_a_frame_keeps_its_index_and_gets_columns() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({**COLUMNS, "id": range(40)}, index=range(100, 140))
    frame.loc[105, "hypothesis"] = None
    frame["hypothesis"] = frame["hypothesis"].astype("string")  # a missing text is NA now
    scored = frame.assign(**batches.scorer("hi_en")(frame))
    assert list(scored.index) == list(frame.index)
    assert list(scored.columns[:3]) == ["reference", "hypothesis", "id"]
    expected = Scorer("hi_en").utterance("", PAIRS[5][0], "")
    assert scored.loc[105, "raw_errors"] == expected.raw.errors
    assert scored["words"].sum() == sum(len(reference.split()) for reference, _ in PAIRS)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("processes", [None, 2])
def test_a_dataset_is_scored_by_any_number_of_processes(
    tmp_path: Path, processes: int | None
) -> None:
    datasets = pytest.importorskip("datasets")
    dataset = datasets.Dataset.from_dict(COLUMNS)
    scored = dataset.map(
        batches.scorer("hi_en"),
        batched=True,
        batch_size=16,
        num_proc=processes,
        cache_file_name=str(tmp_path / "scored.arrow"),
    )
    expected = batches.scorer("hi_en")(COLUMNS)
    assert {name: scored[name][:] for name in expected} == expected
    assert scored["reference"][:] == COLUMNS["reference"]


@pytest.mark.filterwarnings("ignore")
def test_a_dataset_knows_a_function_again() -> None:
    pytest.importorskip("datasets")
    from datasets.fingerprint import Hasher

    made = [batches.scorer("hi_en"), batches.scorer("hi_en"), batches.scorer("hi_en", "text")]
    first, second, other = map(Hasher.hash, made)
    assert first == second != other
