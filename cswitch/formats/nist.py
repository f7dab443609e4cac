"""What ``trn``, ``stm`` and ``ctm`` have in common: an entry a line, comments begin with ``;;``.

https://github.com/usnistgov/SCTK (doc/infmts.htm).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cswitch.formats.record import Source

_COMMENT = ";;"


def fits(entry: re.Pattern[str], head: Sequence[str]) -> bool:
    """Whether there are entries among the first lines of a file, and nothing else.

    >>> fits(re.compile("[0-9]"), [";; digits", "1", ""]), fits(re.compile("[0-9]"), [";; none"])
    (True, False)
    """
    lines = list(filter(_is_entry, head))
    return bool(lines) and all(map(entry.match, lines))


def entries(
    source: Source, entry: re.Pattern[str], message: str, remedy: str
) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield the entries of a file, taken apart, with the numbers of their lines.

    Args:
        source: The file.
        entry: What an entry looks like.
        message: What to say of a line that is none.
        remedy: What to do about it.

    Raises:
        InputError: A line is neither an entry nor a comment.
    """
    for number, line in filter(lambda numbered: _is_entry(numbered[1]), source.lines):
        found = entry.match(line)
        if found is None:
            raise source.error(message, number, remedy)
        yield number, found


def _is_entry(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(_COMMENT)
