"""Rule tables: what they can say, and what is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cswitch import languages
from cswitch.errors import InputError
from cswitch.normalize.rules import Rules
from cswitch.normalize.words import LIMIT, Words

HEAD = "# Licence: Apache-2.0. A table.\nrule\tfrom\tto\tbefore\tafter\tsource\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    folder = tmp_path / "hi-Deva"
    folder.mkdir()
    return folder / "reading.tsv"


def rules(table: Path, *rows: str) -> Rules:
    table.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return Rules([table])


def test_the_longest_from_wins_wherever_it_stands(table: Path) -> None:
    assert rules(table, "a\tक\tख\t*\t*\tx", "b\tकग\tघ\t*\t*\tx")("कगक") == "घख"


def test_the_first_of_two_equal_ones_wins_and_may_protect(table: Path) -> None:
    kept = rules(table, "keep\tक\tक\tग\t*\tx", "drop\tक\t∅\t*\t*\tx")
    fired: set[str] = set()
    assert kept("गकक", fired) == "गक"
    assert fired == {"drop"}


def test_contexts_are_text_sets_classes_and_edges(table: Path) -> None:
    rewrite = rules(table, "a\tक\tख\t[गघ]\t{vowel}\tx", "b\tच\tछ\t{edge}\t*\tx")
    assert rewrite("गकअ घकआ कअ गक") == "गखअ घखआ कअ गक"
    assert rewrite("चच -च") == "छच -छ"


def test_a_class_in_from_stands_for_any_of_its_letters(table: Path) -> None:
    assert rules(table, "a\t{sign}!\t?\t*\t*\tx")("का! क!") == "क? क!"


def test_rules_apply_until_nothing_changes(table: Path) -> None:
    assert rules(table, "a\tकक\tक\t*\t*\tx")("क" * 1000) == "क"


def test_dots_and_stars_in_a_table_are_themselves(table: Path) -> None:
    assert rules(table, "a\t.\t∅\t*\t*\tx")("a.b") == "ab"


def test_an_empty_table_changes_nothing(table: Path) -> None:
    assert rules(table)("कख") == "कख"


def test_an_unknown_class_is_an_error_with_file_and_line(table: Path) -> None:
    with pytest.raises(InputError, match=r"reading.tsv:4: there is no class wovel") as caught:
        rules(table, "a\tक\tख\t*\t*\tx", "b\tग\tघ\t{wovel}\t*\tx")
    assert "vowel" in str(caught.value)


def test_two_rows_for_one_case_are_an_error_with_both_lines(table: Path) -> None:
    with pytest.raises(InputError, match=r"reading.tsv:4: .* in line 3 already"):
        rules(table, "a\tक\tख\t*\t*\tx", "b\tक\tग\t*\t*\tx")


def test_rules_that_undo_each_other_are_an_error_and_no_endless_loop(table: Path) -> None:
    with pytest.raises(InputError, match="undo each other"):
        rules(table, "a\tक\tख\t*\t*\tx", "b\tख\tक\t*\t*\tx")("क")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("rule\tfrom\n", 1, "no licence line"),
        ("# Licence: X\nrule\tto\n", 2, "the header is"),
        (HEAD + "a\tक\tख\t*\n", 3, "4 columns"),
        (HEAD + "a\tक\tख\t*\t*\tx\na\tक\tख\t*\t*\tx\n", 4, "stands in line 3 already"),
        (HEAD + "a\t क\tख\t*\t*\tx\n", 3, "padded with spaces"),
        (HEAD + "a\tक़\tख\t*\t*\tx\n".replace("क़", "\u0958"), 3, "not in NFC"),
    ],
)
def test_a_malformed_table_is_an_error_with_file_and_line(
    table: Path, text: str, line: int, message: str
) -> None:
    table.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"reading.tsv:{line}: .*{message}"):
        Rules([table])


def test_every_table_of_every_language_loads() -> None:
    from cswitch.normalize import normalizer

    for tag in languages.tags():
        one = normalizer(str(tag))
        assert one.canonical("") == ""
        assert one.reading("") == ""


def test_the_memory_of_words_is_bounded() -> None:
    words = Words(str.upper)
    for number in range(LIMIT + 10):
        assert words[f"a{number}"] == f"A{number}"
    assert len(words) <= LIMIT
