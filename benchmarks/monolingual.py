"""Train an encoder that has never heard a switch of language, as Li et al. (2019) did.

    python -m benchmarks.monolingual CORPUS OUTPUT --minutes 60

Every utterance of the CORPUS that `cswitch synth` wrote is cut where the language changes; the
encoder hears the pieces of both languages and never a whole. OUTPUT receives a checkpoint like
that of `cswitch train encoder`, for `cswitch train export` and then `benchmarks.recognition`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import torch

from cswitch.files import read_lines
from cswitch.synth import accents
from cswitch.train import augment, data, loop, model, units

_FRAMES_PER_SECOND = 100
_MARGIN = 0.02
_SHORTEST_PIECE = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--dim", type=int, default=128)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    options.output.mkdir(parents=True, exist_ok=True)
    whole = data.load(options.corpus)
    entries = map(json.loads, read_lines(options.corpus / "manifest.jsonl"))
    pieces = tuple(
        piece
        for example, entry in zip(whole.examples, entries, strict=True)
        for piece in cut(example, entry)
    )
    hours = sum(piece.frames for piece in pieces) / _FRAMES_PER_SECOND / 3600
    print(f"{len(pieces)} pieces of one language, {hours:.1f} h", flush=True)
    names = units.learn(" ".join(example.words) for example in whole.examples)
    shape = model.EncoderShape(
        len(names),
        len(accents.inventory()),
        options.dim,
        options.layers,
        phone_layer=options.layers // 3,
        middle_layer=options.layers * 2 // 3,
    )
    network = model.Encoder(shape)
    loop.train(
        network,
        loop.ctc_losses(network, names, "cpu"),
        data.Corpus(whole.features, pieces),
        options.output,
        loop.Settings(options.minutes),
        augment.Strength(),
        {"kind": "encoder", "shape": asdict(shape), "units": names},
        lambda line: print(line, flush=True),
    )


def cut(example: data.Example, entry: dict[str, Any]) -> Iterator[data.Example]:
    """The runs of one language of an utterance; single words are left out."""
    for _, group in groupby(entry["words"], key=lambda word: word["lang"]):
        words = list(group)
        if len(words) < _SHORTEST_PIECE:
            continue
        first = max(round((words[0]["start"] - _MARGIN) * _FRAMES_PER_SECOND), 0)
        last = min(round((words[-1]["end"] + _MARGIN) * _FRAMES_PER_SECOND), example.frames)
        yield data.Example(
            example.start + first,
            last - first,
            tuple(word["word"] for word in words),
            example.languages[first:last],
            example.phones[first:last],
        )


if __name__ == "__main__":
    main()
