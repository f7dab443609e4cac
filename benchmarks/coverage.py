"""How often 95 % intervals of the corrected WER hold the true rate, in a simulation.

    python -m benchmarks.coverage [--trials 2000]

Error rates of utterances are drawn around a true rate of 20 %, with utterances of 3 to 24 words;
in the second part they vary by speaker, and intervals are computed with and without knowing the
speakers.
"""

from __future__ import annotations

import argparse

import numpy as np

from cswitch.statistics import confidence

RATE = 0.2
SAMPLES = 500


def covered(bounds: confidence.Interval) -> bool:
    """Whether an interval holds the true rate."""
    return bounds.low <= RATE <= bounds.high


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2000)
    trials = parser.parse_args().trials
    methods = {"percentile": confidence.interval, "BCa": confidence.bca_interval}
    for utterances in (100, 300):
        random = np.random.default_rng(utterances)
        hits = dict.fromkeys(methods, 0)
        for trial in range(trials):
            words = random.integers(3, 25, utterances)
            rates = random.beta(2, 8, utterances)
            errors = random.binomial(words, rates).astype(float)
            for name, method in methods.items():
                bounds = method(errors, words.astype(float), samples=SAMPLES, seed=trial)
                hits[name] += covered(bounds)
        for name, count in hits.items():
            print(f"{utterances:4} utterances            {name:<11}{count / trials:7.1%}")
    speakers, each = 40, 25
    random = np.random.default_rng(1)
    hits = {"as blocks": 0, "unknown": 0}
    for trial in range(trials):
        words = random.integers(3, 25, (speakers, each))
        rates = random.beta(4, 16, speakers)[:, None]
        errors = random.binomial(words, rates).astype(float)
        blocks = errors.sum(axis=1), words.sum(axis=1).astype(float)
        flat = errors.ravel(), words.ravel().astype(float)
        hits["as blocks"] += covered(confidence.interval(*blocks, samples=SAMPLES, seed=trial))
        hits["unknown"] += covered(confidence.interval(*flat, samples=SAMPLES, seed=trial))
    for name, count in hits.items():
        print(f"{speakers} speakers {name:<13} percentile {count / trials:7.1%}")


if __name__ == "__main__":
    main()
