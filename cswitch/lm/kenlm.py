"""Scores from a KenLM model, in natural logarithms."""

from __future__ import annotations

import math
from pathlib import Path

import kenlm

from cswitch.errors import InputError
from cswitch.lm.arpa import read_unigrams

_LOG10 = math.log(10.0)
# KenLM gives 10^-100 to unknown words of a model that has no <unk>: one would outweigh a sentence.
_NO_UNKNOWN = -100.0
_UNKNOWN = math.log(1e-7)


class KenLM:
    """A language model read by KenLM: ARPA (also compressed) or KenLM's binary format.

    Histories are numbers, `start` that of a sentence's begin. A model without ``<unk>`` gives
    unknown words a probability of 10⁻⁷.

    Raises:
        InputError: The file cannot be read as a language model.
    """

    def __init__(self, path: str | Path) -> None:
        if not Path(path).is_file():
            raise InputError("no such file", path=path, remedy="Build one with: cswitch lm build")
        config = kenlm.Config()
        config.show_progress = False
        config.arpa_complain = kenlm.ARPALoadComplain.NONE
        try:
            self._model = kenlm.Model(str(path), config)
        except (OSError, RuntimeError) as error:
            raise InputError(
                "not a language model that KenLM can read",
                path=path,
                remedy="Give an ARPA file or a KenLM binary",
            ) from error
        self._path = path
        begin = kenlm.State()
        self._model.BeginSentenceWrite(begin)
        self._states = [begin]
        self._ids = {begin: 0}
        self.start = 0

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return int(self._model.order)

    def score(self, state: int, word: str) -> tuple[float, int]:
        """The log-probability of a word after a history, and the history after it."""
        after = kenlm.State()
        log = self._model.BaseScore(self._states[state], word, after)
        number = self._ids.setdefault(after, len(self._states))
        if number == len(self._states):
            self._states.append(after)
        return (log * _LOG10 if log > _NO_UNKNOWN else _UNKNOWN), number

    def finish(self, state: int) -> float:
        """The log-probability of the sentence's end after a history."""
        return self.score(state, "</s>")[0]

    def __contains__(self, word: str) -> bool:
        return word in self._model

    def unigrams(self) -> dict[str, float]:
        """The words with their log-probabilities; none for KenLM's binary format."""
        return read_unigrams(self._path)
