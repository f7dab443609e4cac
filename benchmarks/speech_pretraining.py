"""Does pretraining without transcripts pay? The same processor time with it and without it.

    python -m benchmarks.speech_pretraining CORPUS TEST --minutes 6

A small encoder learns for MINUTES of processor time; another one is pretrained for half of them
and learns for the other half. TEST is a corpus of held-out sentences.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein

from cswitch.recognition import features
from cswitch.train import data, export, loop, recipes, units

LAYERS, DIM, BATCH_SECONDS, LEARNING_RATE = 4, 96, 20.0, 1.5e-3
UTTERANCES = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--minutes", type=float, default=6.0)
    options = parser.parse_args()
    # Other work on the machine must not count.
    loop.time = SimpleNamespace(monotonic=time.process_time)  # type: ignore[assignment]
    test = data.load(options.test)
    print("pretrained  trained  heard h  CTC loss per unit  letter error %  WER %", flush=True)
    for share in (0.5, 0.0):
        with tempfile.TemporaryDirectory() as folder:
            before, after = options.minutes * share, options.minutes * (1 - share)
            path = _train(options.corpus, Path(folder), before, after)
            hours = torch.load(path, weights_only=True)["counters"][2]
            loss, letters, words = _measure(path, test)
        print(
            f"{before:6.1f} min  {after:3.1f} min  {hours:7.1f}  {loss:17.3f}  {letters:14.1f}"
            f"  {words:5.1f}",
            flush=True,
        )


def _train(corpus: Path, folder: Path, before: float, after: float) -> Path:
    start = None
    if before:
        _run("pretrained", corpus, folder / "pre", before, None)
        start = folder / "pre" / recipes.CHECKPOINT
    _run("encoder", corpus, folder / "enc", after, start)
    return folder / "enc" / recipes.CHECKPOINT


def _run(
    kind: recipes.Kind, corpus: Path, output: Path, minutes: float, start: Path | None
) -> None:
    output.mkdir()
    settings = loop.Settings(minutes, BATCH_SECONDS, LEARNING_RATE)
    recipes.train(
        recipes.Recipe(kind, (corpus,), output, settings, LAYERS, DIM, start),
        lambda line: print("#", line, flush=True),
    )


def _measure(checkpoint: Path, test: data.Corpus) -> tuple[float, float, float]:
    """Loss per unit, letter errors and word errors in percent, of the best label per frame."""
    network, content = export.load(checkpoint, "encoder")
    names = content["units"]
    rank = units.ranks(names)
    loss = count = letter_errors = letters = word_errors = words = 0.0
    for example in test.examples[:UTTERANCES]:
        mel = test.features[example.start : example.start + example.frames].astype(np.float32)
        heard = np.log(np.exp(mel) + np.float32(features.FLOOR))
        with torch.no_grad():
            logits = network(torch.from_numpy(features.normalize(heard))[None])[0][0]
        log_probs = logits.log_softmax(dim=-1)
        said = torch.tensor([unit for word in example.words for unit in units.encode(word, rank)])
        loss += float(
            torch.nn.functional.ctc_loss(
                log_probs[:, None],
                said[None],
                torch.tensor([len(log_probs)]),
                torch.tensor([len(said)]),
                reduction="sum",
            )
        )
        count += len(said)
        best = [names[label] for label, _ in groupby(log_probs.argmax(dim=-1).tolist()) if label]
        text = "".join(best).replace(units.WORD_START, " ").strip()
        reference = " ".join(example.words)
        letter_errors += Levenshtein.distance(reference, text)
        letters += len(reference)
        word_errors += Levenshtein.distance(reference.split(), text.split())
        words += len(reference.split())
    return loss / count, 100 * letter_errors / letters, 100 * word_errors / words


if __name__ == "__main__":
    main()
