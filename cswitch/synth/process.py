"""Work in a process of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection


def apart(work: Callable[[], None]) -> None:
    """Do some work in a child process, and raise here what it raised there.

    espeak-ng keeps some state from one utterance to the next that nothing resets, so the same seed
    gives the same samples only in a process that is as fresh; and a synthesizer that crashes must
    not take hours of work with it.

    Raises:
        ChildProcessError: The child died without a word.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(work, sender))
    process.start()
    sender.close()
    try:
        error = receiver.recv()
    except EOFError:
        error = ChildProcessError("a synthesizer has crashed")
    finally:
        process.join()
        receiver.close()
        process.close()
    if error is not None:
        raise error


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Put Ctrl-C and a scheduler's end off while C code calls back: raised there, they are lost."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for one in came:
            signal.raise_signal(one)


def _tell(work: Callable[[], None], sender: Connection) -> None:
    try:
        work()
    except BaseException as error:
        sender.send(error)
    else:
        sender.send(None)
