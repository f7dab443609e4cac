"""``cswitch train``: the encoder and the language network from synthetic speech."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cswitch.cli._recognition import finite
from cswitch.errors import InputError

if TYPE_CHECKING:
    from cswitch.train.recipes import Kind


@click.group(name="train")
def command() -> None:
    """Train networks on a folder that cswitch synth wrote (needs the extra: train).

    \b
    cswitch synth DATA corpus --hours 20
    cswitch train encoder corpus enc --minutes 150
    cswitch train language corpus lid --minutes 30
    cswitch train export enc/checkpoint.pt my-model --language lid/checkpoint.pt

    CORPORA may also have real speech: a folder with a NeMo manifest, manifest.jsonl, whose texts
    are learned as they stand, so normalize them before. Ctrl-C saves a checkpoint; the same command
    goes on from it, on the same corpora or on others. Curves are in OUTPUT/curve.csv. Try a model
    on sentences that it never heard:

    \b
    cswitch synth DATA test --test seen --hours 0.2
    cswitch transcribe test/manifest.jsonl --encoder-config my-model -o heard.jsonl
    cswitch score test/manifest.jsonl heard.jsonl
    """


def _options(function: Callable[..., None]) -> Callable[..., None]:
    """What all networks are asked for."""
    for option in (
        click.option(
            "--threads",
            default=1,
            show_default=True,
            type=click.IntRange(min=1),
            help="Of each process.",
        ),
        click.option(
            "--workers",
            default=1,
            show_default=True,
            type=click.IntRange(min=1),
            help="Processes that share each batch; on CPUs faster than threads.",
        ),
        click.option(
            "--device", default="cpu", show_default=True, type=click.Choice(["cpu", "cuda"])
        ),
        click.option(
            "--seed",
            default=0,
            show_default=True,
            type=click.IntRange(min=0),
            help="Of the weights, the order and the disturbances.",
        ),
        click.option(
            "--learning-rate",
            default=1.5e-3,
            show_default=True,
            type=click.FloatRange(min=0, min_open=True),
            callback=finite,
            help="The highest.",
        ),
        click.option(
            "--batch-seconds",
            default=64.0,
            show_default=True,
            type=click.FloatRange(min=0, min_open=True),
            callback=finite,
            help="Audio a step.",
        ),
        click.option(
            "--steps", type=click.IntRange(min=1), help="In place of minutes; for repeatable runs."
        ),
        click.option(
            "--minutes",
            type=click.FloatRange(min=0, min_open=True),
            callback=finite,
            help="Time to train in all; a restart goes on with what is left.",
        ),
        click.argument("output", type=click.Path(path_type=Path, file_okay=False)),
        click.argument(
            "corpora",
            nargs=-1,
            required=True,
            type=click.Path(path_type=Path, exists=True, file_okay=False),
        ),
    ):
        function = option(function)
    return function


def _shape_options(function: Callable[..., None]) -> Callable[..., None]:
    """What encoders are asked for beside it."""
    for option in (
        click.option(
            "--dim",
            type=click.IntRange(min=4),
            help="Width; a multiple of the heads, 4.  [default: 144]",
        ),
        click.option("--layers", type=click.IntRange(min=3), help="[default: 8]"),
    ):
        function = option(function)
    return function


@command.command()
@_options
@_shape_options
@click.option(
    "--from",
    "start",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Begin with a checkpoint: a pretrained encoder's, or that of a trained one, to tune it "
    "(its units and shape stay, minutes and the learning rate begin anew).",
)
def encoder(**options: Any) -> None:
    """Train the conformer: CTC at the last and a middle layer, phones at a low one."""
    _train("encoder", **options)


@command.command()
@_options
@_shape_options
def pretrain(**options: Any) -> None:
    """Pretrain the conformer without transcripts: it guesses stretches that are hidden.

    \b
    cswitch train pretrain recordings pre --minutes 60
    cswitch train encoder corpus enc --from pre/checkpoint.pt --minutes 90
    """
    _train("pretrained", **options)


@command.command()
@_options
def language(**options: Any) -> None:
    """Train the language network: silence or a language for each frame."""
    _train("language", **options)


@command.command()
@click.argument("checkpoint", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--language",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Checkpoint of a language network, to go with it.",
)
@click.option("--float32", is_flag=True, help="Without 8-bit matrix products.")
def export(checkpoint: Path, folder: Path, language: Path | None, float32: bool) -> None:
    """Write the model FOLDER for cswitch transcribe --encoder-config FOLDER."""
    _check_installed()
    from cswitch.train.export import export as write

    write(checkpoint, language, folder, quantized=not float32)


def _check_installed() -> None:
    for name in ("torch", "onnx"):
        if importlib.util.find_spec(name) is None:
            raise InputError(
                f"{name} is not installed",
                remedy="Install it with pip install 'cswitch-asr[train]'",
            )


def _train(
    kind: Kind,
    corpora: tuple[Path, ...],
    output: Path,
    minutes: float | None,
    steps: int | None,
    batch_seconds: float,
    learning_rate: float,
    seed: int,
    device: str,
    **how: Any,
) -> None:
    _check_installed()
    import torch

    from cswitch.train import loop, recipes

    if minutes is None and steps is None:
        raise InputError("no end is given", remedy="Give --minutes or --steps")
    if device != "cpu" and how["workers"] > 1:
        raise InputError("workers share batches on CPUs only", remedy="Leave out --workers")
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("torch finds no GPU", remedy="Leave out --device")
    settings = loop.Settings(
        math.inf if minutes is None else minutes, batch_seconds, learning_rate, seed, device, steps
    )
    recipe = recipes.Recipe(kind, corpora, output, settings, **how)
    recipes.train(recipe, lambda line: click.echo(line, err=True), _features_progress)


def _features_progress(share: float) -> None:
    if sys.stderr.isatty():
        end = "\r\033[K" if share == 1 else ""
        click.echo(f"\rfeatures: {share:.0%}{end}", err=True, nl=False)
