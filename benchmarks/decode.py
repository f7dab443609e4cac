"""Beam search beside pyctcdecode, flashlight-text and fast-ctc-decode, in one process and one run.

    python -m benchmarks.decode DATA [UTTERANCES]

DATA is the folder with ``mucs-hi-en/references.test.txt``. The posteriors are simulated from its
sentences (benchmarks/simulate.py): 250 frames of 128 labels. The language model, of words as they
are written, is of the other sentences; all decoders prune alike where they can. Peers that are not
installed are left out.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from benchmarks import simulate
from cswitch import lm
from cswitch.recognition.decode import Decoder, Options
from cswitch.recognition.posteriors import Array, Labels, Posteriors

FRAMES, WIDTH = 250, 128
MARGIN, FLOOR = 10.0, -5.0
LM_WEIGHT, WORD_BONUS, UNKNOWN = 0.5, 1.5, -10.0
NBEST = 100

Decode = Callable[[Array], str]


def ours(labels: Labels, model: Path | None, beam: int) -> Decode:
    options = Options(
        beam=beam, margin=MARGIN, token_floor=FLOOR, one_script=False, lm_weight=LM_WEIGHT,
        word_bonus=WORD_BONUS, unknown_offset=UNKNOWN,
    )  # fmt: skip
    decoder = Decoder(labels, None if model is None else lm.KenLM(model), options=options)
    return lambda ctc: decoder.decode(Posteriors("", ctc)).hypotheses[0].text


def pyctcdecode(labels: Labels, model: Path | None, beam: int) -> Decode:
    from pyctcdecode import build_ctcdecoder

    decoder = build_ctcdecoder(
        ["", *labels.names[1:]], None if model is None else str(model),
        alpha=LM_WEIGHT, beta=WORD_BONUS, unk_score_offset=UNKNOWN,
    )  # fmt: skip
    return lambda ctc: str(
        decoder.decode(ctc, beam_width=beam, beam_prune_logp=-MARGIN, token_min_logp=FLOOR)
    )


def flashlight(labels: Labels, model: Path | None, beam: int) -> Decode:
    from flashlight.lib.text.decoder import (
        CriterionType,
        LexiconFreeDecoder,
        LexiconFreeDecoderOptions,
        ZeroLM,
    )

    if model is not None:
        raise ImportError("its word model needs a lexicon")
    options = LexiconFreeDecoderOptions(
        beam_size=beam, beam_size_token=WIDTH, beam_threshold=MARGIN, lm_weight=0.0,
        sil_score=0.0, log_add=True, criterion_type=CriterionType.CTC,
    )  # fmt: skip
    decoder = LexiconFreeDecoder(options, ZeroLM(), 1, 0, [])

    def decode(ctc: Array) -> str:
        frames = np.ascontiguousarray(ctc, dtype=np.float32)
        best = decoder.decode(frames.ctypes.data, *frames.shape)[0].tokens
        kept = [k for k, before in zip(best, [-1, *best], strict=False) if k != before and k > 0]
        return " ".join("".join(labels.names[k] for k in kept).split())

    return decode


def fast_ctc_decode(labels: Labels, model: Path | None, beam: int) -> Decode:
    import fast_ctc_decode as peer

    if model is not None:
        raise ImportError("it takes no language model")
    names = ["N", *labels.names[1:]]
    cut = float(np.exp(FLOOR))

    def decode(ctc: Array) -> str:
        text, _ = peer.beam_search(np.exp(ctc).astype(np.float32), names, beam, cut)
        return " ".join(text.split())

    return decode


def measure(decode: Decode, frames: Sequence[Array], texts: Sequence[str]) -> tuple[float, float]:
    """Seconds, and WER."""
    begin = time.perf_counter()
    found = [decode(one) for one in frames]
    seconds = time.perf_counter() - begin
    errors = sum(
        Levenshtein.distance(a.split(), b.split()) for a, b in zip(texts, found, strict=True)
    )
    return seconds, errors / sum(len(one.split()) for one in texts)


def main(data: Path, number: int) -> None:
    lines = (data / "mucs-hi-en" / "references.test.txt").read_text("utf-8").split("\n")
    fitting = [line for line in dict.fromkeys(lines) if 30 <= len(line) <= 110]
    texts, rest = fitting[:number], fitting[number:]
    labels = simulate.labels_of(lines, WIDTH)
    known = set(labels.names)
    texts = ["".join(char for char in text if char in known) for text in texts]
    rng = np.random.default_rng(1)
    frames = [simulate.posteriors(text, labels, FRAMES, rng) for text in texts]
    with tempfile.TemporaryDirectory() as folder:
        arpa = Path(folder) / "words.arpa"
        lm.write_arpa(lm.build([[line.split() for line in rest]], 3), arpa)
        print(f"{len(texts)} utterances x {FRAMES} frames x {WIDTH} labels, simulated")
        for model in (None, arpa):
            for beam in (16, 64):
                table(labels, frames, texts, model, beam)
    for width in (16, 64):
        decoder = Decoder(labels, options=Options(beam=width, margin=MARGIN, token_floor=FLOOR))
        sizes = [len(decoder.decode(Posteriors("", ctc), NBEST).hypotheses) for ctc in frames[:20]]
        print(f"n-best of {NBEST}, beam {width}: between {min(sizes)} and {max(sizes)} texts")


def table(
    labels: Labels, frames: Sequence[Array], texts: Sequence[str], model: Path | None, beam: int
) -> None:
    print(f"\nbeam {beam}, {'no language model' if model is None else 'trigram of words'}")
    reference = None
    for make in (ours, pyctcdecode, flashlight, fast_ctc_decode):
        try:
            decode = make(labels, model, beam)
        except ImportError as error:
            print(f"  {make.__name__:16} - ({error})")
            continue
        seconds, wer = measure(decode, frames, texts)
        reference = reference or seconds
        print(f"  {make.__name__:16} {seconds:8.3f} s  {seconds / reference:7.2f} x  WER {wer:.4f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200)
