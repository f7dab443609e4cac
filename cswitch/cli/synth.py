"""``cswitch synth``: text to code-switched speech with exact labels."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cswitch.cli._progress import Status, resumable
from cswitch.cli._recognition import finite
from cswitch.errors import InputError

if TYPE_CHECKING:
    from cswitch.synth.corpus import Utterance
    from cswitch.synth.speech import Engine

    Engines = Mapping[str, Engine]

ENGINES = ("espeak", "festival")
HOURS = 20.0
_SETTINGS = "settings.json"


@click.command(name="synth")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.argument("output", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--hours",
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    help=f"Stop when there is so much speech.  [default: {HOURS:g}; of a text file, all of it]",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="The same seed gives the same corpus.",
)
@click.option(
    "--engine",
    "names",
    multiple=True,
    default=ENGINES,
    show_default=True,
    type=click.Choice(ENGINES),
    help="Synthesizers to use; may be given several times.",
)
@click.option(
    "--test",
    type=click.Choice(["seen", "voices", "flite"]),
    help="Speak held-out sentences of a folder: with the voices of training, with espeak-ng voices "
    "that training never hears, or with an engine that it never hears.",
)
@click.option(
    "--disturb",
    is_flag=True,
    help="Noise at 0 to 30 dB, rooms and telephones, each for some of the utterances.",
)
@click.option(
    "--snr",
    type=click.FloatRange(-100, 100),
    callback=finite,
    metavar="DB",
    help="Noise at this ratio in every utterance, such as 10; with --disturb, rooms and "
    "telephones too.",
)
def command(
    source: Path,
    output: Path,
    hours: float | None,
    seed: int,
    names: tuple[str, ...],
    test: str | None,
    disturb: bool,
    snr: float | None,
) -> None:
    """Speak SOURCE into the folder OUTPUT: FLAC files and manifest.jsonl.

    SOURCE is a text file, one sentence a line, of which each is spoken once; or a folder of
    texts, from which sentences are drawn until the hours are full:

    \b
    mucs-hi-en/references.test.txt         transcripts, one a line (MUCS 2021, OpenSLR 104)
    code-mixed-dialog/hindi.{trn,dev}.txt  romanized sentences, one a line
    dakshina-hi/train.tsv                  romanized word, native word, count

    The manifest has NeMo's fields and the times of words, languages and phones. If interrupted, the
    same command goes on where it stopped; with more hours, a corpus grows. Utterances of which the
    synthesizer tells impossible times are discarded. cswitch train disturbs speech by itself:
    --disturb and --snr are for tests, and for recognizers that train on audio. The same seed gives
    the same speech with them and without.
    """
    from cswitch.files import make_folder
    from cswitch.synth import corpus
    from cswitch.synth.disturb import Conditions

    if "espeak" not in names:
        raise InputError("espeak speaks in every corpus", remedy="Give --engine espeak, too")
    if source.is_file():
        work = _of_file(source, seed, test)
    else:
        work = _of_folder(source, seed, test)
        hours = HOURS if hours is None else hours
    conditions = Conditions(disturb, snr)

    def make(engines: Engines, index: int) -> Utterance | None:
        utterance = work.plan(engines, index)
        if utterance is None or conditions == Conditions():
            return utterance
        return corpus.disturbed(utterance, conditions, seed, index)

    # Who is not heard need not be installed.
    wanted = {"voices": ("espeak",), "flite": ("flite",)}.get(test or "", names)

    @contextlib.contextmanager
    def speaker() -> Iterator[corpus.Maker]:
        with contextlib.ExitStack() as stack:
            engines = {name: _engine(name, stack) for name in dict.fromkeys(wanted)}
            yield lambda index: make(engines, index)

    make_folder(output)
    settings = {
        "texts": hashlib.sha256(repr(work.texts).encode()).hexdigest(),
        "seed": seed,
        "engines": sorted(set(wanted)),
        "test": test,
        **asdict(conditions),
    }
    _check_settings(output / _SETTINGS, settings)
    with resumable(output, lambda: _is_begun(output)), Status() as status:

        def show(written: float, discarded: int) -> None:
            goal = "" if hours is None else f" of {_time(hours)}"
            status.show(f"{_time(written)}{goal}, {discarded} utterances discarded")

        show(0.0, 0)
        end, count = math.inf if hours is None else hours, len(work.lines) or None
        written, discarded = corpus.write(output, speaker, end, count, show)
    click.echo(f"{_time(written)} of speech; {discarded} utterances discarded", err=True)
    if discarded and work.lines:
        _tell_discarded(output / "manifest.jsonl", work.lines)


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be spoken.

    Attributes:
        plan: Makes the utterance of an index.
        texts: What it depends on.
        lines: Those of a text file, of which each is an utterance.
    """

    plan: Callable[[Engines, int], Utterance | None]
    texts: object
    lines: tuple[int, ...] = ()


