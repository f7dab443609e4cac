"""The options of commands that can use several cores or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from cswitch.scale.batches import Batch, Columns

Block = TypeVar("Block")
Result = TypeVar("Result")
Command = TypeVar("Command", bound=Callable[..., Any])

ENGINES = ("local", "ray")


def _number(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    if value == "all":
        return 0
    if not value.isdecimal():
        raise click.BadParameter("a number of processes, or all")
    return int(value)


def engine_options(command: Command) -> Command:
    """Add ``--jobs`` and ``--engine``."""
    jobs = click.option(
        "--jobs",
        metavar="N",
        callback=_number,
        help="Processes to use; 'all' or 0 for all cores.  [default: 1; with ray, all]",
    )
    engine = click.option(
        "--engine",
        type=click.Choice(ENGINES),
        default="local",
        show_default=True,
        help="Where to compute: on this machine or on a Ray cluster.",
    )
    return jobs(engine(command))


def run(
    make: Callable[[], Callable[[Block], Result]],
    blocks: Iterable[Block],
    jobs: int | None,
    engine: str,
) -> Iterator[Result]:
    """Yield ``make()(block)`` for each block, in order, computed as the options say."""
    if engine == "ray":
        from cswitch.scale import cluster

        return cluster.ordered_map(make, blocks, jobs or 0)
    from cswitch.scale.parallel import ordered_map

    return ordered_map(make, blocks, 1 if jobs is None else jobs)


def run_on_table(
    make: Callable[[], Callable[[Batch], Columns]],
    source: str,
    target: str,
    jobs: int | None,
    engine: str,
) -> None:
    """Write a Parquet table with the columns that ``make()`` adds to each batch of another."""
    from cswitch import parquet

    parquet.write(target, run(partial(parquet.adder, make), parquet.read(source), jobs, engine))
