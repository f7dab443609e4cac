"""``cswitch decode``: CTC posteriors to text."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cswitch.cli._jobs import engine_options, run
from cswitch.cli._progress import progress
from cswitch.cli._recognition import (
    SPACES,
    check_names,
    error_counter,
    finite,
    read_references,
    read_weights,
)
from cswitch.errors import InputError
from cswitch.files import STDIO, atomic_write, expand, local, read_lines

if TYPE_CHECKING:
    from cswitch.adjust import Adjustment
    from cswitch.decode import Decoder, Options
    from cswitch.nbest import NBest
    from cswitch.posteriors import Labels, Posteriors
    from cswitch.tuning import Weights

# Kept in step with cswitch.adjust.FORMS and cswitch.decode.Rendering by a test: importing them
# here would load numpy for --help.
_FORMS = ("log-linear", "linear", "mask", "none")
_RENDERINGS = ("as-decoded", "native", "matrix")
_GAMMA = "gamma"
# The first steps of tuning, and the weights that may not be negative.
_STEPS = {"lm_weight": 0.25, "word_bonus": 0.5, "unknown_offset": 2.0, _GAMMA: 0.25}
_LOWEST = {"lm_weight": 0.0, _GAMMA: 0.0}


@click.command(name="decode")
@click.argument("posteriors", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--labels", required=True, type=click.Path(path_type=Path), help="What columns mean.")
@click.option("--blank", help="The label of the CTC blank, if it has an unusual name.")
@click.option("--lang", default="hi_en", show_default=True, help="Pair or language, such as hi_en.")
@click.option("--greedy", is_flag=True, help="The best label of each frame, no search.")
@click.option("--beam", default=64, show_default=True, type=click.IntRange(min=1))
@click.option("--nbest", type=click.IntRange(min=1), help="Write this many hypotheses.")
@click.option("--lm", type=click.Path(path_type=Path), help="ARPA or KenLM binary.")
@click.option("--space", default="canonical", show_default=True, type=click.Choice(SPACES))
@click.option("--lm-weight", type=float, callback=finite, help="Weight of the language model.")
@click.option("--word-bonus", type=float, callback=finite, help="Added for each word.")
@click.option(
    "--unknown-offset",
    type=float,
    callback=finite,
    help="Added for each word the model does not know.",
)
@click.option("--weights", type=click.Path(path_type=Path), help="Weights that --tune has written.")
@click.option(
    "--hotwords", type=click.Path(path_type=Path), help="Lines of a phrase, a tab and its bonus."
)
@click.option("--lid", default="log-linear", show_default=True, type=click.Choice(_FORMS))
@click.option(
    "--gamma",
    type=click.FloatRange(min=0),
    callback=finite,
    help="Weight of the language posteriors.",
)
@click.option("--lid-classes", default="sil,hi,en", show_default=True, help="Columns of 'lid'.")
@click.option("--prior", help="Share of each language, such as hi=0.7,en=0.3.")
@click.option(
    "--rendering", default="as-decoded", show_default=True, type=click.Choice(_RENDERINGS)
)
@click.option("--romanized", is_flag=True, help="Latin letters may write words of both languages.")
@click.option("--mixed-words", is_flag=True, help="Allow words of two scripts.")
@click.option(
    "--frame-seconds",
    default=0.04,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    help="If the file does not say.",
)
@click.option(
    "--tune",
    type=click.Path(path_type=Path),
    metavar="REFERENCES",
    help="Write weights with few errors on these (name and text a line), not text.",
)
@click.option("--raw", is_flag=True, help="Tune on raw errors; the default forgives renderings.")
@click.option("-o", "--output", default=STDIO, help="Where to write; standard output by default.")
@engine_options
def command(
    posteriors: tuple[Path, ...],
    labels: Path,
    blank: str | None,
    lang: str,
    greedy: bool,
    beam: int,
    nbest: int | None,
    lm: Path | None,
    space: str,
    lm_weight: float | None,
    word_bonus: float | None,
    unknown_offset: float | None,
    weights: Path | None,
    hotwords: Path | None,
    lid: str,
    gamma: float | None,
    lid_classes: str,
    prior: str | None,
    rendering: str,
    romanized: bool,
    mixed_words: bool,
    frame_seconds: float,
    tune: Path | None,
    raw: bool,
    output: str,
    jobs: int | None,
    engine: str,
) -> None:
    """Decode POSTERIORS (.npy, .npz: natural-log, frames × labels), one JSON line each.

    An .npz has the array 'posteriors', and may have 'lid' (frames × languages, natural-log) and
    'frame_seconds'. Tune weights on development data, then use them:

    \b
    cswitch decode dev/*.npz --labels labels.txt --lm hi_en.arpa --tune dev.txt -o weights.json
    cswitch decode test/*.npz --labels labels.txt --lm hi_en.arpa --weights weights.json
    """
    if greedy and nbest is not None:
        raise InputError("--greedy does not search", remedy="Leave out --nbest")
    posteriors = tuple(Path(file) for pattern in posteriors for file in expand(pattern))
    check_names(posteriors)
    given = {
        "lm_weight": lm_weight,
        "word_bonus": word_bonus,
        "unknown_offset": unknown_offset,
        _GAMMA: gamma,
    }
    known = {} if weights is None else read_weights(weights)
    known |= {name: value for name, value in given.items() if value is not None}
    settings = _Settings(
        labels,
        blank,
        lang,
        beam,
        lm,
        space,
        hotwords,
        lid,
        lid_classes,
        prior,
        rendering,
        romanized,
        mixed_words,
    )
    if tune is not None:
        read = (_read(path, frame_seconds) for path in posteriors)
        loaded = list(progress(read, "utterances"))
        start = {**_weights(settings.options, settings.adjustment), **known}
        if lm is None:
            start = {_GAMMA: start[_GAMMA]}
        references, errors = read_references(tune), error_counter(lang, raw)
        text = _tune(settings.decoders(), loaded, references, start, errors)
        with atomic_write(output) as out:
            out.write(text)
        return
    make = partial(_line_decoder, settings, None if greedy else known, nbest, frame_seconds)
    with atomic_write(output) as out:
        for line in run(make, progress(posteriors, "utterances"), jobs, engine):
            out.write(line + "\n")
            out.flush()


@dataclass(frozen=True, slots=True)
class _Settings:
    """What decoders are made of, as it was given; workers load it for themselves."""

    labels: Path
    blank: str | None
    lang: str
    beam: int
    lm: Path | None
    space: str
    hotwords: Path | None
    lid: str
    lid_classes: str
    prior: str | None
    rendering: str
    romanized: bool
    mixed_words: bool

    @property
    def options(self) -> Options:
        from cswitch.decode import Options

        return Options(beam=self.beam, one_script=not self.mixed_words)

    @property
    def adjustment(self) -> Adjustment:
        from cswitch.adjust import Adjustment

        return Adjustment(form=self.lid, prior=_prior(self.prior))  # type: ignore[arg-type]

    def columns(self) -> Labels:
        from cswitch import posteriors as inputs

        return inputs.read_labels(self.labels, self.blank)

    def decoders(self) -> Callable[[Weights], Decoder]:
        """A function from weights to a decoder; the models are loaded once."""
        from cswitch.canonical import canonicalizer
        from cswitch.decode import Decoder
        from cswitch.lm.kenlm import KenLM

        columns = self.columns()
        model = None if self.lm is None else KenLM(self.lm)
        canonical = None if self.space == "surface" else canonicalizer(self.lang)
        phrases = {} if self.hotwords is None else _read_hotwords(self.hotwords)

        def decoder(weights: Weights) -> Decoder:
            return Decoder(
                columns,
                model,
                canonical,
                options=_with(self.options, weights),
                hotwords=phrases,
                adjustment=_adjusting(self.adjustment, weights),
                lid_classes=self.lid_classes.split(","),
                romanized=self.romanized,
                rendering=self.rendering,  # type: ignore[arg-type]
            )

        return decoder


def _line_decoder(
    settings: _Settings, weights: Weights | None, nbest: int | None, frame_seconds: float
) -> Callable[[Path], str]:
    """A function from a file of posteriors to its line; without weights, the greedy one."""
    from cswitch import nbest as lists

    if weights is None:
        columns = settings.columns()
        return lambda path: lists.dump(_greedy(_read(path, frame_seconds), columns), 0)
    decoder = settings.decoders()(weights)

    def decode_file(path: Path) -> str:
        one = _read(path, frame_seconds)
        try:
            return lists.dump(decoder.decode(one, nbest or 1), nbest or 0)
        except InputError as error:
            raise InputError(error.message, path=path, remedy=error.remedy) from error

    return decode_file


def _read(path: Path, frame_seconds: float) -> Posteriors:
    from cswitch import posteriors as inputs

    with local(path) as here:
        return inputs.read(here, frame_seconds=frame_seconds)


def _greedy(one: Posteriors, labels: Labels) -> NBest:
    from cswitch.ctc import Greedy
    from cswitch.nbest import Hypothesis, NBest
    from cswitch.posteriors import check

    reader = Greedy(labels, one.frame_seconds)
    reader.feed(check(one.ctc, width=len(labels)))
    words = reader.finish()
    return NBest(one.id, (Hypothesis(" ".join(word.word for word in words), {}, words),))


def _weights(options: Options, adjustment: Adjustment) -> Weights:
    return {name: getattr(options, name) for name in _STEPS if name != _GAMMA} | {
        _GAMMA: adjustment.gamma
    }


def _with(options: Options, weights: Weights) -> Options:
    names = {field.name for field in fields(options)}
    return replace(options, **{k: v for k, v in weights.items() if k in names})  # type: ignore[arg-type]


def _adjusting(adjustment: Adjustment, weights: Weights) -> Adjustment:
    return replace(adjustment, gamma=weights.get(_GAMMA, adjustment.gamma))


def _tune(
    decoder: Callable[[Weights], Decoder],
    utterances: Sequence[Posteriors],
    references: Mapping[str, str],
    start: Weights,
    errors: Callable[[str, str], int],
) -> str:
    from cswitch.tuning import as_json, pattern_search

    missing = next((one.id for one in utterances if one.id not in references), None)
    if missing is not None:
        raise InputError(
            f"there is no reference for '{missing}'",
            remedy="Write lines of a name (the file's, without its ending), a space and the text",
        )
    tried = iter(progress(iter(int, 1), "settings tried"))

    def cost(weights: Weights) -> float:
        next(tried)
        chosen = decoder(weights)
        found = (chosen.decode(one).hypotheses for one in utterances)
        return sum(
            errors(references[one.id], best[0].text)
            for one, best in zip(utterances, found, strict=True)
        )

    steps = {name: _STEPS[name] for name in start if name in _STEPS}
    if all(one.lid is None for one in utterances):
        steps.pop(_GAMMA)
    before = cost(start)
    found, least = pattern_search(cost, start, steps, lowest=_LOWEST, halvings=2)
    notes = {"utterances": len(utterances), "errors_before": int(before), "errors": int(least)}
    return json.dumps(as_json(found, **notes), indent=2) + "\n"


def _prior(text: str | None) -> dict[str, float]:
    if text is None:
        return {}
    try:
        prior = {
            name.strip(): float(value)
            for name, _, value in (part.partition("=") for part in text.split(","))
        }
    except ValueError:
        prior = {}
    if not prior or not all(0 < share < math.inf for share in prior.values()):
        raise InputError(f"'{text}' is no prior", remedy="Write it like hi=0.7,en=0.3")
    return prior


def _read_hotwords(path: Path) -> dict[str, float]:
    phrases: dict[str, float] = {}
    for number, line in enumerate(read_lines(path), start=1):
        phrase, _, weight = line.partition("\t")
        try:
            phrases[phrase] = float(weight)
        except ValueError as error:
            raise InputError(
                f"'{weight}' is no bonus",
                path=path,
                line=number,
                remedy="Write a phrase, a tab and a number such as 5",
            ) from error
    return phrases