def _of_file(source: Path, seed: int, test: str | None) -> _Work:
    from cswitch.synth import corpus, texts

    if test is not None:
        raise InputError(
            "of a text file, no sentences are held out",
            path=source,
            remedy="Leave out --test, or give a folder",
        )
    lines = texts.read_sentences(source)
    sentences = tuple(lines.values())

    def plan(engines: Engines, index: int) -> Utterance | None:
        return corpus.plan_sentence(sentences, engines, seed, index)

    return _Work(plan, sentences, tuple(lines))


def _of_folder(source: Path, seed: int, test: str | None) -> _Work:
    from cswitch.synth import corpus, texts

    drawn = texts.load(source)
    if test is not None and not drawn.held_out:
        raise InputError("too few transcripts: none is held out", path=source, remedy="Add some")

    def plan(engines: Engines, index: int) -> Utterance | None:
        if test is not None:
            return corpus.plan_test(drawn, engines, seed, index, test)
        return corpus.plan(drawn, engines, seed, index)

    return _Work(plan, drawn)


def _time(hours: float) -> str:
    return f"{hours:.2f} h" if hours >= 1 else f"{60 * hours:.1f} min"


def _check_settings(path: Path, settings: dict[str, Any]) -> None:
    """Refuse to go on with a corpus that was begun in another way; remember how one is begun.

    Raises:
        InputError: It was.
    """
    from cswitch.files import atomic_write

    if not path.exists() or not _is_begun(path.parent):
        with atomic_write(path) as out:
            out.write(json.dumps(settings) + "\n")
        return
    try:
        before = json.loads(path.read_text("utf-8"))
        other = [name for name, value in settings.items() if before[name] != value]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("cannot be read", path=path, remedy="Choose another folder") from error
    if other:
        raise InputError(
            f"this corpus was begun with other {', '.join(other)}",
            path=path.parent,
            remedy="Choose another folder, or repeat the command that began it",
        )


def _is_begun(output: Path) -> bool:
    """Whether there is something to go on with."""
    return any(output.glob("part-*.jsonl"))


def _tell_discarded(manifest: Path, lines: Sequence[int]) -> None:
    """Name the lines of a text that are not in the corpus."""
    entries = map(json.loads, manifest.read_text("utf-8").splitlines())
    spoken = {int(Path(entry["audio_filepath"]).stem) for entry in entries}
    left_out = [str(line) for index, line in enumerate(lines) if index not in spoken]
    more = f" and {len(left_out) - 20} more" if len(left_out) > 20 else ""
    click.echo(f"not spoken: lines {', '.join(left_out[:20])}{more}", err=True)


def _engine(name: str, stack: contextlib.ExitStack) -> Engine:
    if name == "festival":
        from cswitch.synth.festival import Festival

        return stack.enter_context(Festival())
    if name == "flite":
        from cswitch.synth.flite import Flite

        return Flite()
    from cswitch.synth.espeak import shared

    return shared()
