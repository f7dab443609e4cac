from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cswitch.recognition.decode import Scorer, WordRow

class Vocabulary:
    def __init__(self, canonical: Callable[[str], str] | None, scorer: Scorer | None) -> None: ...

class Lookahead:
    def __init__(
        self, words: Sequence[tuple[str, float]], unknown: float, offset: float, usual: float
    ) -> None: ...

class Search:
    def __init__(
        self,
        *,
        texts: Sequence[str],
        starts: Sequence[bool],
        usable: Sequence[bool],
        scripts: Sequence[int],
        blank: int,
        beam: int,
        token_floor: float,
        margin: float,
        blank_skip: float,
        one_script: bool,
        bonuses: Mapping[str, float],
        lookahead: Lookahead,
        vocabulary: Vocabulary,
    ) -> None: ...
    def feed(
        self, frames: NDArray[np.floating], gains: NDArray[np.floating] | None = None
    ) -> None: ...
    def best(self, count: int) -> list[tuple[float, float, list[WordRow]]]: ...
    def partial(self) -> tuple[list[WordRow], int, str]: ...
    @property
    def frames(self) -> int: ...

def forward(frames: NDArray[np.floating], labels: Sequence[int], blank: int) -> float: ...
