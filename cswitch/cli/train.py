"""``cswitch train``: the encoder and the language network from synthetic speech."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cswitch.errors import InputError

if TYPE_CHECKING:
    from torch import nn

    from cswitch.train.data import Corpus
    from cswitch.train.loop import LossFunction, Settings


@click.group(name="train")
def command() -> None:
    """Train networks on a folder that cswitch synth wrote (needs the extra: train).

    \b
    cswitch synth DATA corpus --hours 20
    cswitch train encoder corpus enc --minutes 150
    cswitch train language corpus lid --minutes 30
    cswitch train export enc/checkpoint.pt my-model --language lid/checkpoint.pt
    """
    if importlib.util.find_spec("torch") is None:
        raise InputError(
            "torch is not installed", remedy="Install it with pip install cswitch-asr[train]"
        )


def _options(function: Callable[..., None]) -> Callable[..., None]:
    """What both networks are asked for."""
    for option in (
        click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1)),
        click.option("--device", default="cpu", show_default=True, help="cpu or cuda."),
        click.option("--seed", default=0, show_default=True),
        click.option("--learning-rate", default=1.5e-3, show_default=True, help="The highest."),
        click.option("--batch-seconds", default=64.0, show_default=True, help="Audio a step."),
        click.option(
            "--minutes", required=True, type=float, help="Time to train; a restart goes on."
        ),
        click.argument("output", type=click.Path(path_type=Path, file_okay=False)),
        click.argument("corpus", type=click.Path(path_type=Path, exists=True, file_okay=False)),
    ):
        function = option(function)
    return function


@command.command()
@_options
@click.option("--layers", default=8, show_default=True, type=click.IntRange(min=3))
@click.option("--dim", default=144, show_default=True, help="Width; a multiple of the heads, 4.")
def encoder(corpus: Path, output: Path, layers: int, dim: int, threads: int, **how: Any) -> None:
    """Train the conformer: CTC at the last and a middle layer, phones at a low one."""
    from cswitch.synth import accents
    from cswitch.train import loop, model, units

    settings = loop.Settings(**how)
    examples = _begin(corpus, output, threads, settings)
    names = units.learn(" ".join(example.words) for example in examples.examples)
    shape = model.EncoderShape(
        units=len(names),
        phones=len(accents.inventory()),
        dim=dim,
        layers=layers,
        phone_layer=max(layers * 3 // 8, 1),
        middle_layer=max(layers * 5 // 8, 2),
    )
    network = model.Encoder(shape).to(settings.device)
    losses = loop.ctc_losses(network, names, settings.device)
    extra = {"kind": "encoder", "shape": asdict(shape), "units": names}
    _train(network, losses, examples, output, settings, extra)


@command.command()
@_options
def language(corpus: Path, output: Path, threads: int, **how: Any) -> None:
    """Train the language network: silence or a language for each frame."""
    from cswitch.synth import accents
    from cswitch.train import data, loop, model, units

    settings = loop.Settings(**how)
    examples = _begin(corpus, output, threads, settings)
    names = units.learn(" ".join(example.words) for example in examples.examples)
    shape = model.LanguageShape(len(data.LANGUAGES), len(accents.inventory()), len(names))
    network = model.LanguageNet(shape).to(settings.device)
    losses = loop.language_losses(network, names, settings.device)
    extra = {"kind": "language", "shape": asdict(shape), "languages": list(data.LANGUAGES)}
    _train(network, losses, examples, output, settings, extra)


@command.command()
@click.argument("checkpoint", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--language", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--float32", is_flag=True, help="Without 8-bit matrix products.")
def export(checkpoint: Path, folder: Path, language: Path | None, float32: bool) -> None:
    """Write the model FOLDER that cswitch transcribe --encoder-config FOLDER/model.toml uses."""
    from cswitch.train.export import export as write

    write(checkpoint, language, folder, quantized=not float32)


def _begin(corpus: Path, output: Path, threads: int, settings: Settings) -> Corpus:
    import torch

    from cswitch.train import data

    torch.set_num_threads(threads)
    torch.manual_seed(settings.seed)
    output.mkdir(parents=True, exist_ok=True)
    return data.load(corpus)


def _train(
    network: nn.Module,
    losses: LossFunction,
    examples: Corpus,
    output: Path,
    settings: Settings,
    extra: dict[str, Any],
) -> None:
    from cswitch.train import augment, loop

    loop.train(
        network,
        losses,
        examples,
        output,
        settings,
        augment.Strength(),
        extra,
        lambda line: click.echo(line, err=True),
    )
