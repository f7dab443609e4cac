"""LID adjustment on simulated posteriors: a recognizer that confuses languages, one that does not.

    python -m benchmarks.adjust DATA

DATA is the folder with ``mucs-hi-en/references.test.txt``. This is no speech: every letter has a
like-sounding letter of the other script, and in a share of the words each letter looks more like
that one. A network that heard only monolingual speech is taken to do so in many words just after a
switch of language, one that heard code-switched speech in few words anywhere. The language network
errs by itself, in one word of twenty. It shows what the forms do, not how good a network is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from cswitch import tokens
from cswitch.normalize import normalizer
from cswitch.recognition.adjust import Adjustment, adjust
from cswitch.recognition.decode import Decoder, Options
from cswitch.recognition.posteriors import Array, Labels, Posteriors

UTTERANCES = 200
CLASSES = ("sil", "hi", "en")
# The share of words in confusion: just after a switch, and elsewhere.
NETWORKS = {"monolingual training": (0.45, 0.05), "code-switched training": (0.05, 0.03)}
LID_ERRORS = 0.05
GAMMAS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)

Simulated = tuple[str, Array, Array]


def partners(labels: Labels) -> dict[str, str]:
    """For each letter a letter of the other script that begins alike in ISO 15919."""
    hindi = normalizer("hi-Deva")
    sounds = {name: hindi.iso(name)[:1].lower() for name in labels.names if len(name) == 1}
    native = {sound: name for name, sound in sounds.items() if tokens.script_of(name) == "Deva"}
    pairs = {}
    for name, sound in sounds.items():
        script = tokens.script_of(name)
        if script == "Deva" and sound in labels.names:
            pairs[name] = sound
        elif script == "Latn":
            pairs[name] = native.get(sound, "अ")
    return {name: other for name, other in pairs.items() if other in labels.names}


def simulate(
    text: str,
    labels: Labels,
    other: Mapping[str, str],
    confusion: tuple[float, float],
    rng: np.random.Generator,
) -> Simulated:
    """Two frames a letter: CTC posteriors, and language posteriors."""
    place = {name: column for column, name in enumerate(labels.names)}
    frames, lid = [], []
    before = None
    for word in text.split():
        script = tokens.script(word)
        confused = rng.random() < confusion[0 if before not in (None, script) else 1]
        before = script
        heard = (script == "Latn") != (rng.random() < LID_ERRORS)
        for char in f" {word}":
            logits = rng.normal(0.0, 1.0, size=(2, len(labels)))
            logits[0, place[char]] += 8.0
            if char in other and char != " ":
                logits[0, place[other[char]]] += rng.normal(9.0 if confused else 4.0, 1.5)
            logits[1, labels.blank] += 8.0
            frames.append(logits)
            sure = rng.beta(8, 1)
            english = sure if heard else 1.0 - sure
            lid += [[0.02, 0.98 * (1 - english), 0.98 * english]] * 2
    stacked = np.concatenate(frames)
    ctc = stacked - np.logaddexp.reduce(stacked, axis=1, keepdims=True)
    return text, ctc, np.log(np.array(lid) + 1e-12)


def wer(utterances: list[Simulated], labels: Labels, adjustment: Adjustment) -> float:
    decoder = Decoder(labels, options=Options(beam=16))
    errors = words = 0
    for text, ctc, lid in utterances:
        moved = adjust(ctc, lid, labels, CLASSES, adjustment)
        found = decoder.decode(Posteriors("", moved)).hypotheses[0].text
        errors += Levenshtein.distance(text.split(), found.split())
        words += len(text.split())
    return errors / words


def main(data: Path) -> None:
    lines = (data / "mucs-hi-en" / "references.test.txt").read_text("utf-8").split("\n")
    letters = sorted({char for line in lines for char in line if tokens.script_of(char)})
    labels = Labels(("<blank>", " ", *letters), blank=0)
    known = set(labels.names)
    mixed = [line for line in dict.fromkeys(lines) if line and set(line) <= known]
    mixed = [line for line in mixed if len({tokens.script(word) for word in line.split()}) == 2]
    other = partners(labels)
    for name, confusion in NETWORKS.items():
        rng = np.random.default_rng(1)
        every = [simulate(line, labels, other, confusion, rng) for line in mixed[: 2 * UTTERANCES]]
        tuning, test = every[::2], every[1::2]
        gamma = min(GAMMAS, key=lambda g: wer(tuning, labels, Adjustment("log-linear", g)))
        none = wer(test, labels, Adjustment("none"))
        print(f"\n{name} (simulated)\n  none                      WER {none:.4f}")
        for adjustment in (
            Adjustment("log-linear", gamma),
            Adjustment("linear"),
            Adjustment("mask"),
        ):
            found = wer(test, labels, adjustment)
            what = adjustment.form + (
                f", gamma {gamma:g}" if adjustment.form == "log-linear" else ""
            )
            print(f"  {what:25} WER {found:.4f}  {100 * (found / none - 1):+.1f} %")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
