"""Real-time factor and memory of transcription on one core, beside sherpa-onnx.

    python benchmarks/speech_speed.py AUDIO... [--model model.toml] [--hour]

sherpa-onnx runs the same encoder, wrapped in the interface of a NeMo export: the same matrix
products under another program's features and greedy search. All take turns on each file, one
thread each; the processor time of the fastest turn counts. "encoder only" leaves out the language
network, which sherpa-onnx does not run either. With --hour, a file of one hour is made of the
audio and transcribed in a process of its own, beside one of six minutes: peak memory must not
differ.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from cswitch.recognition import audio
from cswitch.recognition.ctc import Greedy
from cswitch.recognition.recognizer import Recognizer

REPEATS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("audio", nargs="+", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--hour", action="store_true")
    options = parser.parse_args()
    recognizer = Recognizer.load(options.model)
    signals = [audio.read(path) for path in options.audio]
    with tempfile.TemporaryDirectory() as folder:
        peer = _peer(recognizer, Path(folder))
        systems = {"cswitch": lambda samples: _ours(recognizer, samples)}
        alone = Recognizer(replace(recognizer.config, language=None))
        systems["  encoder only"] = lambda samples: _ours(alone, samples)
        systems["sherpa-onnx"] = lambda samples: _theirs(peer, samples)
        spent = {name: [math.inf] * len(signals) for name in systems}
        for _ in range(REPEATS):
            for index, samples in enumerate(signals):
                for name, run in systems.items():
                    start = time.process_time()
                    run(samples)
                    elapsed = time.process_time() - start
                    spent[name][index] = min(spent[name][index], elapsed)
        seconds = sum(map(len, signals)) / audio.SAMPLE_RATE
        for name, values in spent.items():
            print(f"{name:14} real-time factor {sum(values) / seconds:.5f} ({seconds:.0f} s)")
        if options.hour:
            for minutes in (6, 60):
                path = _long(signals, minutes, Path(folder))
                for search in ("--greedy", "--beam=16"):
                    _memory(path, options.model, search)


def _ours(recognizer: Recognizer, samples: np.ndarray) -> str:
    decoder = Greedy(recognizer.labels, recognizer.frame_seconds)
    for chunk in recognizer.stream([samples]):
        decoder.feed(chunk.ctc)
    return " ".join(word.word for word in decoder.finish())


def _theirs(peer, samples: np.ndarray) -> str:  # type: ignore[no-untyped-def]
    stream = peer.create_stream()
    stream.accept_waveform(audio.SAMPLE_RATE, samples)
    peer.decode_stream(stream)
    text: str = stream.result.text
    return text


def _peer(recognizer: Recognizer, folder: Path):  # type: ignore[no-untyped-def]
    """sherpa-onnx with our encoder as a NeMo export."""
    import onnx
    import sherpa_onnx
    from onnx import TensorProto, helper

    model = onnx.load(str(recognizer.config.encoder))
    graph = model.graph
    turned = helper.make_node("Transpose", ["audio_signal"], ["features"], perm=[0, 2, 1])
    graph.node.insert(0, turned)
    graph.node.append(helper.make_node("LogSoftmax", ["logits"], ["logprobs"], axis=-1))
    del graph.input[:], graph.output[:]
    graph.input.append(
        helper.make_tensor_value_info("audio_signal", TensorProto.FLOAT, [1, 80, "frames"])
    )
    graph.input.append(helper.make_tensor_value_info("length", TensorProto.INT64, [1]))
    graph.output.append(
        helper.make_tensor_value_info("logprobs", TensorProto.FLOAT, [1, "out", "labels"])
    )
    columns = len(recognizer.labels)
    facts = {"vocab_size": columns, "subsampling_factor": 4, "normalize_type": "per_feature"}
    for key, value in facts.items():
        model.metadata_props.add(key=key, value=str(value))
    onnx.save(model, str(folder / "nemo.onnx"))
    names = list(recognizer.labels.names)
    names[recognizer.labels.blank] = "<blk>"
    tokens = "".join(f"{name} {index}\n" for index, name in enumerate(names))
    (folder / "tokens.txt").write_text(tokens, "utf-8")
    return sherpa_onnx.OfflineRecognizer.from_nemo_ctc(
        model=str(folder / "nemo.onnx"), tokens=str(folder / "tokens.txt"), num_threads=1
    )


def _long(signals: list[np.ndarray], minutes: int, folder: Path) -> Path:
    path = folder / f"{minutes} minutes.wav"
    with soundfile.SoundFile(path, "w", audio.SAMPLE_RATE, 1) as out:
        written, index = 0, 0
        while written < minutes * 60 * audio.SAMPLE_RATE:
            out.write(signals[index % len(signals)])
            written += len(signals[index % len(signals)])
            index += 1
    return path


def _memory(path: Path, model: Path | None, search: str) -> None:
    code = (
        "import resource, sys; from cswitch.cli import cli; cli(standalone_mode=False);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "transcribe", str(path), search]
    command += [] if model is None else ["--encoder-config", str(model)]
    start = time.monotonic()
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    spent = time.monotonic() - start
    print(f"{path.stem}, {search}: peak {run.stderr.strip()} MB, {spent:.1f} s", flush=True)


if __name__ == "__main__":
    main()
