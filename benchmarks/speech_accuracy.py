"""Word error rate and language accuracy of a model on synthetic test sets.

    python benchmarks/speech_accuracy.py FOLDER... [--model model.toml] [--train manifest.jsonl]

Each FOLDER is one that `cswitch synth --test` wrote. Words that the training manifest lacks are
counted apart. The corrected rate forgives renderings (the training texts write an English word
now in one script, now in the other). Language accuracy is over frames that lie within words;
"start ms" is the median distance between the start of a right word and its true start.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

import cswitch
from cswitch.recognition import audio
from cswitch.recognition.ctc import Greedy
from cswitch.recognition.decode import Decoder
from cswitch.recognition.nbest import Word
from cswitch.recognition.recognizer import Chunk, Recognizer
from cswitch.recognition.spoken_language import out_of_silence

NOISES = (None, 10, 5, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--train", type=Path)
    parser.add_argument("--lm", type=Path, help="beam search with this model, not greedy")
    parser.add_argument("--gamma", type=float, default=0.0, help="weight of the language network")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--no-noise", action="store_true")
    options = parser.parse_args()
    recognizer = Recognizer.load(options.model)
    known = _vocabulary(options.train)
    decoder = _decoder(recognizer, options.lm, options.gamma) if options.lm else None
    print("set  snr  words  WER %  corrected %  unseen words  their error %  LID %  start ms  RTF")
    for folder in options.folders:
        lines = (folder / "manifest.jsonl").read_text("utf-8").splitlines()[: options.limit]
        for snr in NOISES[:1] if options.no_noise else NOISES:
            _row(folder, [json.loads(line) for line in lines], snr, recognizer, known, decoder)


def _decoder(recognizer: Recognizer, lm: Path, gamma: float) -> Decoder:
    from cswitch.canonical import canonicalizer
    from cswitch.lm.kenlm import KenLM
    from cswitch.recognition.adjust import Adjustment

    return Decoder(
        recognizer.labels,
        KenLM(lm),
        canonicalizer("hi_en"),
        adjustment=Adjustment("log-linear" if gamma else "none", gamma),
        lid_classes=recognizer.lid_classes,
    )


def _words(
    chunks: list[Chunk], recognizer: Recognizer, decoder: Decoder | None
) -> tuple[Word, ...]:
    if decoder is not None:
        stream = decoder.stream(recognizer.frame_seconds)
        for chunk in chunks:
            stream.feed(chunk.ctc, chunk.lid)
        return stream.finish(1)[0].words
    greedy = Greedy(recognizer.labels, recognizer.frame_seconds)
    for chunk in chunks:
        greedy.feed(chunk.ctc)
    return greedy.finish()


def _vocabulary(path: Path | None) -> set[str] | None:
    if path is None:
        return None
    with open(path, encoding="utf-8") as lines:
        return {word for line in lines for word in json.loads(line)["text"].split()}


def _row(
    folder: Path,
    entries: list[dict],  # type: ignore[type-arg]
    snr: int | None,
    recognizer: Recognizer,
    known: set[str] | None,
    decoder: Decoder | None,
) -> None:
    rng = np.random.default_rng(0)
    words = errors = unseen = missed = right = frames = 0
    late: list[float] = []
    texts: list[tuple[str, str]] = []
    seconds = spent = 0.0
    for entry in entries:
        samples = audio.read(folder / entry["audio_filepath"])
        if snr is not None:
            samples = samples + _noise(samples, snr, rng)
        start = time.process_time()
        chunks = list(recognizer.stream([samples]))
        heard = _words(chunks, recognizer, decoder)
        found = [word.word for word in heard]
        spent += time.process_time() - start
        seconds += len(samples) / audio.SAMPLE_RATE
        reference = entry["text"].split()
        texts.append((entry["text"], " ".join(found)))
        if chunks[0].lid is not None:
            lid = np.concatenate([chunk.lid for chunk in chunks])
            heard = out_of_silence(heard, lid, recognizer.lid_classes)
            good, total = _language(entry, lid, recognizer.lid_classes)
            right += good
            frames += total
        edits = Levenshtein.editops(reference, found)
        words += len(reference)
        errors += len(edits)
        wrong = {edit.src_pos for edit in edits if edit.tag != "insert"}
        for block in edits.as_matching_blocks():
            for place in range(block.size):
                said = entry["words"][block.a + place]["start"]
                late.append(heard[block.b + place].start - said)
        for place, word in enumerate(reference):
            if known is not None and word not in known:
                unseen += 1
                missed += place in wrong
    references, hypotheses = zip(*texts, strict=True)
    corrected = cswitch.score(references, hypotheses, lang="hi_en").corrected
    print(
        f"{folder.name:18} {'-' if snr is None else snr:>4} {words:7} {100 * errors / words:6.1f}"
        f"  {100 * corrected.wer:11.1f}"
        f"   {unseen:12}   {100 * missed / max(unseen, 1):13.1f}"
        f"   {100 * right / max(frames, 1):5.1f}   {1000 * np.median(np.abs(late or [0])):8.0f}"
        f"   {spent / seconds:.4f}",
        flush=True,
    )


def _language(entry: dict, lid: np.ndarray, classes: tuple[str, ...]) -> tuple[int, int]:  # type: ignore[type-arg]
    columns = [column for column, name in enumerate(classes) if name != "sil"]
    best = [classes[columns[i]] for i in lid[:, columns].argmax(axis=1)]
    right = total = 0
    for word in entry["words"]:
        for frame in range(round(word["start"] / 0.04), min(round(word["end"] / 0.04), len(best))):
            right += best[frame] == word["lang"]
            total += 1
    return right, total


def _noise(samples: np.ndarray, snr: float, rng: np.random.Generator) -> np.ndarray:
    """White noise at a signal-to-noise ratio in dB."""
    level = np.sqrt(np.mean(samples**2)) * 10 ** (-snr / 20)
    return (rng.normal(size=len(samples)) * level).astype(np.float32)


if __name__ == "__main__":
    main()
