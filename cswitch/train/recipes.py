"""What is trained: a network with its losses, begun anew, from another one, or gone on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from cswitch.errors import InputError
from cswitch.files import make_folder
from cswitch.synth import accents
from cswitch.train import augment, data, loop, units
from cswitch.train.model import Encoder, EncoderShape, Guesser, LanguageNet, LanguageShape
from cswitch.train.team import Team, gather

Kind = Literal["encoder", "language", "pretrained"]
CHECKPOINT = "checkpoint.pt"
LAYERS, DIM = 8, 144
_HEADS = 4
# What an encoder takes over from one that learned without transcripts.
_HEARING = ("subsampling.", "layers.", "norm.")
# Noise and masks would hide what is to be guessed from.
_QUIET = augment.Strength(noise=0.3, lowest_snr=10.0, masks=0)

Progress = Callable[[float], None]
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to train, on what, and where it goes.

    Attributes:
        kind: Of network.
        corpora: Folders that `cswitch synth` wrote.
        output: Folder of the checkpoint. If it has one, that is gone on with, in its units and of
            its shape, whatever the corpora are.
        settings: Of the loop.
        layers: Of an encoder; those of the checkpoint, or 8.
        dim: Width of an encoder; that of the checkpoint, or 144.
        start: Checkpoint of an encoder, trained or pretrained, to begin with.
        workers: Processes that share each batch.
        threads: Of each of them.
    """

    kind: Kind
    corpora: tuple[Path, ...]
    output: Path
    settings: loop.Settings
    layers: int | None = None
    dim: int | None = None
    start: Path | None = None
    workers: int = 1
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Made:
    """A network, its losses, the examples it can learn from, and what stands in its checkpoint."""

    network: nn.Module
    losses: loop.LossFunction
    corpus: data.Corpus
    extra: dict[str, Any]


