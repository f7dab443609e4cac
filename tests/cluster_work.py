"""Work that the workers of `test_cluster` and `test_parallel` can import."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def doubling() -> Callable[[list[int]], list[int]]:
    return lambda block: [2 * number for number in block]


def refusing() -> Callable[[list[int]], list[int]]:
    from cswitch.errors import InputError

    def work(block: list[int]) -> list[int]:
        raise InputError("no such number", path="numbers.txt", line=block[0])

    return work


def not_made() -> Callable[[int], int]:
    from cswitch.errors import InputError

    raise InputError("no such model", path="model.onnx")


def slow_start(log: str) -> Callable[[float], int]:
    """Notes each making in the file, and gives the process that computed a block."""
    with Path(log).open("a") as out:
        out.write(f"{os.getpid()}\n")

    def work(seconds: float) -> int:
        time.sleep(seconds)
        return os.getpid()

    return work


def dying_once(folder: str) -> Callable[[int], int]:
    """The worker that gets the fifth block first is killed, as by a lost machine."""

    def work(number: int) -> int:
        mark = Path(folder) / "died"
        if number == 5 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number * number

    return work


def dying() -> Callable[[int], int]:
    def work(number: int) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return number

    return work
