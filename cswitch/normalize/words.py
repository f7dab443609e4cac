"""A bounded memory of words: transcripts repeat them, so each is rewritten once."""

from __future__ import annotations

from collections.abc import Callable

LIMIT = 1 << 16


class Words(dict[str, str]):
    """A word to what it is rewritten to, worked out when first asked for.

    >>> words = Words(str.upper)
    >>> words.line("ab  cd")
    'AB  CD'
    """

    def __init__(self, rewrite: Callable[[str], str]) -> None:
        super().__init__()
        self._rewrite = rewrite

    def __missing__(self, word: str) -> str:
        if len(self) >= LIMIT:
            self.clear()
        self[word] = result = self._rewrite(word)
        return result

    def line(self, text: str) -> str:
        """Rewrite every word of a line; the spaces stay as they are."""
        if " " not in text:
            return self[text]
        return " ".join(map(self.__getitem__, text.split(" ")))

    def packed(self, text: str) -> str:
        """Rewrite every word of a line; one space remains between two words, none around."""
        if " " not in text:
            return self[text]
        return " ".join(filter(None, map(self.__getitem__, text.split(" "))))
