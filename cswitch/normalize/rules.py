"""Rewrite rules read from tables: what becomes what, between what.

A row says ``rule, from, to, before, after, source``. ``from``, ``before`` and ``after`` are text
in which ``[…]`` stands for any one of some characters and ``{name}`` for any letter of a class
of the script's ``letters.tsv``, or for one of the classes of `COMMON`. ``∅`` in ``to`` deletes;
``*`` as a context is any. At each place the longest ``from`` wins, then the row that stands
first; a row that replaces text by itself therefore protects it from the rows below. Rules are
applied until nothing changes, so every table is idempotent by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import regex

from cswitch.errors import InputError
from cswitch.normalize import letters
from cswitch.resources import read_table

COLUMNS = ("rule", "from", "to", "before", "after", "source")
NOTHING = "∅"
ANY = "*"

_WORD = r"[\p{L}\p{M}\p{N}\u200C\u200D]"
# Classes that every table may name. An edge is where a word begins (before) or ends (after).
COMMON: Mapping[str, str] = {
    "word": r"[\p{L}\p{M}]",
    "digit": r"\p{Nd}",
    "mark": r"\p{M}",
    "punctuation": r"\p{P}",
    "invisible": r"[\u00AD\u200B-\u200D\u2060\uFEFF]",
}
_ELEMENT = regex.compile(r"\[[^\]]+\]|\{[^}]+\}|.", regex.DOTALL)
_ROUNDS = 64


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table, ready to be compiled."""

    name: str
    elements: tuple[str, ...]
    to: str
    before: str
    after: str


class Rules:
    """Compiled rules: call them with a text.

    Args:
        tables: TSV files of rules; the rows of earlier ones stand first.

    Raises:
        InputError: An unknown class, or two rows for the same case.
    """

    def __init__(self, tables: Sequence[Path]) -> None:
        self._rules = _sorted([rule for path in tables for rule in _read(path)])
        self._pattern = regex.compile(_alternatives(self._rules) or r"(?!)", regex.V1)

    def __call__(self, text: str, fired: set[str] | None = None) -> str:
        """Rewrite a text; the names of the rules that changed it are added to ``fired``."""
        if self._pattern.search(text) is None:
            return text  # as with most words

        def replace(found: regex.Match[str]) -> str:
            rule: Rule = self._rules[found.lastindex - 1]
            if fired is not None and found[0] != rule.to:
                fired.add(rule.name)
            return rule.to

        return settle(lambda before: self._pattern.sub(replace, before), text)


def settle(rewrite: Callable[[str], str], text: str) -> str:
    """Rewrite a text until nothing changes.

    >>> settle(lambda text: text.replace("aa", "a"), "baaaad")
    'bad'

    Raises:
        InputError: It never does.
    """
    for _ in range(_ROUNDS + len(text)):
        before = text
        text = rewrite(before)
        if text == before:
            return text
    raise InputError(
        f"rules of normalizers/ undo each other on {before!a} and {text!a}",
        remedy="Remove one of the rules that apply there",
    )


def _read(path: Path) -> list[Rule]:
    script = path.parent.name.rpartition("-")[2]
    classes = {**COMMON, **letters.classes(script)}
    rules: list[Rule] = []
    seen: dict[tuple[str, ...], int] = {}
    for index, row in enumerate(read_table(path, COLUMNS)):
        try:
            rules.append(_rule(row, classes))
        except KeyError as error:
            raise InputError(
                f"there is no class {error.args[0]}",
                path=path,
                line=row_line(path, index),
                remedy=f"Known are: {', '.join(sorted(classes))}",
            ) from None
        _, source, _, before, after, _ = row
        if (case := (source, before, after)) in seen:
            raise InputError(
                f"{source!a} is rewritten in this context in line "
                f"{row_line(path, seen[case])} already",
                path=path,
                line=row_line(path, index),
                remedy="Keep one of the two",
            )
        seen[case] = index
    return rules


def _rule(row: Sequence[str], classes: Mapping[str, str]) -> Rule:
    name, source, to, before, after, _ = row
    return Rule(
        name=name,
        elements=tuple(_pattern(element, classes) for element in _ELEMENT.findall(source)),
        to="" if to == NOTHING else to,
        before="" if before == ANY else _context(before, classes, r"(?<!{})"),
        after="" if after == ANY else _context(after, classes, r"(?!{})"),
    )


def row_line(path: Path, index: int) -> int:
    """The line of a row of a table: comments and the header stand before the first."""
    with open(path, encoding="utf-8") as lines:
        return index + 2 + sum(1 for line in lines if line.startswith("# "))


def _context(source: str, classes: Mapping[str, str], edge: str) -> str:
    known = {**classes, "edge": edge.replace("{}", _WORD)}
    return "".join(_pattern(element, known) for element in _ELEMENT.findall(source))


def _pattern(element: str, classes: Mapping[str, str]) -> str:
    if len(element) > 1 and element[0] == "[":
        return f"[{regex.escape(element[1:-1])}]"
    if len(element) > 1 and element[0] == "{":
        return classes[element[1:-1]]
    escaped: str = regex.escape(element)
    return escaped


def _is_character(element: str) -> bool:
    return len(element.lstrip("\\")) <= 1


def _sorted(rules: list[Rule]) -> list[Rule]:
    """Longest first; rules that begin with the same character stand together (for speed)."""
    ranked = sorted(rules, key=lambda rule: -len(rule.elements))
    heads = {rule.elements[0]: rank for rank, rule in reversed(list(enumerate(ranked)))}
    one = [rule for rule in ranked if _is_character(rule.elements[0])]
    many = [rule for rule in ranked if not _is_character(rule.elements[0])]
    return sorted(one, key=lambda rule: heads[rule.elements[0]]) + many


def _alternatives(rules: list[Rule]) -> str:
    """A pattern whose n-th group is empty and there exactly when the n-th rule matches."""
    branches: dict[str, list[str]] = {}
    for rule in rules:
        head, *rest = rule.elements
        behind = f"(?<={rule.before}{head})" if rule.before else ""
        ahead = f"(?={rule.after})" if rule.after else ""
        branches.setdefault(head, []).append(f"{behind}{''.join(rest)}{ahead}()")
    heads = [head for head in branches if _is_character(head)]
    known = {head: f"{head}(?:{'|'.join(ways)})" for head, ways in branches.items()}
    # One look at a set of characters spares most places of a text the look at every rule.
    characters = "".join(f"\\U{ord(head[-1]):08X}" for head in heads)
    quick = f"(?=[{characters}])(?:{'|'.join(map(known.pop, heads))})" if heads else ""
    return "|".join([*([quick] if quick else ()), *known.values()])
