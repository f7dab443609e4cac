"""``cswitch synth``: text to code-switched speech with exact labels."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cswitch.cli._recognition import finite

if TYPE_CHECKING:
    from cswitch.synth.corpus import Utterance
    from cswitch.synth.speech import Engine

ENGINES = ("espeak", "festival", "flite")


@click.command(name="synth")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.argument("output", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--hours", default=20.0, show_default=True, type=click.FloatRange(min=0, min_open=True)
)
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same corpus.")
@click.option(
    "--engine",
    "names",
    multiple=True,
    default=("espeak", "festival"),
    show_default=True,
    type=click.Choice(ENGINES),
    help="Synthesizers to use; may be given several times.",
)
@click.option(
    "--test",
    type=click.Choice(["seen", "voices", "flite"]),
    help="Speak held-out sentences: with the voices of training, with espeak-ng voices that "
    "training never hears, or with an engine that it never hears.",
)
@click.option(
    "--disturb",
    is_flag=True,
    help="Noise at 0 to 30 dB, rooms and telephones, each for some of the utterances.",
)
@click.option(
    "--snr",
    type=float,
    callback=finite,
    metavar="DB",
    help="Noise at this ratio in every utterance, such as 10; with --disturb, rooms and "
    "telephones too.",
)
def command(
    source: Path,
    output: Path,
    hours: float,
    seed: int,
    names: tuple[str, ...],
    test: str | None,
    disturb: bool,
    snr: float | None,
) -> None:
    """Speak SOURCE into the folder OUTPUT: FLAC files and manifest.jsonl.

    SOURCE is a text file, one sentence a line, of which each is spoken once; or a folder of
    texts, from which sentences are drawn until the hours are full. The manifest has NeMo's fields
    and the times of words, languages and phones. If interrupted, it goes on where it stopped.
    cswitch train disturbs speech by itself: --disturb and --snr are for tests, and for recognizers
    that train on audio. The same seed gives the same speech with them and without.
    """
    from cswitch.synth import corpus, texts
    from cswitch.synth.disturb import Conditions

    count = None
    plan: Callable[[Mapping[str, Engine], int], Utterance | None]
    if source.is_file():
        sentences = texts.read_sentences(source)
        count = len(sentences)

        def plan(engines: Mapping[str, Engine], index: int) -> Utterance | None:
            return corpus.plan_sentence(sentences, engines, seed, index)
    else:
        drawn = texts.load(source)

        def plan(engines: Mapping[str, Engine], index: int) -> Utterance | None:
            if test is not None:
                return corpus.plan_test(drawn, engines, seed, index, test)
            return corpus.plan(drawn, engines, seed, index)

    conditions = Conditions(disturb, snr)

    def make(engines: Mapping[str, Engine], index: int) -> Utterance | None:
        utterance = plan(engines, index)
        if utterance is None or conditions == Conditions():
            return utterance
        return corpus.disturbed(utterance, conditions, seed, index)

    wanted = dict.fromkeys((*names, test) if test in ENGINES else names)

    @contextlib.contextmanager
    def speaker() -> Iterator[corpus.Maker]:
        with contextlib.ExitStack() as stack:
            engines = {name: _engine(name, stack) for name in wanted}
            yield lambda index: make(engines, index)

    written, discarded = corpus.write(output, speaker, hours, count, _show)
    click.echo(f"{written:.2f} h of speech; {discarded} utterances discarded", err=True)


def _show(hours: float, discarded: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{hours:.2f} h, {discarded} discarded", err=True, nl=False)


def _engine(name: str, stack: contextlib.ExitStack) -> Engine:
    if name == "festival":
        from cswitch.synth.festival import Festival

        return stack.enter_context(Festival())
    if name == "flite":
        from cswitch.synth.flite import Flite

        return Flite()
    from cswitch.synth.espeak import shared

    return shared()
