"""CTC posteriors and their labels: read, and checked before anything is made of them."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cswitch import json_input, tokens
from cswitch.errors import InputError
from cswitch.files import address, below, expand, read_lines

Array = NDArray[np.float64]

WORD_START = "▁"
_BLANKS = ("<blank>", "<blk>", "<b>", "<eps>", "<pad>", "[PAD]")
_SEPARATORS = ("|", " ", "<space>", WORD_START)
ENDINGS = (".npy", ".npz")
_ARRAYS = ("posteriors", "lid", "frame_seconds")
# A row may be off by what float16 storage loses.
_ROW_TOLERANCE = 0.02


@dataclass(frozen=True)
class Labels:
    """What the columns of a posteriorgram stand for.

    Words are separated by a label of their own (a space, ``|``, ``<space>``) or begin with ``▁``.

    Attributes:
        names: The labels as the recognizer calls them, in the order of the columns.
        blank: The column of the CTC blank.

    >>> labels = Labels(("<blank>", "▁", "क", "a"), blank=0)
    >>> labels.texts, labels.starts, labels.scripts
    (('', '', 'क', 'a'), (False, True, False, False), (None, None, 'Deva', 'Latn'))
    """

    names: tuple[str, ...]
    blank: int

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What each label writes, without its word boundary."""
        return tuple(
            "" if column == self.blank or name in _SEPARATORS else name.removeprefix(WORD_START)
            for column, name in enumerate(self.names)
        )

    @cached_property
    def starts(self) -> tuple[bool, ...]:
        """Whether a word begins with (or after) the label."""
        return tuple(name in _SEPARATORS or name.startswith(WORD_START) for name in self.names)

    @cached_property
    def usable(self) -> tuple[bool, ...]:
        """False for markers such as ``<unk>``, which stand for no text."""
        return tuple(
            column != self.blank and (name in _SEPARATORS or not _is_marker(name))
            for column, name in enumerate(self.names)
        )

    @cached_property
    def scripts(self) -> tuple[str | None, ...]:
        """The script of each label; None for the blank, separators, digits and the like."""
        return tuple(
            tokens.script(text) if good else None
            for text, good in zip(self.texts, self.usable, strict=True)
        )

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True, eq=False)
class Posteriors:
    """What a recognizer says about one utterance.

    Attributes:
        id: The name of the utterance.
        ctc: Frames × labels, natural logarithms.
        lid: Frames × languages, natural logarithms, where there is a language network.
        frame_seconds: How long a frame is.
    """

    id: str
    ctc: Array
    lid: Array | None = None
    frame_seconds: float = 0.04


def find(paths: Iterable[str | Path]) -> Iterator[Path]:
    """The files of posteriors that paths, patterns and folders name, in order.

    Raises:
        InputError: A pattern matches nothing, or there are no posteriors in a folder.
    """
    for pattern in paths:
        for path in map(Path, expand(pattern)):
            if address(path) is None and path.is_dir():
                yield from below(path, ENDINGS, "are no posteriors")
            else:
                yield path


def read_labels(path: str | Path, blank: str | None = None) -> Labels:
    """Read labels, and find the blank among them.

    Args:
        path: The file, of a form that `read_names` knows.
        blank: The name of the blank; found by itself where it is one of the usual ones.

    Raises:
        InputError: The file has another form, or not one label is the blank.
    """
    names = read_names(path)
    candidates = _BLANKS if blank is None else (blank,)
    found = next((name for name in candidates if name in names), None)
    if found is not None and names.count(found) > 1:
        raise InputError(
            f"the blank '{found}' stands {names.count(found)} times",
            path=path,
            remedy="Give each column its own label; only pieces of words may be there twice",
        )
    if found is None:
        raise InputError(
            f"no label is the CTC blank (looked for {', '.join(candidates)})",
            path=path,
            remedy='Name it (--blank, or blank = "…" in a configuration), or add a line <blank>',
        )
    return Labels(tuple(names), names.index(found))


def read_names(path: str | Path) -> list[str]:
    """Read labels as they stand in a file, without asking which one is the blank.

    One a line; with their columns behind them, as k2 and sherpa write ``tokens.txt``; or in JSON, a
    list or an object from label to column. Some may be alike: tokenizers of several languages have
    pieces in common.

    Raises:
        InputError: The file has none or is not text, or columns are missing.
    """
    lines = list(read_lines(path)) if Path(path).suffix != ".json" else None
    names = _read_json(path) if lines is None else _numbered(lines) or lines
    if not names:
        raise InputError(
            "the file is empty", path=path, remedy="Write the name of each column, one a line"
        )
    return names


def _numbered(lines: Sequence[str]) -> list[str] | None:
    """The labels of lines such as ``▁a 7``; None if the lines are others."""
    found = [re.fullmatch(r"(.+)[ \t]([0-9]+)", line) for line in lines]
    # Symbols such as #0 belong to the graph of a decoder, not to the network.
    columns = {int(m[2]): m[1] for m in found if m and not re.fullmatch(r"#[0-9]+", m[1])}
    if None in found or sorted(columns) != list(range(len(columns))):
        return None
    return [columns[column] for column in range(len(columns))]


