"""Joining the records of a reference with those of each system, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from cswitch.errors import InputError
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
    names = _Seen(reference)
    lookups = [_Lookup(system) for system in systems]
    for record in reference.records:
        name = names.name(record)
        found = tuple(lookup.take(name, reference, record) for lookup in lookups)
        yield Row(name, record.text, found, record.metadata)
    for lookup in lookups:
        lookup.finish(reference)


class _Seen:
    """The names of one file: each there, and each once."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._lines: dict[str, int] = {}

    def name(self, record: Record) -> str:
        if record.id is None:
            raise InputError(
                "the utterance has no name",
                path=self._stream.path,
                line=record.line,
                remedy="Name all utterances or none",
            )
        before = self._lines.setdefault(record.id, record.line)
        if before != record.line:
            raise InputError(
                f"the utterance '{record.id}' stands in line {before} already",
                path=self._stream.path,
                line=record.line,
                remedy="Give each utterance a name of its own",
            )
        return record.id


class _Lookup:
    """The records of one system by name; those met before they are asked for wait."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._names = _Seen(stream)
        self._waiting: dict[str, Record] = {}

    def take(self, name: str, reference: Stream, asked: Record) -> str:
        while name not in self._waiting:
            record = next(self._stream.records, None)
            if record is None:
                raise InputError(
                    f"no utterance '{name}', which stands in {reference.path}:{asked.line}",
                    path=self._stream.path,
                    remedy="Add it, with an empty text if nothing was recognized",
                )
            self._waiting[self._names.name(record)] = record
        return self._waiting.pop(name).text

    def finish(self, reference: Stream) -> None:
        for record in self._stream.records:
            self._waiting[self._names.name(record)] = record
        for name, record in self._waiting.items():
            more = f" ({len(self._waiting)} such utterances)" if len(self._waiting) > 1 else ""
            raise InputError(
                f"the utterance '{name}' is not in {reference.path}{more}",
                path=self._stream.path,
                line=record.line,
                remedy="Remove it, or score it with its reference",
            )
