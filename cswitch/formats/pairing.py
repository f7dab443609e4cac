"""Joining the records of a reference with those of each system, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from cswitch.errors import InputError
from cswitch.formats.by_name import ByName
from cswitch.formats.names import Names, twice
from cswitch.formats.record import Record


@dataclass(frozen=True, slots=True)
class Row:
    """One utterance: the reference, and what each system made of it.

    Attributes:
        id: The name of the utterance, or its line number.
    """

    id: str
    reference: str
    hypotheses: tuple[str, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stream:
    """The records of one file, not yet read."""

    path: str
    format: str
    records: Iterator[Record]


def pair(reference: Stream, systems: Sequence[Stream]) -> Iterator[Row]:
    """Yield the utterances in the order of the reference.

    Raises:
        InputError: The reference is empty, one file has names and another has none, names are
            missing or stand twice, or the numbers of utterances differ.
    """
    reference, named = _peek(reference)
    if named is None:
        raise InputError(
            "there are no utterances", path=reference.path, remedy="Is it the right file?"
        )
    for position, system in enumerate(systems):
        system, also = _peek(system)
        systems = [*systems[:position], system, *systems[position + 1 :]]
        if also is not None and also != named:
            with_names, without = (reference, system) if named else (system, reference)
            raise InputError(
                f"no utterance names ({without.format}), but {with_names.path} has some "
                f"({with_names.format})",
                path=without.path,
                remedy="Give the files the same format, and say it with --format",
            )
    return _by_name(reference, systems) if named else _by_place(reference, systems)


def _peek(stream: Stream) -> tuple[Stream, bool | None]:
    first = next(stream.records, None)
    if first is None:
        return stream, None
    whole = Stream(stream.path, stream.format, chain([first], stream.records))
    return whole, first.id is not None


def _by_place(reference: Stream, systems: Sequence[Stream]) -> Iterator[Row]:
    place = 0
    for place, record in enumerate(reference.records, start=1):
        found = [next(system.records, None) for system in systems]
        for system, hypothesis in zip(systems, found, strict=True):
            if hypothesis is None:
                total = place + sum(1 for _ in reference.records)
                raise _different_length(system, place - 1, reference, total)
        yield Row(
            str(record.line),
            record.text,
            tuple(hypothesis.text for hypothesis in found if hypothesis is not None),
            record.metadata,
        )
    for system in systems:
        rest = sum(1 for _ in system.records)
        if rest:
            raise _different_length(system, place + rest, reference, place)


def _different_length(system: Stream, count: int, reference: Stream, total: int) -> InputError:
    return InputError(
        f"{count} utterances, but {reference.path} has {total}",
        path=system.path,
        line=min(count, total) + 1,
        remedy="Both need one line per utterance, an empty one where nothing was recognized",
    )


def _by_name(reference: Stream, systems: Sequence[Stream]) -> Iterator[Row]:
    names = Names(reference.path)
    sides = [(system.path, ByName(system.path, system.records)) for system in systems]
    for record in reference.records:
        name = names.add(record)
        found = [(path, records, records.take(name)) for path, records in sides]
        for path, records, hypothesis in found:
            if hypothesis is None:
                # A name that stands twice on either side explains it better.
                names.check()
                _left(path, records, names)
                raise _missing(name, path, f"{reference.path}:{record.line}")
        texts = tuple(hypothesis.text for *_, hypothesis in found if hypothesis is not None)
        yield Row(name, record.text, texts, record.metadata)
    names.check()
    for path, records in sides:
        if (left := _left(path, records, names)) is not None:
            raise _unasked(*left, path, reference.path)


def _left(path: str, records: ByName, names: Names) -> tuple[Record, int] | None:
    """The first record that was not asked for, which is not one that was asked for before."""
    left = records.left()
    if left is not None and str(left[0].id) in names:
        raise twice(str(left[0].id), path, left[0].line)
    return left


def _missing(name: str, path: str, place: str) -> InputError:
    return InputError(
        f"no utterance '{name}', which stands in {place}",
        path=path,
        remedy="Add it, with an empty text if nothing was recognized",
    )


def _unasked(record: Record, count: int, path: str, reference: str) -> InputError:
    more = f" ({count} such utterances)" if count > 1 else ""
    return InputError(
        f"the utterance '{record.id}' is not in {reference}{more}",
        path=path,
        line=record.line,
        remedy="Remove it, or score it with its reference",
    )
