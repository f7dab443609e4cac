"""Tiny ONNX networks with the exact inputs and outputs of real exports: they hear two tones.

A low tone is the label ``a``, a high one ``b``, silence the blank; a word begins with each.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

LOW, HIGH = 500.0, 3000.0
SHARP = 40.0


def tones(plan: str, seconds: float = 0.4, rate: int = 16_000) -> np.ndarray:
    """A signal with a tone or silence for each letter of ``a``, ``b`` and ``.``."""
    time = np.arange(round(seconds * rate)) / rate
    sounds = {
        "a": 0.3 * np.sin(2 * np.pi * LOW * time),
        "b": 0.3 * np.sin(2 * np.pi * HIGH * time),
        ".": np.zeros(len(time)),
    }
    noise = np.random.default_rng(0).normal(0, 1e-4, len(time) * len(plan))
    return (np.concatenate([sounds[letter] for letter in plan]) + noise).astype(np.float32)


def features_network(path: Path, low_bin: int, high_bin: int, columns: int = 3) -> Path:
    """Our own interface: features (1 × frames × 80) to logits, four times slower."""
    weights = _tone_weights(low_bin, high_bin, columns)
    return _write(
        path,
        [
            _node("Transpose", ["features"], ["bins"], perm=[0, 2, 1]),
            _node("AveragePool", ["bins"], ["slow"], kernel_shape=[4], strides=[4], ceil_mode=1),
            _node("Transpose", ["slow"], ["frames"], perm=[0, 2, 1]),
            _node("MatMul", ["frames", "weights"], ["scores"]),
            _node("Add", ["scores", "bias"], ["logits"]),
        ],
        inputs={"features": ("float", [1, "frames", 80])},
        outputs=["logits"],
        constants={"weights": weights, "bias": _bias(columns)},
    )


def nemo_network(path: Path, low_bin: int, high_bin: int, bins: int = 80) -> Path:
    """NeMo's export: audio_signal (batch × bins × frames) and length; the blank is last."""
    weights = _tone_weights(low_bin, high_bin, 3, order=(1, 2, 0), bins=bins)
    return _write(
        path,
        [
            _node("AveragePool", ["audio_signal"], ["slow"], kernel_shape=[8], strides=[8]),
            _node("Transpose", ["slow"], ["frames"], perm=[0, 2, 1]),
            _node("MatMul", ["frames", "weights"], ["scores"]),
            _node("Add", ["scores", "bias"], ["biased"]),
            _node("LogSoftmax", ["biased"], ["logprobs"], axis=-1),
            _node("Identity", ["length"], ["encoded_lengths"]),
        ],
        inputs={"audio_signal": ("float", ["batch", bins, "time"]), "length": ("int64", ["batch"])},
        outputs=["logprobs", "encoded_lengths"],
        constants={"weights": weights, "bias": _bias(3)[[1, 2, 0]]},
    )


def wav2vec2_network(path: Path, masked: bool = True) -> Path:
    """Hugging Face's export: input_values (batch × samples) to logits every 20 ms."""
    time = np.arange(400) / 16_000
    window = np.hanning(400) / 100
    filters = np.stack([window * np.sin(2 * np.pi * hertz * time) for hertz in (LOW, HIGH)])
    # The columns are <pad>, |, a, b; a word boundary follows from silence's neighbour.
    weights = np.array([[-1, -9, 1, -1], [-1, -9, -1, 1]]) * 60.0
    bias = np.array([0.0, -9.0, -30.0, -30.0])
    inputs = {"input_values": ("float", ["batch", "samples"])}
    if masked:
        inputs["attention_mask"] = ("int64", ["batch", "samples"])
    return _write(
        path,
        [
            _node("Unsqueeze", ["input_values", "one"], ["channel"]),
            _node("Conv", ["channel", "filters"], ["waves"], strides=[16], pads=[0, 0]),
            _node("Abs", ["waves"], ["energy"]),
            _node("MaxPool", ["energy"], ["slow"], kernel_shape=[20], strides=[20]),
            _node("Transpose", ["slow"], ["frames"], perm=[0, 2, 1]),
            _node("MatMul", ["frames", "weights"], ["scores"]),
            _node("Add", ["scores", "bias"], ["logits"]),
        ],
        inputs=inputs,
        outputs=["logits"],
        constants={"filters": filters[:, None, :], "weights": weights, "bias": bias},
        integers={"one": [1]},
    )


def describe(folder: Path, network: Path, labels: list[str], features: str, seconds: float) -> Path:
    """Write labels and the TOML file of a network."""
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in labels), "utf-8")
    path = folder / "model.toml"
    path.write_text(
        f'encoder = "{network.name}"\nlabels = "labels.txt"\nfeatures = "{features}"\n'
        f"frame_seconds = {seconds}\n",
        "utf-8",
    )
    return path


def _tone_weights(
    low_bin: int, high_bin: int, columns: int, order: tuple[int, ...] = (0, 1, 2), bins: int = 80
) -> np.ndarray:
    """Each tone's band speaks for its label and against the other one."""
    weights = np.zeros((bins, columns))
    weights[low_bin, order.index(1)] = weights[high_bin, order.index(2)] = SHARP
    weights[low_bin, order.index(2)] = weights[high_bin, order.index(1)] = -SHARP / 2
    return weights


def _bias(columns: int) -> np.ndarray:
    return np.array([SHARP / 4, 0.0, 0.0] + [0.0] * (columns - 3))


def _node(kind: str, inputs: list[str], outputs: list[str], **attributes: object):  # type: ignore[no-untyped-def]
    from onnx import helper

    return helper.make_node(kind, inputs, outputs, **attributes)


def _write(  # type: ignore[no-untyped-def]
    path: Path, nodes, inputs, outputs, constants, integers=None
) -> Path:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    kinds = {"float": TensorProto.FLOAT, "int64": TensorProto.INT64}
    tensors = [numpy_helper.from_array(v.astype(np.float32), k) for k, v in constants.items()]
    for name, values in (integers or {}).items():
        tensors.append(numpy_helper.from_array(np.array(values, np.int64), name))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(k, kinds[kind], shape)
            for k, (kind, shape) in inputs.items()
        ],
        [
            helper.make_tensor_value_info(
                name, kinds["int64" if "length" in name else "float"], None
            )
            for name in outputs
        ],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))
    return path