def read(path: str | Path, *, frame_seconds: float = 0.04) -> Posteriors:
    """Read the posteriors of one utterance.

    A ``.npy`` holds frames × labels. A ``.npz`` holds that as ``posteriors``, and may hold
    ``lid`` (frames × languages) and ``frame_seconds``.

    Raises:
        InputError: The file is no such file, or its arrays are not log-probabilities.
    """
    path = Path(path)
    arrays = _arrays(path)
    if "posteriors" not in arrays:
        raise InputError(
            "has no array 'posteriors'",
            path=path,
            remedy="Save it with numpy.savez(path, posteriors=…, lid=…)",
        )
    lid = check(arrays["lid"], path=path, name="lid") if "lid" in arrays else None
    if "frame_seconds" in arrays:
        frame_seconds = _seconds(arrays["frame_seconds"], path)
    return Posteriors(path.stem, check(arrays["posteriors"], path=path), lid, frame_seconds)


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    """The arrays of a file that have a meaning here."""
    try:
        with open(path, "rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {"posteriors": loaded}
            return {name: loaded[name] for name in _ARRAYS if name in loaded}
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(
            "cannot be read as numpy arrays: it is cut short, or something else",
            path=path,
            remedy="Write it with numpy.save or numpy.savez",
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot read: {error.strerror}", path=path, remedy="Check the name and the permissions"
        ) from error


def _seconds(value: NDArray[np.generic], path: Path) -> float:
    real = np.issubdtype(value.dtype, np.floating) or np.issubdtype(value.dtype, np.integer)
    if value.size != 1 or not real or not 0 < value.item() < np.inf:
        raise InputError(
            "'frame_seconds' is not a positive number", path=path, remedy="Save one such as 0.04"
        )
    return float(value.item())


def check(
    values: NDArray[np.generic],
    *,
    width: int | None = None,
    path: str | Path | None = None,
    name: str = "posteriors",
) -> Array:
    """The values as float64, once they are surely natural-log probabilities.

    Args:
        values: Frames × labels.
        width: How many columns there must be.
        path: Where the values come from, for the message.
        name: What to call them in it.

    Raises:
        InputError: Another shape, NaN, or rows that do not sum to one; the message gives the sum.

    >>> check(np.array([[0.5, 0.5]]))
    Traceback (most recent call last):
    cswitch.errors.InputError: posteriors are probabilities, not their natural logarithms...
    """
    if values.ndim != 2 or not np.issubdtype(values.dtype, np.floating):
        raise InputError(
            f"{name} have shape {values.shape} and type {values.dtype}",
            path=path,
            remedy="Give frames × labels as floating-point numbers",
        )
    array = np.ascontiguousarray(values, dtype=np.float64)
    if width is not None and array.shape[1] != width:
        raise InputError(
            f"{name} have {array.shape[1]} columns where there are {width} labels",
            path=path,
            remedy="Use the label file of the same recognizer, the blank included; cswitch decode "
            "takes one with --labels",
        )
    broken = np.isnan(array).any(axis=1)
    if broken.any():
        raise InputError(
            f"frame {int(broken.argmax())} of the {name} has NaN",
            path=path,
            remedy="Look for a division by zero where they were computed",
        )
    if len(array):
        _check_sums(array, path, name)
    return array


def _check_sums(array: Array, path: str | Path | None, name: str) -> None:
    with np.errstate(over="ignore"):
        sums = np.exp(array).sum(axis=1)
    off = np.abs(sums - 1.0)
    if off.max() <= _ROW_TOLERANCE:
        return
    if array.min() >= 0.0 and np.abs(array.sum(axis=1) - 1.0).max() <= _ROW_TOLERANCE:
        raise InputError(
            f"{name} are probabilities, not their natural logarithms (rows sum to 1)",
            path=path,
            remedy="Take numpy.log of them",
        )
    with np.errstate(over="ignore"):
        decimal = np.power(10.0, array).sum(axis=1)
    if np.abs(decimal - 1.0).max() <= _ROW_TOLERANCE:
        raise InputError(
            f"{name} are logarithms to base 10, not natural ones",
            path=path,
            remedy="Multiply them by log(10)",
        )
    worst = int(off.argmax())
    raise InputError(
        f"{name} are not log-probabilities: the exponentials of frame {worst} sum to "
        f"{sums[worst]:.4g}, not 1",
        path=path,
        remedy="Apply log-softmax to logits",
    )


def _read_json(path: str | Path) -> list[str]:
    remedy = 'Write ["<blank>", "a", …] or {"<blank>": 0, "a": 1, …}'
    value = json_input.parse("\n".join(read_lines(path)), path, remedy)
    if isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values()):
        raise InputError(
            f"it has vocabularies of {len(value)} languages ({', '.join([*value][:3])}, …)",
            path=path,
            remedy="Write the one that the network was exported with to a file of its own",
        )
    if isinstance(value, dict) and all(type(column) is int for column in value.values()):
        names = sorted(value, key=value.__getitem__)
        if [value[name] for name in names] == list(range(len(names))):
            return names
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return value
    raise InputError(
        "neither a list of labels nor an object from label to column", path=path, remedy=remedy
    )


def _is_marker(name: str) -> bool:
    return len(name) > 2 and name[0] + name[-1] in ("<>", "[]")
