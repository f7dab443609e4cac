"""The ARPA format, which KenLM, SRILM and others read."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np

from cswitch.files import atomic_path
from cswitch.lm.counts import SPECIAL
from cswitch.lm.ngrams import NGrams

_LOG10 = float(np.log(10.0))
# What stands for log10(0), as in SRILM.
_NEVER = -99.0


def write_arpa(model: NGrams, path: str | Path) -> None:
    """Write a model; a name that ends in ``.gz`` is compressed. Logarithms are to base 10."""
    with atomic_path(path) as temporary, open(temporary, "wb") as raw:
        if str(path).endswith(".gz"):
            # Without a time stamp, so that equal models are equal files.
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                _write(model, io.TextIOWrapper(packed, encoding="utf-8", newline=""))
        else:
            _write(model, io.TextIOWrapper(raw, encoding="utf-8", newline=""))


def _write(model: NGrams, out: io.TextIOWrapper) -> None:
    out.write("\\data\\\n")
    for length, table in enumerate(model.tables, start=1):
        out.write(f"ngram {length}={len(table.logs)}\n")
    if model.order == 1:
        # KenLM reads no model without bigrams, but one with none of them.
        out.write("ngram 2=0\n")
    for length, table in enumerate(model.tables, start=1):
        out.write(f"\n\\{length}-grams:\n")
        last = length == max(model.order, 2)
        for row, log, backoff in zip(table.rows, table.logs, table.backoffs, strict=True):
            words = " ".join(model.words[number] for number in row)
            tail = "" if last else f"\t{_log10(backoff):.7g}"
            out.write(f"{_log10(log):.7g}\t{words}{tail}\n")
    if model.order == 1:
        out.write("\n\\2-grams:\n")
    out.write("\n\\end\\\n")
    out.flush()
    out.detach()


def _log10(log: float) -> float:
    return max(float(log) / _LOG10, _NEVER)


def read_unigrams(path: str | Path) -> dict[str, float]:
    """The words of an ARPA file with their natural-log probabilities; none of other files.

    The marks of the model itself (``<unk>``, ``<s>``, ``</s>``) are left out.
    """
    words: dict[str, float] = {}
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rb") as lines:
        if not next(lines, b"").startswith(b"\\data\\"):
            return {}
        inside = False
        for line in lines:
            if line.startswith(b"\\"):
                if inside:
                    break
                inside = line.startswith(b"\\1-grams:")
            elif inside and line.strip():
                log, word, *_ = line.decode("utf-8").split()
                words[word] = float(log) * _LOG10
    return {word: log for word, log in words.items() if word not in SPECIAL}
