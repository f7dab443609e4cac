"""Several processes that train one network: each hears a part of a batch, gradients are added."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.context import SpawnProcess
from pathlib import Path

import torch
from torch import Tensor, distributed, nn

# Longer than any worker takes to read its corpus or to write a checkpoint.
_PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Team:
    """Which worker this is, and how many there are. One alone has nobody to add to."""

    rank: int = 0
    size: int = 1

    def add(self, values: Tensor) -> Tensor:
        """The sum of the workers' values, in place."""
        if self.size > 1:
            distributed.all_reduce(values)
        return values

    def add_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Add up the gradients of all workers, in one message."""
        if self.size == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = self.add(torch.cat([gradient.flatten() for gradient in gradients]))
        parts = torch.split(flat, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))


ALONE = Team()


@contextlib.contextmanager
def gather(size: int, work: Callable[[Team], None]) -> Iterator[Team]:
    """Start workers, which do the same work as this process, the first of the team.

    Args:
        size: How many workers there are, this process among them.
        work: What the others do; it has to be importable there. It must ask the team for the same
            sums in the same order as this process.

    Raises:
        ChildProcessError: A worker died.
    """
    if size == 1:
        yield ALONE
        return
    # Processes that start afresh share no threads and no locks with this one.
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder) / "meeting"
        others = [
            context.Process(target=_join, args=(Team(rank, size), meeting, work), daemon=True)
            for rank in range(1, size)
        ]
        for process in others:
            process.start()
        try:
            _meet(Team(0, size), meeting)
            yield Team(0, size)
            for process in others:
                process.join()
        except RuntimeError as error:
            raise _explained(others, error) from error
        finally:
            for process in others:
                process.terminate()
            if distributed.is_initialized():
                distributed.destroy_process_group()


def _explained(others: list[SpawnProcess], error: RuntimeError) -> Exception:
    """What broke the connection: mostly the end of a worker."""
    for process in others:
        process.join(timeout=5)
    ends = [process.exitcode for process in others if process.exitcode]
    return ChildProcessError(f"a worker died (exit code {ends[0]})") if ends else error


def _meet(team: Team, meeting: Path) -> None:
    distributed.init_process_group(
        "gloo",
        init_method=f"file://{meeting}",
        rank=team.rank,
        world_size=team.size,
        timeout=_PATIENCE,
    )


def _join(team: Team, meeting: Path, work: Callable[[Team], None]) -> None:
    # Ctrl-C goes to the whole group; the first worker answers, and tells the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _meet(team, meeting)
    with contextlib.suppress(KeyboardInterrupt):
        work(team)
    distributed.destroy_process_group()
