"""Reading references and hypotheses in the formats that recognizers and scorers write.

A module that `FORMATS` names is a format: ``detect(path, head)`` says whether a file looks like
it, and ``records(source)`` yields its transcripts; where a file holds references and hypotheses,
it says so with ``BOTH_SIDES``. `load` joins a reference with any number of systems.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from types import ModuleType

from cswitch.errors import InputError
from cswitch.files import STDIO, read_lines
from cswitch.formats import ctm, stm
from cswitch.formats.metadata import attach
from cswitch.formats.pairing import Row, Stream, pair
from cswitch.formats.record import Role, Source
from cswitch.parquet import is_table

__all__ = ["FORMATS", "Corpus", "Row", "load"]

# In the order of detection: the more demanding formats first.
FORMATS = ("dataset", "parquet", "seglst", "jsonl", "trn", "stm", "ctm", "table", "kaldi", "plain")
AUTO = "auto"
_HEAD = 200


@dataclass(frozen=True, slots=True)
class Corpus:
    """A reference and its systems, read as it is iterated over (once).

    Attributes:
        systems: The names of the systems.
        formats: The format of the reference and of each system, detected or given.
        rows: The utterances.
    """

    systems: tuple[str, ...]
    formats: tuple[str, ...]
    rows: Iterator[Row]

    def __iter__(self) -> Iterator[Row]:
        return self.rows


def load(
    reference: str | Path,
    hypotheses: Sequence[str | Path],
    format: str = AUTO,
    *,
    reference_field: str | None = None,
    hypothesis_fields: Sequence[str] = (),
    metadata: str | Path | None = None,
) -> Corpus:
    """Join a reference file with the files of one or more systems.

    Utterances are joined by name where the format has names, by place otherwise; the order is
    the reference's. Files in the same order are streamed.

    Args:
        reference: The reference file; ``-`` is standard input.
        hypotheses: One file per system. Without any, the systems are columns of the reference.
        format: One of `FORMATS` for all files, or ``auto``.
        reference_field: Column of the reference in formats with named columns.
        hypothesis_fields: Column of each system, or one for all.
        metadata: A table with more about the utterances, or Kaldi's ``utt2spk``.

    Raises:
        InputError: A file cannot be read or is empty, names are missing or stand twice, or the
            numbers of lines differ; some of these only as the rows are read.
    """
    if format not in (AUTO, *FORMATS):
        raise InputError(
            f"unknown format '{format}'", remedy=f"Choose one of {', '.join((AUTO, *FORMATS))}"
        )
    wanted = _systems(str(reference), [str(path) for path in hypotheses], list(hypothesis_fields))
    if [str(reference), *(path for path, _ in wanted)].count(STDIO) > 1:
        raise InputError("standard input can be read only once", remedy="Name files for the rest")
    source, format_of_reference = _open(str(reference), "reference", reference_field, format)
    if not hypotheses and not getattr(_module(format_of_reference), "BOTH_SIDES", False):
        raise InputError(
            "there is no hypothesis",
            path=reference,
            remedy="Name a file for each system, or give a table with columns for both sides",
        )
    others = [
        _open(path, "hypothesis", field, format, shared=path == str(reference))
        for path, field in wanted
    ]
    left, right = _streams(source, format_of_reference, others)
    rows = pair(left, right)
    return Corpus(
        systems=tuple(_names(wanted)),
        formats=(left.format, *(stream.format for stream in right)),
        rows=rows if metadata is None else attach(rows, metadata),
    )


def _systems(reference: str, paths: list[str], fields: list[str]) -> list[tuple[str, str | None]]:
    paths = paths or [reference]
    if len(fields) <= 1:
        return [(path, fields[0] if fields else None) for path in paths]
    if len(paths) == 1:
        return [(paths[0], field) for field in fields]
    if len(paths) != len(fields):
        raise InputError(
            f"{len(fields)} hypothesis columns for {len(paths)} files",
            remedy="Give one column for all files, or one for each",
        )
    return list(zip(paths, fields, strict=True))


def _names(wanted: Sequence[tuple[str, str | None]]) -> list[str]:
    """The shortest names that tell the systems apart."""
    paths, fields = [path for path, _ in wanted], [field for _, field in wanted]
    if len(set(paths)) < len(paths):
        names = [field or path for path, field in wanted]
        return names if len(set(names)) == len(names) else _numbered(names)
    if len(set(fields)) == len(fields) > 1:
        return [str(field) for field in fields]
    for name in (lambda path: path.stem, lambda path: path.name, str):
        names = ["standard input" if path == STDIO else name(Path(path)) for path in paths]
        if len(set(names)) == len(names):
            return names
    return _numbered(paths)


def _numbered(names: Sequence[str]) -> list[str]:
    return [f"{name} ({number})" for number, name in enumerate(names, start=1)]


def _open(
    path: str, role: Role, field: str | None, format: str, *, shared: bool = False
) -> tuple[Source, str]:
    # A folder or a table is read by its format; everything else by lines.
    apart = Path(path).is_dir() or is_table(path)
    numbered = enumerate(() if apart else read_lines(path), start=1)
    head = list(islice(numbered, _HEAD))
    texts = [line for _, line in head]
    if format == AUTO:
        format = next(name for name in FORMATS if _module(name).detect(path, texts))
    elif format == "stm" and role == "hypothesis" and not stm.detect(path, texts):
        format = "ctm"
    return Source(path, chain(head, numbered), role, field, shared), format


def _streams(
    reference: Source, format: str, systems: Sequence[tuple[Source, str]]
) -> tuple[Stream, list[Stream]]:
    if format != "stm" or all(other != "ctm" for _, other in systems):
        return _stream(reference, format), [_stream(source, other) for source, other in systems]
    # Words with times find their segments only when all segments are known.
    segments = list(stm.segments(reference))
    scored = (stm.record(segment) for segment in segments if not segment.ignored)
    return Stream(reference.path, format, scored), [
        Stream(source.path, other, ctm.by_segment(source, segments))
        if other == "ctm"
        else _stream(source, other)
        for source, other in systems
    ]


def _stream(source: Source, format: str) -> Stream:
    return Stream(source.path, format, iter(_module(format).records(source)))


def _module(format: str) -> ModuleType:
    return import_module(f"{__name__}.{format}")
