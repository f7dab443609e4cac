from collections.abc import Sequence
from typing import Any

Buffer = Any  # of 64-bit numbers; arrays and numpy's arrays are such

def add(sums: Buffer, keys: Buffer, columns: Sequence[Buffer], seed: int) -> None: ...
