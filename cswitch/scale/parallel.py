"""One mechanism for all cores: blocks of the input go to worker processes and come back in order.

Every long command is a function from a block to a result. A worker makes the function once, with
its models, and then gets block after block. Results come in the order of the blocks, and only a
few blocks are on their way at a time, so memory does not grow with the input and the outcome is
the same for any number of workers.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any, TypeVar

Item = TypeVar("Item")
Block = TypeVar("Block")
Result = TypeVar("Result")

BLOCK = 2000  # lines; some milliseconds of work at least
_WAITING = 3  # blocks on their way for each worker


def ordered_map(
    make: Callable[[], Callable[[Block], Result]], blocks: Iterable[Block], jobs: int = 1
) -> Iterator[Result]:
    """Yield ``make()(block)`` for each block, in order, computed by several processes.

    Args:
        make: Makes the function, in each worker once. It has to be importable there, such as a
            `functools.partial` of a function of a module.
        jobs: How many processes; 1 is this one, 0 as many as there are cores.

    Raises:
        RuntimeError: A worker was killed.

    >>> from functools import partial
    >>> list(ordered_map(lambda: sum, [[1, 2], [3]]))
    [3, 3]
    """
    jobs = jobs or cores()
    if jobs == 1:
        yield from map(make(), blocks)
        return
    # Workers that start afresh share no locks or threads with this process.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _prepare, (make,))
    finished = False
    try:
        yield from _in_order(pool, iter(blocks), jobs * _WAITING)
        finished = True
    except BrokenProcessPool as error:
        raise RuntimeError(
            "a worker process was killed, perhaps for want of memory: try fewer jobs"
        ) from error
    finally:
        # After Ctrl-C, an error, or when nobody wants more, there is nothing to wait for.
        if not finished:
            for process in list((pool._processes or {}).values()):
                process.terminate()
        pool.shutdown(cancel_futures=True)


def batched(items: Iterable[Item], size: int = BLOCK) -> Iterator[list[Item]]:
    """Lists of ``size`` items, the last one perhaps shorter.

    >>> list(batched("abc", 2))
    [['a', 'b'], ['c']]
    """
    iterator = iter(items)
    while block := list(islice(iterator, size)):
        yield block


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_order(pool: ProcessPoolExecutor, blocks: Iterator[Any], most: int) -> Iterator[Any]:
    waiting: deque[Future[Any]] = deque()
    for block in blocks:
        with _uninterrupted():
            waiting.append(pool.submit(_apply, block))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Signals to end wait, for a pool that is half made could not be ended.

    The workers that start meanwhile inherit that: Ctrl-C is not for them, and `_prepare` lets
    them be ended again.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_made: Callable[[], Callable[[Any], Any]]


def _prepare(make: Callable[[], Callable[[Any], Any]]) -> None:
    # Ctrl-C goes to the whole group; only the parent answers, by ending the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    global _made
    # Made with the first block, so that an error on the way is that block's.
    _made = cache(make)


def _end_with_parent() -> None:
    """End this worker when its parent was killed and could not do it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _apply(block: Any) -> Any:
    return _made()(block)
