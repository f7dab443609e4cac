from collections.abc import Callable
from typing import Any

from cswitch.judge import Verdict

class Kernel:
    def __init__(
        self, judge: Callable[[str, str], Verdict], sketch: Callable[[str], Any]
    ) -> None: ...
    def align(self, reference: list[str], hypothesis: list[str]) -> tuple[Any, ...]: ...
    def score(
        self, reference: str, hypothesis: str
    ) -> tuple[int, int, int, int, int, int, int, dict[str, int], tuple[Any, ...]]: ...

def raw_counts(reference: list[str], hypothesis: list[str]) -> tuple[int, int, int]: ...
