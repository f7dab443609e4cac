"""What language models and language posteriors bring, on posteriors of synthetic speech.

    cswitch transcribe audio/*.flac --posteriors FOLDER
    python -m benchmarks.recognition DATA LABELS FOLDER MANIFEST [FOLDER MANIFEST …] [--adjustment]

MANIFEST has the references (a line with audio_filepath and text for each file of FOLDER); DATA is
the folder with the texts of the language models, from which the sentences of test sets are left
out. Every second utterance is for tuning, the others, of other sentences, are measured. Both
language models are of the same transcripts; the canonical one scores one form per word, the
surface one words as written.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from cswitch import lm, tokens
from cswitch.analysis import Tally
from cswitch.canonical import Canonicalizer, canonicalizer
from cswitch.recognition import posteriors
from cswitch.recognition.adjust import Adjustment
from cswitch.recognition.decode import Decoder, LanguageModel, Options, Rendering
from cswitch.recognition.nbest import NBest
from cswitch.recognition.posteriors import Labels, Posteriors
from cswitch.recognition.rescore import Rescorer, least_risk
from cswitch.recognition.tuning import Weights, pattern_search
from cswitch.scoring import Scorer
from cswitch.synth import texts

NBEST = 20
BEAM = 48
STEPS = {"lm_weight": 0.4, "word_bonus": 1.0, "unknown_offset": 2.0}
START = {"lm_weight": 0.4, "word_bonus": 0.0, "unknown_offset": -2.0}


class Bench:
    """Utterances with references, and one way to count errors."""

    def __init__(self, labels: Labels, sets: Sequence[tuple[Path, Path]]) -> None:
        self.labels = labels
        self.references: dict[str, str] = {}
        self.tuning: list[Posteriors] = []
        self.test: list[Posteriors] = []
        for folder, manifest in sets:
            for line in manifest.read_text("utf-8").splitlines():
                entry = json.loads(line)
                name = Path(entry["audio_filepath"]).stem
                one = posteriors.read(folder / f"{name}.npz")
                (self.test if int(name) % 2 else self.tuning).append(
                    replace(one, id=f"{folder.name}/{name}")
                )
                self.references[f"{folder.name}/{name}"] = entry["text"]
        self._scorer = Scorer("hi_en")
        self._known: dict[tuple[str, str], Tally] = {}

    def between(self, reference: str, text: str) -> Tally:
        key = (reference, text)
        if key not in self._known:
            self._known[key] = self._scorer.utterance("", reference, text).tally
        return self._known[key]

    def tally(self, id: str, text: str) -> Tally:
        return self.between(self.references[id], text)

    def errors(self, found: Sequence[NBest]) -> int:
        return sum(self.tally(one.id, one.hypotheses[0].text).corrected.errors for one in found)

    def row(self, name: str, found: Sequence[NBest]) -> None:
        best = sum((self.tally(one.id, one.hypotheses[0].text) for one in found), Tally())
        oracle = sum(
            min(self.tally(one.id, h.text).corrected.errors for h in one.hypotheses)
            for one in found
        )
        words = best.raw.reference_words
        wrong = sum(best.forgiven.get(kind, 0) for kind in ("script", "romanization"))
        print(
            f"{name:42} {best.raw.wer:7.4f} {best.corrected.wer:7.4f} {oracle / words:7.4f}"
            f" {wrong / words:7.4f}",
            flush=True,
        )


class System:
    """A decoder whose weights are tuned on one half and measured on the other."""

    def __init__(
        self, bench: Bench, model: LanguageModel | None, canonical: Canonicalizer | None
    ) -> None:
        self._bench, self._model, self._canonical = bench, model, canonical
        self.options = Options(beam=BEAM)

    def run(
        self,
        utterances: Sequence[Posteriors],
        options: Options,
        adjustment: Adjustment,
        count: int = 1,
        rendering: Rendering = "as-decoded",
    ) -> list[NBest]:
        decoder = Decoder(
            self._bench.labels, self._model, self._canonical,
            options=options, adjustment=adjustment, rendering=rendering,
        )  # fmt: skip
        return [decoder.decode(one, count) for one in utterances]

    def tune(self) -> None:
        if self._model is None:
            return

        def cost(weights: Weights) -> float:
            options = replace(self.options, **weights)
            return self._bench.errors(self.run(self._bench.tuning, options, Adjustment("none")))

        found, _ = pattern_search(cost, START, STEPS, lowest={"lm_weight": 0.0}, halvings=1)
        self.options = replace(self.options, **found)

    def gamma(self) -> float:
        def cost(weights: Weights) -> float:
            adjustment = Adjustment("log-linear", weights["gamma"])
            return self._bench.errors(self.run(self._bench.tuning, self.options, adjustment))

        found, _ = pattern_search(cost, {"gamma": 0.0}, {"gamma": 0.5}, halvings=2)
        return max(found["gamma"], 0.0)

    def show(
        self, name: str, adjustment: Adjustment | None = None, rendering: Rendering = "as-decoded"
    ) -> None:
        chosen = adjustment or Adjustment("none")
        found = self.run(self._bench.test, self.options, chosen, NBEST, rendering)
        self._bench.row(name, found)


class Writers:
    """Text as different people would write it, in spellings that people did write."""

    def __init__(self, data: Path, canonical: Canonicalizer) -> None:
        self._canonical = canonical
        self._random = random.Random(0)
        self._attested: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for line in (data / "dakshina-hi" / "train.tsv").read_text("utf-8").splitlines():
            roman, native, count = line.split("\t")
            self._attested[native].append((roman, int(count)))

    def romanized(self, lines: Sequence[str]) -> list[str]:
        """All in Latin letters; a word that no one was seen to romanize keeps its script."""
        return [" ".join(map(self._latin, line.split())) for line in lines]

    def many(self, lines: Sequence[str]) -> list[str]:
        """A third as it is, a third all native, a third all in Latin letters."""
        native = [self._native(line) for line in lines]
        return [
            chosen[number % 3]
            for number, chosen in enumerate(zip(lines, native, self.romanized(lines), strict=True))
        ]

    def _native(self, line: str) -> str:
        return " ".join(self._canonical.render(word, "native") for word in line.split())

    def _latin(self, word: str) -> str:
        known = self._attested.get(word)
        if known:
            return self._random.choices([r for r, _ in known], [count for _, count in known])[0]
        spellings = self._canonical.spellings(word)
        return next((one for one in spellings if tokens.script(one) == "Latn"), word)


def model(lines: Sequence[str], words: Callable[[str], Sequence[str]], path: Path) -> lm.KenLM:
    lm.write_arpa(lm.build([[words(line) for line in lines]], 4), path)
    return lm.KenLM(path)


def rescored(
    bench: Bench,
    system: System,
    lms: dict[str, lm.KenLM],
    surface: dict[str, lm.KenLM],
    words: Callable[[str], Sequence[str]],
) -> None:
    """Both models on the n-best lists of one of them, and least risk."""
    none = Adjustment("none")

    def lists(utterances: Sequence[Posteriors]) -> list[NBest]:
        found = system.run(utterances, system.options, none, NBEST)
        return [replace(one, reference=bench.references[one.id]) for one in found]

    def errors(reference: str, text: str) -> int:
        return bench.between(reference, text).corrected.errors

    weights, _, _ = Rescorer(lms, words, None, surface).tune(lists(bench.tuning), errors)
    chosen = Rescorer(lms, words, weights, surface)
    better = [chosen.rescore(one) for one in lists(bench.test)]
    bench.row("  rescored with both models", better)
    bench.row("    and least risk", [least_risk(one, errors) for one in better])


def compare_models(bench: Bench, data: Path, lines: Sequence[str], root: Path) -> None:
    """Language models of the same transcripts, in writings of one or many people."""
    canonical = canonicalizer("hi_en")
    writers = Writers(data, canonical)
    texts_by_style = {
        "": lines,
        ", text of many styles": writers.many(lines),
        ", romanized text": writers.romanized(lines),
    }
    none = System(bench, None, None)
    none.show("no language model")
    System(bench, None, canonical).show("no language model, renderings merged")
    for number, (style, written) in enumerate(texts_by_style.items()):
        surface_lm = model(written, tokens.split, root / f"surface-{number}.arpa")
        canonical_lm = model(written, canonical.line, root / f"canonical-{number}.arpa")
        surface, best = System(bench, surface_lm, None), System(bench, canonical_lm, canonical)
        for name, system in (("surface", surface), ("canonical", best)):
            system.tune()
            system.show(f"{name} model{style}")
        if not style:
            best.show("  written by language", None, "matrix")
            both = {"surface": surface_lm}
            rescored(bench, best, {"canonical": canonical_lm}, both, canonical.line)


def compare_adjustments(bench: Bench, lines: Sequence[str], root: Path) -> None:
    """Forms of adjustment by language posteriors, without a language model and with one."""
    canonical = canonicalizer("hi_en")
    canonical_lm = model(lines, canonical.line, root / "canonical.arpa")
    systems = {
        "no language model": System(bench, None, None),
        "canonical model": System(bench, canonical_lm, canonical),
    }
    for name, system in systems.items():
        system.tune()
        system.show(name)
        gamma = system.gamma()
        system.show(f"  log-linear, tuned gamma {gamma:g}", Adjustment("log-linear", gamma))
        system.show("  log-linear, gamma 0.5", Adjustment("log-linear", 0.5))
        system.show("  linear", Adjustment("linear"))
        system.show("  hard mask", Adjustment("mask"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("sets", type=Path, nargs="+", help="folder and manifest, in turns")
    parser.add_argument("--adjustment", action="store_true", help="only the adjustment")
    options = parser.parse_args()
    sets = list(zip(options.sets[::2], options.sets[1::2], strict=True))
    bench = Bench(posteriors.read_labels(options.labels), sets)
    lines = [" ".join(sentence) for sentence in texts.load(options.data).transcripts]
    words = sum(len(bench.references[one.id].split()) for one in bench.test)
    print(f"{len(bench.tuning)} utterances to tune, {len(bench.test)} of {words} words to test")
    print(f"{'':42}     raw  correct  oracle  script")
    with tempfile.TemporaryDirectory() as work:
        if not options.adjustment:
            compare_models(bench, options.data, lines, Path(work))
        compare_adjustments(bench, lines, Path(work))


if __name__ == "__main__":
    main()
