"""Networks as ONNX files, with what a small TOML file says about their input and output.

A model is a folder, or a TOML file anywhere::

    encoder = "encoder.onnx"
    labels = "labels.txt"            # one label a line, tokens.txt or JSON; see `read_names`
    features = "network-input"       # or "nemo" or "waveform"
    frame_seconds = 0.04

    [language]                       # may be left out
    network = "language.onnx"
    classes = ["sil", "hi", "en"]

Names of inputs and outputs are not asked for: the first input is the audio, an integer vector is
its length, an integer matrix is an attention mask; the first output is frames × labels.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cswitch import resources
from cswitch.errors import InputError
from cswitch.recognition import features
from cswitch.recognition.audio import Samples
from cswitch.recognition.posteriors import Array, Labels, read_labels, read_names

Kind = Literal["network-input", "nemo", "waveform"]
_FEATURES: dict[Kind, int] = {"network-input": 3, "nemo": 3, "waveform": 2}
_INTEGERS = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_KEYS = {"encoder", "labels", "features", "frame_seconds", "blank", "language"}
_LANGUAGE_KEYS = {"network", "classes"}
CONFIG = "model.toml"


@dataclass(frozen=True, slots=True)
class LanguageConfig:
    """The language network of a model: its file and what its columns stand for."""

    network: Path
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """What a model's TOML file says; paths are relative to it."""

    path: Path
    encoder: Path
    labels: Path
    features: Kind
    frame_seconds: float
    blank: str | None = None
    language: LanguageConfig | None = None


def shipped(name: str = "hi_en") -> Path:
    """The TOML file of a model that comes with the package.

    Raises:
        InputError: There is none of this name.
    """
    path = resources.folder("models") / name / CONFIG
    if not path.is_file():
        known = ", ".join(resources.names("models")) or "none"
        raise InputError(
            f"no model for '{name}' comes with the package (there is: {known})",
            remedy="Give your own with --encoder-config",
        )
    return path


def read_config(path: str | Path, encoder: str | Path | None = None) -> Config:
    """Read and check a model's TOML file.

    Args:
        path: The TOML file, or the folder that has it as ``model.toml``.
        encoder: An ONNX file to use in place of the one that the file names.

    Raises:
        InputError: It is not TOML, a key is missing or unknown, or a value makes no sense.
    """
    path = Path(path)
    description = _Description(path / CONFIG if path.is_dir() else path)
    if encoder is not None:
        if not Path(encoder).is_file():
            raise InputError("there is no such encoder", path=encoder, remedy="Check the name")
        description.values["encoder"] = str(Path(encoder).absolute())
    description.check_keys(description.values, _KEYS)
    return Config(
        path=description.path,
        encoder=description.file("encoder"),
        labels=description.file("labels"),
        features=_features(description),
        frame_seconds=_frame_seconds(description),
        blank=description.text("blank") if "blank" in description.values else None,
        language=_language(description),
    )


_EXAMPLE = (
    'Write encoder = "…", labels = "…", features = "network-input", "nemo" or "waveform", '
    "frame_seconds = 0.04"
)


