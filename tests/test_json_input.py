"""JSON of others: whole, or element by element without the whole in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cswitch.errors import InputError
from cswitch.json_input import elements, parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("क[{\n"), inner, max_size=3)
    ),
    max_leaves=8,
)


def numbered(text: str) -> Iterator[tuple[int, str]]:
    return iter(enumerate(text.split("\n"), start=1))


@given(st.lists(VALUES, max_size=4), st.sampled_from([None, 0, 2]), st.booleans())
def test_elements_are_those_of_the_list_however_it_is_laid_out(values, indent, ascii_only):
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    assert [value for _, value in elements(numbered(text), "x.json", "")] == values
    assert parse(text, "x.json", "") == values


def test_elements_know_their_lines():
    text = ' \n[ {"a":\n1} , 2,\n\n[3\n] ]\n\n'
    assert list(elements(numbered(text), "x.json", "")) == [(2, {"a": 1}), (3, 2), (5, [3])]


def test_only_the_lines_of_an_element_are_read():
    lines = numbered("[1,\n2,\n3]")
    assert next(elements(lines, "x.json", "")) == (1, 1)
    assert next(lines) == (2, "2,")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.json:1: not JSON: Expecting '[' at column 1. Mend it."),
        ("[1", "x.json:1: not JSON: Expecting ']' at column 3. Mend it."),
        ("[1,\n2 3]", "x.json:2: not JSON: Expecting ']' at column 3. Mend it."),
        ("[1,\n]", "x.json:2: not JSON: Expecting value at column 1. Mend it."),
        ("[1]\n\n x", "x.json:3: not JSON: Expecting the end at column 2. Mend it."),
        ('[1,\n{"a":\n"x\ny"}]', "x.json:3: not JSON: Unterminated string starting at column 1."),
        ('[1,\n"\\udc00"]', "x.json:2: not JSON: half of a surrogate pair is no character"),
    ],
)
def test_what_is_no_list_is_refused_with_its_place(text, message):
    with pytest.raises(InputError) as caught:
        list(elements(numbered(text), "x.json", "Mend it"))
    assert message in str(caught.value)


def test_more_than_one_value_is_refused():
    with pytest.raises(InputError, match=r"x\.jsonl:7: not JSON: more follows at column 4"):
        parse("{} {}", "x.jsonl", "", line=7)
