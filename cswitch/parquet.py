"""Parquet: columns read and written a batch at a time (extra ``datasets``), here or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cswitch.errors import InputError
from cswitch.files import STDIO, atomic_binary, expand, open_binary
from cswitch.scale.parallel import BLOCK

if TYPE_CHECKING:
    from cswitch.scale.batches import Batch, Columns

Table = Any  # pyarrow's


def is_table(path: str | Path) -> bool:
    """Whether a file, or what a pattern matches, is called ``.parquet``."""
    return str(path).endswith(".parquet")


def read(path: str | Path, *, plain: bool = False) -> Iterator[Table]:
    """Yield the rows of a file, or of those that a pattern matches, some thousands at a time.

    Args:
        plain: Read only `plain_columns`; audio stays where it is.

    Raises:
        InputError: A file cannot be read, or pyarrow is not installed.
    """
    pyarrow, parquet = _pyarrow(path)
    for each in expand(path):
        with open_binary(each) as stream:
            try:
                file = parquet.ParquetFile(stream)
                columns = plain_columns(file.schema_arrow) if plain else None
                for batch in file.iter_batches(BLOCK, columns=columns):
                    yield pyarrow.Table.from_batches([batch])
            except (ValueError, OSError) as error:  # pyarrow's errors are kinds of these
                raise InputError(
                    f"cannot be read as Parquet: {str(error).rstrip('.')}",
                    path=each,
                    remedy="Write it again",
                ) from error


def plain_columns(schema: Any) -> list[str]:
    """The names of the columns of text, numbers and truth values."""
    from pyarrow import types

    kinds = (
        types.is_string,
        types.is_large_string,
        types.is_integer,
        types.is_floating,
        types.is_boolean,
    )
    return [field.name for field in schema if any(is_kind(field.type) for is_kind in kinds)]


def write(path: str | Path, tables: Iterator[Table]) -> None:
    """Write tables of the same columns to one file; it appears when it is whole.

    Raises:
        InputError: There is no row, or the output cannot be a table.
    """
    if str(path) == STDIO:
        raise InputError("a table is no text", remedy="Name a Parquet file with -o")
    first = next(tables, None)
    if first is None:
        raise InputError("the table has no rows", remedy="Is it the right file?")
    _, parquet = _pyarrow(path)
    with atomic_binary(path) as out, parquet.ParquetWriter(out, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table.cast(first.schema))


def adder(make: Callable[[], Callable[[Batch], Columns]]) -> Callable[[Table], Table]:
    """A function from a table to one with more, or other, columns.

    Args:
        make: Makes a function from a batch of columns to new columns, as `cswitch.scale.batches`
            does.
    """
    function = make()

    def add(table: Table) -> Table:
        for name, values in function(_Columns(table)).items():
            column = _column(values)
            place = table.schema.get_field_index(name)
            table = (
                table.append_column(name, column)
                if place < 0
                else table.set_column(place, name, column)
            )
        return table

    return add


class _Columns(Mapping[str, list[Any]]):
    """The columns of a table as lists, made when they are asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __getitem__(self, name: str) -> list[Any]:
        values: list[Any] = self._table[name].to_pylist()
        return values

    def __contains__(self, name: object) -> bool:
        return name in self._table.column_names

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.column_names)

    def __len__(self) -> int:
        return len(self._table.column_names)


def _column(values: list[Any]) -> Any:
    """The values as an array; what is nothing but missing is text, as it is in other batches."""
    import pyarrow as pa

    column = pa.array(values)
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    if pa.types.is_list(column.type) and pa.types.is_null(column.type.value_type):
        return column.cast(pa.list_(pa.string()))
    return column


def _pyarrow(path: str | Path) -> tuple[Any, Any]:
    """pyarrow and its module for Parquet."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise InputError(
            "Parquet needs pyarrow",
            path=path,
            remedy="Install it with: pip install 'cswitch-asr[datasets]'",
        ) from error
    return pyarrow, parquet
