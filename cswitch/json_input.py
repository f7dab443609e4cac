"""JSON that others wrote: read, or refused with the place and a remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cswitch.errors import InputError

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"\s*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse(text: str, path: str | Path, remedy: str, line: int = 1) -> Any:
    r"""The value of a JSON text.

    Args:
        path: The file it is from, for messages.
        remedy: What to do about text that is no JSON.
        line: The line of the file that the text begins on.

    Raises:
        InputError: It is no JSON, is nested too deeply, or has half of a character.

    >>> parse('{"text": "\\ud83d\\ude42"}', "x.jsonl", "Write JSON")["text"]
    '🙂'
    """
    try:
        value, end = _decode(text, _skip(text, 0))
        if (rest := _skip(text, end)) < len(text):
            raise json.JSONDecodeError("more follows", text, rest)
    except json.JSONDecodeError as error:
        raise _refused(error, path, remedy, line) from error
    return value


def elements(
    lines: Iterator[tuple[int, str]], path: str | Path, remedy: str
) -> Iterator[tuple[int, Any]]:
    """Yield the elements of a JSON list and the lines they begin on; otherwise as `parse`.

    Of the list, only the lines of one element are in memory.

    >>> list(elements(iter([(1, '[{"a": 1},'), (2, '[2]]')]), "x.json", "Write a JSON list"))
    [(1, {'a': 1}), (2, [2])]
    """
    text = _Lines(lines)
    try:
        text.take("[")
        if not text.at("]"):
            yield text.value()
            while text.at(","):
                text.take(",")
                yield text.value()
        text.take("]")
        text.take("")
    except json.JSONDecodeError as error:
        raise _refused(error, path, remedy, text.first) from error


class _Lines:
    """A text that is read line by line, and forgotten once it is taken.

    Attributes:
        first: The line that the text in memory begins on.
    """

    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self._lines = lines
        self._text = ""
        self._place = 0
        self.first = 1

    def at(self, sign: str) -> bool:
        """Whether a sign comes next, after white space; "" is the end."""
        while (place := _skip(self._text, self._place)) == len(self._text) and self._read_on():
            pass
        self._place = place
        return self._text[self._place : self._place + 1] == sign

    def take(self, sign: str) -> None:
        """Go on behind a sign, which has to come next."""
        if not self.at(sign):
            wanted = f"'{sign}'" if sign else "the end"
            raise json.JSONDecodeError(f"Expecting {wanted}", self._text, self._place)
        self._place += len(sign)

    def value(self) -> tuple[int, Any]:
        """Take a value; with it, the line it begins on."""
        self.at("")
        while True:
            try:
                value, end = _decode(self._text, self._place)
            except json.JSONDecodeError as error:
                # Where all that was read is right so far, the rest may be on the next line.
                if error.pos < len(self._text) or not self._read_on():
                    raise
            else:
                line = self.first + self._text.count("\n", 0, self._place)
                self._place = end
                return line, value

    def _read_on(self) -> bool:
        number, line = next(self._lines, (0, ""))
        if not number:
            return False
        if self._place >= len(self._text):
            self.first, self._text, self._place = number, line, 0
        else:
            self.first += self._text.count("\n", 0, self._place)
            self._text, self._place = f"{self._text[self._place :]}\n{line}", 0
        return True


def _decode(text: str, start: int) -> tuple[Any, int]:
    """The value that begins at a place, and where it ends."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except RecursionError as error:
        raise json.JSONDecodeError("nested too deeply", text, start) from error
    if _SURROGATE.search(text, start, end) and _has_half(value):
        raise json.JSONDecodeError("half of a surrogate pair is no character", text, start)
    return value, end


def _has_half(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _skip(text: str, start: int) -> int:
    """The place behind white space."""
    found = _SPACE.match(text, start)
    return found.end() if found else start


def _refused(error: json.JSONDecodeError, path: str | Path, remedy: str, first: int) -> InputError:
    return InputError(
        f"not JSON: {error.msg.removesuffix(' at')} at column {error.colno}",
        path=path,
        line=first + error.lineno - 1,
        remedy=remedy,
    )
