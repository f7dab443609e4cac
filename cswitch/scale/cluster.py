"""The same blocks on a Ray cluster (extra ``ray``), and tables of any size with Ray Data.

A block is a task. Ray gives it to a free worker process anywhere, and once more if that worker or
its machine is lost, so a loss costs one block. A worker process keeps what it has made, models
included, for the blocks that follow.

The cluster is the one that ``RAY_ADDRESS`` names, or this machine. cswitch has to be installed on
all of its machines.
"""

from __future__ import annotations

import logging
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from cswitch import parquet
from cswitch.errors import InputError
from cswitch.files import expand
from cswitch.scale.parallel import BLOCK

if TYPE_CHECKING:
    from cswitch.scale.batches import Batch, Columns

Block = TypeVar("Block")
Result = TypeVar("Result")

_WAITING = 2  # blocks on their way for each processor


def ordered_map(
    make: Callable[[], Callable[[Block], Result]], blocks: Iterable[Block], jobs: int = 0
) -> Iterator[Result]:
    """Yield ``make()(block)`` for each block, in order, computed by the cluster.

    Args:
        make: Makes the function, in each worker once; see `parallel.ordered_map`.
        jobs: How many blocks to compute at a time; 0 for as many as there are processors.
    """
    ray = start()
    # Nothing is wrong with a block whose worker was lost: try again, however often.
    task = ray.remote(max_retries=-1, scheduling_strategy="SPREAD")(_apply)
    made = ray.put(pickle.dumps(make))
    most = jobs or _WAITING * int(ray.cluster_resources().get("CPU", 1))
    waiting: deque[Any] = deque()
    try:
        for block in blocks:
            waiting.append(task.remote(made, block))
            if len(waiting) >= most:
                yield _result(ray, waiting.popleft())
        while waiting:
            yield _result(ray, waiting.popleft())
    finally:
        for left in waiting:
            ray.cancel(left, force=True)


def map_parquet(
    make: Callable[[], Callable[[Batch], Columns]],
    sources: str | list[str],
    target: str,
    *,
    columns: list[str] | None = None,
    jobs: int = 0,
) -> None:
    """Add columns to Parquet files of any size with Ray Data; rows keep their order.

    Args:
        make: Makes a function from a batch of columns to new columns, as `cswitch.scale.batches`
            does.
        sources: Files, folders or globs, local or in a storage that fsspec knows.
        target: The folder to write into.
        columns: Columns to read; all by default.
        jobs: How many workers; 0 for as many as there are processors.
    """
    ray = start()
    from ray.data import DataContext

    context = DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    listed = [sources] if isinstance(sources, str) else sources
    files = [file for source in listed for file in expand(source)]
    table = ray.data.read_parquet(files, columns=columns)
    workers = jobs or max(1, int(ray.cluster_resources().get("CPU", 1)) - 1)
    table.map_batches(
        _Batches,
        fn_constructor_args=(make,),
        batch_size=BLOCK,
        batch_format="pyarrow",
        concurrency=(1, workers),
    ).write_parquet(target)


def start() -> Any:
    """Ray, connected to its cluster.

    Raises:
        InputError: Ray is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise InputError(
            "Ray is not installed", remedy="Install it with: pip install 'cswitch-asr[ray]'"
        ) from error
    if not ray.is_initialized():
        ray.init(log_to_driver=False, logging_level=logging.ERROR, configure_logging=False)
    return ray


class _Batches:
    """What a worker of Ray Data does: made once, then called for each batch."""

    def __init__(self, make: Callable[[], Callable[[Batch], Columns]]) -> None:
        self._add = parquet.adder(make)

    def __call__(self, table: Any) -> Any:
        return self._add(table)


def _apply(made: bytes, block: Any) -> Any:
    return _function(made)(block)


@lru_cache(maxsize=4)
def _function(made: bytes) -> Callable[[Any], Any]:
    function: Callable[[Any], Any] = pickle.loads(made)()
    return function


def _result(ray: Any, reference: Any) -> Any:
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        # What went wrong in the worker is what the caller wants to know.
        raise (error.cause or error) from error
