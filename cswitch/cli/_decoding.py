"""How ``cswitch decode`` decodes: its options, and what its workers do with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cswitch.cli._recognition import SURFACE
from cswitch.errors import InputError
from cswitch.files import address, local

if TYPE_CHECKING:
    from cswitch.recognition.adjust import Adjustment, Form
    from cswitch.recognition.decode import Decoder, Rendering
    from cswitch.recognition.decode import Options as Search
    from cswitch.recognition.nbest import NBest
    from cswitch.recognition.posteriors import Labels, Posteriors

_WEIGHTS = ("lm_weight", "word_bonus", "unknown_offset", "gamma")
_OF_SEARCH = ("beam", "nbest", "lm", "weights", *_WEIGHTS, "hotwords", "prior")


@dataclass(frozen=True, slots=True)
class Options:
    """How to decode, as it was asked for; workers load what it names for themselves."""

    labels: Path
    blank: str | None
    lang: str
    frame_seconds: float
    greedy: bool
    beam: int | None
    nbest: int | None
    lm: Path | None
    space: str
    hotwords: Path | None
    weights: Path | None
    lm_weight: float | None
    word_bonus: float | None
    unknown_offset: float | None
    gamma: float | None
    lid: Form
    lid_classes: str | None
    prior: Mapping[str, float] | None
    rendering: Rendering
    romanized: bool
    mixed_words: bool

    def check(self) -> None:
        """Refuse a language that nobody knows, and options that contradict each other."""
        from cswitch import languages

        languages.resolve(self.lang)
        useless = [name for name in _OF_SEARCH if getattr(self, name) is not None]
        if self.greedy and useless:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in useless)
            raise InputError("--greedy does not search", remedy=f"Leave out {names}")

    def settings(self) -> dict[str, Any]:
        """What the results depend on: these options, and the files that they name."""
        from cswitch.scale.unfinished import states

        values = {name: value for name, value in asdict(self).items() if name not in _FILES}
        return {**values, "files": states(getattr(self, name) for name in _FILES)}

    def columns(self) -> Labels:
        """What the columns of the posteriors stand for."""
        from cswitch.recognition import posteriors

        return posteriors.read_labels(self.labels, self.blank)

    def decoder(self) -> Decoder:
        """The decoder, with all that it knows."""
        from cswitch.canonical import canonicalizer
        from cswitch.lm.kenlm import KenLM
        from cswitch.recognition import decode, hotwords

        search, adjustment = self._weighted()
        return decode.Decoder(
            self.columns(),
            None if self.lm is None else KenLM(self.lm),
            None if self.space == SURFACE else canonicalizer(self.lang),
            options=search,
            hotwords=None if self.hotwords is None else hotwords.read(self.hotwords),
            adjustment=adjustment,
            lid_classes=self._classes(),
            romanized=self.romanized,
            rendering=self.rendering,
        )

    def read(self, path: Path) -> Posteriors:
        """The posteriors of a file."""
        from cswitch.recognition import posteriors

        with local(path) as here:
            try:
                return posteriors.read(here, frame_seconds=self.frame_seconds)
            except InputError as error:
                # What could not be read of a file elsewhere is a copy that exists no longer.
                raise error.at(address(path) or path) from error

    def _weighted(self) -> tuple[Search, Adjustment]:
        """What the search and the adjustment weigh: the options win over the file."""
        from cswitch.recognition import decode, tuning
        from cswitch.recognition.adjust import Adjustment
        from cswitch.recognition.decoder_weights import weighted

        search = decode.Options(one_script=not self.mixed_words)
        if self.beam is not None:
            search = replace(search, beam=self.beam)
        adjustment = Adjustment(self.lid, prior=self.prior or {})
        if self.weights is not None:
            known = tuning.read(self.weights)
            try:
                search, adjustment = weighted(known, search, adjustment)
            except InputError as error:
                raise error.at(self.weights) from error
        given = {name: getattr(self, name) for name in _WEIGHTS}
        own = {name: value for name, value in given.items() if value is not None}
        return weighted(own, search, adjustment)

    def _classes(self) -> list[str]:
        """The columns of language posteriors."""
        from cswitch import languages
        from cswitch.recognition.adjust import SILENCE

        if self.lid_classes is not None:
            return [name.strip() for name in self.lid_classes.split(",")]
        pair = languages.resolve(self.lang)
        return list(dict.fromkeys((SILENCE, pair.matrix, pair.embedded)))


_FILES = ("labels", "lm", "hotwords", "weights")


class Worker:
    """A function from a file to its line, or to what is wrong with it."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._labels = options.columns()
        self._decoder = None if options.greedy else options.decoder()

    def __call__(self, path: Path) -> str | InputError:
        from cswitch.recognition import nbest

        try:
            found = self._decoded(self._options.read(path))
        except InputError as error:
            return error.at(address(path) or path)
        return nbest.dump(found, self._options.nbest or 0)

    def _decoded(self, utterance: Posteriors) -> NBest:
        if self._decoder is not None:
            return self._decoder.decode(utterance, self._options.nbest or 1)
        from cswitch.recognition import ctc

        return ctc.decode(utterance, self._labels)
