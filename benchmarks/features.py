"""Features and posteriors: seconds of audio that a second of processor time is enough for.

    python -m benchmarks.features [--minutes 2]

The audio is noise, which takes as long as speech. kaldi-native-fbank computes the same features;
for an encoder beside another program, see benchmarks/speech_speed.py, which needs real audio.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from benchmarks.alone import alone
from cswitch.recognition import features
from cswitch.recognition.features import SAMPLE_RATE, Array

Work = Callable[[Array], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2)
    minutes = parser.parse_args().minutes
    print(f"{'':40}  seconds of audio a second   peak MB")
    for name in SYSTEMS:
        try:
            rate, memory = alone(measure, name, minutes)
            print(f"{name:40}{rate:27,.0f}  {memory:8.0f}", flush=True)
        except ImportError as error:
            print(f"{name:40}left out: {error}", flush=True)


def measure(name: str, minutes: float) -> float:
    """Seconds of audio a second; the first call, of one second, is not counted."""
    work = SYSTEMS[name]()
    noise = np.random.default_rng(0).normal(0, 0.1, int(60 * minutes * SAMPLE_RATE))
    samples = noise.astype(np.float32)
    work(samples[:SAMPLE_RATE])
    start = time.process_time()
    work(samples)
    return 60 * minutes / (time.process_time() - start)


def kaldi() -> Work:
    import kaldi_native_fbank

    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = features.BINS

    def work(samples: Array) -> None:
        computer = kaldi_native_fbank.OnlineFbank(options)
        computer.accept_waveform(SAMPLE_RATE, (samples * 32768).tolist())
        computer.input_finished()
        for frame in range(computer.num_frames_ready):
            computer.get_frame(frame)

    return work


def posteriors() -> Work:
    from cswitch.recognition.recognizer import Recognizer

    recognizer = Recognizer.load()
    return lambda samples: [len(chunk.ctc) for chunk in recognizer.stream([samples])]


SYSTEMS: dict[str, Callable[[], Work]] = {
    "cswitch, log-mel energies of Kaldi": lambda: features.log_mel,
    "kaldi-native-fbank": kaldi,
    "cswitch, log-mel energies of NeMo": lambda: features.nemo_log_mel,
    "cswitch, features and both networks": posteriors,
}


if __name__ == "__main__":
    main()
