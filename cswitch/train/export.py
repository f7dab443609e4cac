"""Checkpoints to a model folder: int8 ONNX, labels and a description."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cswitch.files import atomic_path, atomic_write, make_folder
from cswitch.recognition.features import BINS
from cswitch.recognition.networks import CONFIG
from cswitch.train import recipes
from cswitch.train.model import Encoder, EncoderShape, LanguageNet, LanguageShape

_OPSET = 17


def load(path: str | Path, kind: recipes.Kind) -> tuple[nn.Module, dict[str, Any]]:
    """The network of a checkpoint, for inference, and what else stands in it.

    Raises:
        InputError: The file is no checkpoint of this kind.
    """
    content = recipes.read_checkpoint(Path(path), kind)
    network: nn.Module
    if kind == "encoder":
        network = Encoder(EncoderShape(**content["shape"]))
    else:
        network = LanguageNet(LanguageShape(**content["shape"]))
    network.load_state_dict(content["network"])
    return network.eval(), content


def export(
    encoder: str | Path, language: str | Path | None, folder: str | Path, quantized: bool = True
) -> None:
    """Write a model folder from checkpoints.

    Args:
        encoder: Checkpoint of the encoder.
        language: Checkpoint of the language network, if there is one.
        folder: Where to; it is created.
        quantized: Matrix products in 8 bits, half a byte's worth of error per weight.

    Raises:
        InputError: A file is no checkpoint, or one of another kind.
    """
    root = Path(folder)
    network, content = load(encoder, "encoder")
    spoken = None if language is None else load(language, "language")
    make_folder(root)
    write_onnx(First(network), root / "encoder.onnx", quantized)
    with atomic_write(root / "labels.txt") as out:
        out.write("".join(f"{unit}\n" for unit in content["units"]))
    lines = [
        'encoder = "encoder.onnx"',
        'labels = "labels.txt"',
        'features = "network-input"',
        "frame_seconds = 0.04",
    ]
    if spoken is not None:
        network, content = spoken
        write_onnx(First(network), root / "language.onnx", quantized)
        classes = ", ".join(f'"{name}"' for name in content["languages"])
        lines += ["", "[language]", 'network = "language.onnx"', f"classes = [{classes}]"]
    with atomic_write(root / CONFIG) as out:
        out.write("\n".join(lines) + "\n")


def write_onnx(network: nn.Module, path: Path, quantized: bool) -> None:
    """Write one network, features to logits, with any number of frames."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with atomic_path(path) as temporary, warnings.catch_warnings():
        # The legacy exporter is deprecated, but the new one needs more packages and time.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, 200, BINS),),
            str(temporary),
            input_names=["features"],
            output_names=["logits"],
            dynamic_axes={"features": {1: "frames"}, "logits": {1: "output_frames"}},
            opset_version=_OPSET,
            dynamo=False,
        )
        if quantized:
            # It advises a step that would not change these networks.
            with _without_warnings():
                # Convolutions stay in single precision: onnxruntime's 8-bit ones are slower.
                quantize_dynamic(
                    temporary,
                    temporary,
                    per_channel=True,
                    weight_type=QuantType.QInt8,
                    op_types_to_quantize=["MatMul"],
                )


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Log nothing but errors for a while."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


class First(nn.Module):
    """The first output of a network alone: the others serve training."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.network(features)[0]
        return logits
