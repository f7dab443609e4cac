"""The one exception that means "your input is wrong", with where and what to do."""

from __future__ import annotations

from os import PathLike


class InputError(ValueError):
    """Bad input, said so that the reader can mend it.

    Args:
        message: What is wrong, without a final full stop.
        path: The file it is in, if any; ``-`` is standard input.
        line: The line number, counted from 1, if any.
        remedy: What to do about it, as a sentence without a final full stop.

    >>> str(InputError("no tab in the line", path="pairs.tsv", line=3, remedy="Write a tab"))
    'pairs.tsv:3: no tab in the line. Write a tab.'
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | PathLike[str] | None = None,
        line: int | None = None,
        remedy: str | None = None,
    ) -> None:
        self.message = message
        self.path = "standard input" if str(path) == "-" else None if path is None else str(path)
        self.line = line
        self.remedy = remedy
        where = "" if path is None else f"{self.path}:" if line is None else f"{self.path}:{line}:"
        text = message if remedy is None else f"{message}. {remedy}"
        stop = "" if text.endswith((".", "?", "…")) else "."
        super().__init__(f"{where} {text}{stop}".lstrip())

    def at(self, path: str | PathLike[str]) -> InputError:
        """The same error, said of a file.

        >>> str(InputError("posteriors have NaN").at("a.npz"))
        'a.npz: posteriors have NaN.'
        """
        return InputError(self.message, path=path, remedy=self.remedy)