class _Description:
    """A TOML file that is being read, for messages that name file and line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: list[str] = []
        try:
            text = path.read_text("utf-8")
            self._lines = text.splitlines()
            self.values: dict[str, Any] = tomllib.loads(text)
        except (OSError, ValueError) as error:
            line = re.search(r"at line (\d+)", str(error))
            raise InputError(
                f"cannot be read as TOML: {getattr(error, 'strerror', None) or error}",
                path=path,
                line=int(line[1]) if line else None,
                remedy=_EXAMPLE,
            ) from error

    def error(self, key: str, message: str, remedy: str) -> InputError:
        """An error that has to do with a key."""
        starts = (line.partition("=")[0].strip() == key for line in self._lines)
        line = next((number for number, found in enumerate(starts, start=1) if found), None)
        return InputError(message, path=self.path, line=line, remedy=remedy)

    def check_keys(self, values: Mapping[str, Any], known: set[str]) -> None:
        for key in values:
            if key not in known:
                remedy = f"Known are: {', '.join(sorted(known))}"
                raise self.error(key, f"unknown key '{key}'", remedy)

    def text(self, key: str, values: Mapping[str, Any] | None = None) -> str:
        """The text that is the value of a key."""
        value = (self.values if values is None else values).get(key)
        if value is None:
            raise self.error(key, f"the key '{key}' is missing", _EXAMPLE)
        if not isinstance(value, str) or not value:
            raise self.error(key, f"{key} is {value!r}", f'Write a text: {key} = "…"')
        return value

    def file(self, key: str, values: Mapping[str, Any] | None = None) -> Path:
        """The file that a key names, relative to the description."""
        path = self.path.parent / self.text(key, values)
        if not path.is_file():
            raise self.error(key, f"there is no file '{path}'", f"Correct {key}")
        return path


def _features(description: _Description) -> Kind:
    kind = description.text("features")
    if kind not in _FEATURES:
        raise description.error(
            "features", f"unknown features '{kind}'", f"Known are: {', '.join(_FEATURES)}"
        )
    return kind


def _frame_seconds(description: _Description) -> float:
    seconds = description.values.get("frame_seconds")
    if seconds is None:
        raise description.error("frame_seconds", "the key 'frame_seconds' is missing", _EXAMPLE)
    if type(seconds) not in (int, float) or not 0.01 <= seconds <= 1:
        raise description.error(
            "frame_seconds", f"frame_seconds is {seconds!r}", "Give seconds between 0.01 and 1"
        )
    return float(seconds)


def _language(description: _Description) -> LanguageConfig | None:
    values = description.values.get("language")
    if values is None:
        return None
    remedy = 'Write network = "…" and classes = ["sil", "hi", "en"] below [language]'
    if not isinstance(values, dict) or not values.keys() >= _LANGUAGE_KEYS:
        raise description.error("[language]", "the table [language] is not complete", remedy)
    description.check_keys(values, _LANGUAGE_KEYS)
    classes = values["classes"]
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise description.error("classes", f"classes is {classes!r}", remedy)
    return LanguageConfig(description.file("network", values), tuple(classes))


class Network:
    """An ONNX network that turns audio into log-probabilities per frame.

    Args:
        path: The ONNX file.
        kind: What it reads.
        threads: How many it may use.

    Raises:
        InputError: The file cannot be loaded, or its inputs do not fit the features.
    """

    def __init__(self, path: Path, kind: Kind, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # A plan for the longest window would hold a third more memory, and save no time.
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(path),
                options,
                providers=["CPUExecutionProvider"],
                # A sum and a layer normalization take a third of the time of the two in one.
                disabled_optimizers=["SkipLayerNormFusion"],
            )
        except Exception as error:  # onnxruntime's own classes share no base but this one
            raise InputError(
                f"cannot be loaded: {_reason(error)}",
                path=path,
                remedy="Give an ONNX file that onnxruntime can run",
            ) from error
        self.path = path
        self.kind = kind
        self._inputs = self._session.get_inputs()
        for extra in self._inputs[1:]:
            if extra.type not in _INTEGERS or len(extra.shape) > 2:
                raise InputError(
                    f"the input '{extra.name}' is neither a length nor a mask",
                    path=path,
                    remedy="Export the network for whole utterances, with audio as its one input",
                )
        self._output = self._session.get_outputs()[0].name
        rank = len(self._inputs[0].shape)
        if rank != _FEATURES[kind]:
            raise InputError(
                f"the input '{self._inputs[0].name}' has {rank} dimensions where features = "
                f'"{kind}" has {_FEATURES[kind]}',
                path=path,
                remedy="Correct features in the configuration",
            )

    def prepare(self, samples: Samples) -> Samples:
        """What the network reads of a piece of audio."""
        if self.kind == "network-input":
            return features.network_input(samples)
        if self.kind == "nemo":
            bins = self._inputs[0].shape[1]
            size = bins if isinstance(bins, int) else features.BINS
            return np.ascontiguousarray(features.nemo_log_mel(samples, size).T)
        # Hugging Face's feature extractor: mean 0, variance 1 (`zero_mean_unit_var_norm`).
        scaled: Samples = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
        return scaled.astype(np.float32)

    def __call__(self, audio: Samples) -> Array:
        """Log-probabilities, frames × columns, of what `prepare` made of a piece of audio."""
        half = "float16" in self._inputs[0].type
        feeds: dict[str, Any] = {
            self._inputs[0].name: audio[None].astype(np.float16 if half else np.float32)
        }
        length = audio.shape[-1] if self.kind == "nemo" else len(audio)
        for extra in self._inputs[1:]:
            shape = (1,) if len(extra.shape) == 1 else (1, length)
            value = length if len(shape) == 1 else 1
            feeds[extra.name] = np.full(shape, value, _INTEGERS[extra.type])
        try:
            logits: Array = self._session.run([self._output], feeds)[0]
        except Exception as error:
            raise InputError(
                f'does not take features = "{self.kind}" of any length: '
                f"{' '.join(str(error).split())}",
                path=self.path,
                remedy="Correct features in the configuration, or export with a dynamic time axis",
            ) from error
        if logits.ndim != 3 or logits.shape[0] != 1:
            raise InputError(
                f"the output '{self._output}' has shape {logits.shape}",
                path=self.path,
                remedy="Export the network so that the first output is batch × frames × labels",
            )
        if np.isnan(logits).any():
            raise InputError(
                f"the output '{self._output}' has NaN",
                path=self.path,
                remedy="Export the network in single precision",
            )
        return _log_softmax(logits[0])


def labels_of(config: Config, columns: int) -> Labels:
    """The labels of a model, checked against the columns of its output.

    NeMo writes no blank into its label files, and puts it last: where there is one column more
    than labels, it is the blank.

    Raises:
        InputError: The numbers differ otherwise.
    """
    names = read_names(config.labels)
    if columns == len(names) + 1 and "<blank>" not in names:
        return Labels((*names, "<blank>"), len(names))
    labels = read_labels(config.labels, config.blank)
    if columns != len(labels):
        raise InputError(
            f"{len(labels)} labels for {columns} columns of the encoder's output",
            path=config.labels,
            remedy="Write one label for each column; added_tokens.json may have the rest",
        )
    return labels


def _reason(error: Exception) -> str:
    """What onnxruntime says, without its numbers for it."""
    return " ".join(str(error).split()).rpartition(" : ")[2].rstrip(".")


def _log_softmax(logits: Array) -> Array:
    # Also right for log-probabilities: their exponentials sum to one, so nothing changes.
    logits = logits.astype(np.float32, copy=False)
    values: Array = logits - logits.max(axis=1, keepdims=True)
    values -= np.log(np.exp(values).sum(axis=1, keepdims=True))
    return values.astype(np.float64)