def train(
    recipe: Recipe, report: Report = lambda line: None, progress: Progress | None = None
) -> None:
    """Train as a recipe says.

    Raises:
        InputError: The corpora or a checkpoint do not fit.
        KeyboardInterrupt: Ctrl-C was pressed; the checkpoint is saved.
    """
    # First here, so that mistakes are found and features computed before others start.
    made = _make(recipe, report, progress)
    make_folder(recipe.output)
    with gather(recipe.workers, _Work(recipe)) as team:
        _run(recipe, made, report, team)


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker beside the first one does."""

    recipe: Recipe

    def __call__(self, team: Team) -> None:
        _run(self.recipe, _make(self.recipe), lambda line: None, team)


def _run(recipe: Recipe, made: Made, report: Report, team: Team) -> None:
    strength = _QUIET if recipe.kind == "pretrained" else augment.Strength()
    loop.train(
        made.network,
        made.losses,
        made.corpus,
        recipe.output,
        recipe.settings,
        strength,
        made.extra,
        report,
        team,
    )


def _make(
    recipe: Recipe, report: Report = lambda line: None, progress: Progress | None = None
) -> Made:
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.settings.seed)
    begun = recipe.output / CHECKPOINT
    before = _go_on_from(begun, recipe.kind) if begun.exists() else None
    corpus = data.join([data.load(folder, progress) for folder in recipe.corpora])
    report(f"{len(corpus.examples)} utterances, {corpus.hours:.1f} h")
    if len(corpus.examples) < recipe.workers:
        raise InputError(
            f"{len(corpus.examples)} utterances for {recipe.workers} workers",
            path=recipe.corpora[0],
            remedy="Use fewer workers",
        )
    made = _MAKERS[recipe.kind](recipe, corpus, before)
    left_out = len(corpus.examples) - len(made.corpus.examples)
    if left_out:
        report(f"{left_out} utterances left out: they have letters that the units lack")
    return made


def read_checkpoint(path: Path, *kinds: Kind) -> dict[str, Any]:
    """What stands in a checkpoint.

    Raises:
        InputError: It is none, or none of these kinds.
    """
    try:
        content: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        found = content["kind"]
    except Exception as error:  # torch.load raises of everything
        raise InputError(
            "is no checkpoint", path=path, remedy="Give one that cswitch train wrote"
        ) from error
    if found not in kinds:
        wanted = " or ".join(f"'{kind}'" for kind in kinds)
        raise InputError(
            f"is a checkpoint of the kind '{found}', not {wanted}",
            path=path,
            remedy="Choose another folder, or train that kind",
        )
    return content


def _go_on_from(path: Path, *kinds: Kind) -> dict[str, Any]:
    """What stands in a checkpoint that another training begins with."""
    content = read_checkpoint(path, *kinds)
    if content.get("phones", known := list(accents.inventory())) != known:
        raise InputError(
            "was trained with other phones", path=path, remedy="Train anew in another folder"
        )
    return content


def _encoder(recipe: Recipe, corpus: data.Corpus, before: dict[str, Any] | None) -> Made:
    begin, source = before, recipe.output / CHECKPOINT
    if before is None and recipe.start is not None:
        begin, source = _go_on_from(recipe.start, "encoder", "pretrained"), recipe.start
    writes = begin is not None and begin["kind"] == "encoder"
    names = _units(corpus, begin if writes else None, source)
    shape = _encoder_shape(recipe, begin, source, len(names))
    if not any(example.words for example in corpus.examples):
        raise _useless(recipe, "a text")
    network = Encoder(shape)
    if begin is not None:
        _take_over(network, begin)
    network.to(recipe.settings.device)
    losses = loop.ctc_losses(network, names, recipe.settings.device)
    return Made(network, losses, _writable(corpus, names, recipe), _extra("encoder", shape, names))


def _language(recipe: Recipe, corpus: data.Corpus, before: dict[str, Any] | None) -> Made:
    names = _units(corpus, before, recipe.output / CHECKPOINT)
    if not any((example.languages != data.IGNORED).any() for example in corpus.examples):
        raise _useless(recipe, "words with times and languages")
    if before is None:
        shape = LanguageShape(len(data.LANGUAGES), len(accents.inventory()), len(names))
    else:
        shape = LanguageShape(**before["shape"])
    network = LanguageNet(shape).to(recipe.settings.device)
    losses = loop.language_losses(network, names, recipe.settings.device)
    extra = {**_extra("language", shape, names), "languages": list(data.LANGUAGES)}
    return Made(network, losses, _writable(corpus, names, recipe), extra)


def _pretrained(recipe: Recipe, corpus: data.Corpus, before: dict[str, Any] | None) -> Made:
    shape = _encoder_shape(recipe, before, recipe.output / CHECKPOINT, 1)
    network = Guesser(shape).to(recipe.settings.device)
    losses = loop.guessing_losses(network, recipe.settings.device)
    return Made(network, losses, corpus, _extra("pretrained", shape, []))


def _useless(recipe: Recipe, what: str) -> InputError:
    return InputError(
        f"no utterance has {what}",
        path=recipe.corpora[0],
        remedy="Use a folder that cswitch synth wrote",
    )


_MAKERS: dict[Kind, Callable[[Recipe, data.Corpus, dict[str, Any] | None], Made]] = {
    "encoder": _encoder,
    "language": _language,
    "pretrained": _pretrained,
}


def _extra(kind: Kind, shape: Any, names: list[str]) -> dict[str, Any]:
    phones = list(accents.inventory())
    return {"kind": kind, "shape": asdict(shape), "units": names, "phones": phones}


def _units(corpus: data.Corpus, before: dict[str, Any] | None, source: Path) -> list[str]:
    """Those of the checkpoint: its outputs mean them and nothing else."""
    if before is None:
        return units.learn(" ".join(example.words) for example in corpus.examples)
    if "units" not in before:
        raise InputError(
            "does not tell its units",
            path=source,
            remedy="Train anew in another folder",
        )
    return list(before["units"])


def _encoder_shape(
    recipe: Recipe, before: dict[str, Any] | None, source: Path, count: int
) -> EncoderShape:
    phones = len(accents.inventory())
    if before is None:
        layers, dim = recipe.layers or LAYERS, recipe.dim or DIM
        if dim % _HEADS:
            raise InputError(
                f"a width of {dim} cannot be shared by {_HEADS} heads",
                remedy=f"Choose a multiple of {_HEADS}",
            )
        return EncoderShape(
            units=count,
            phones=phones,
            dim=dim,
            layers=layers,
            heads=_HEADS,
            phone_layer=max(layers * 3 // 8, 1),
            middle_layer=max(layers * 5 // 8, 2),
        )
    known = replace(EncoderShape(**before["shape"]), units=count, phones=phones)
    asked = (recipe.layers or known.layers, recipe.dim or known.dim)
    if asked != (known.layers, known.dim):
        raise InputError(
            f"has {known.layers} layers of width {known.dim}",
            path=source,
            remedy="Leave out --layers and --dim, or train anew in another folder",
        )
    return known


def _take_over(network: Encoder, begin: dict[str, Any]) -> None:
    """Copy an encoder, or of a pretrained one what hears, not what writes."""
    if begin["kind"] == "encoder":
        network.load_state_dict(begin["network"])
        return
    learned: dict[str, Tensor] = {
        name.removeprefix("encoder."): value for name, value in begin["network"].items()
    }
    kept = {name: value for name, value in learned.items() if name.startswith(_HEARING)}
    network.load_state_dict({**network.state_dict(), **kept})


def _writable(corpus: data.Corpus, names: list[str], recipe: Recipe) -> data.Corpus:
    """The examples whose words can be written in some units."""
    letters = {name for name in names if len(name) == 1}
    examples = tuple(
        example for example in corpus.examples if letters.issuperset("".join(example.words))
    )
    if not examples:
        raise InputError(
            "no utterance can be written in the units of the checkpoint",
            path=recipe.corpora[0],
            remedy="Train anew in another folder",
        )
    return replace(corpus, examples=examples)
