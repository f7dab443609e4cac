"""The training loop of both networks: time budget, checkpoints, curves."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from cswitch.files import atomic_path
from cswitch.train import augment, data, units
from cswitch.train.model import Encoder, LanguageNet, subsampled

Losses = dict[str, Tensor]
LossFunction = Callable[[data.Batch], Losses]
_WARM_UP = 300
_CHECKPOINT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    Attributes:
        minutes: Time budget; the learning rate falls to its end over it.
        batch_seconds: Audio per step.
        learning_rate: The highest.
        seed: Order and disturbances follow from it.
        device: ``cpu`` or ``cuda``.
    """

    minutes: float
    batch_seconds: float = 80.0
    learning_rate: float = 2e-3
    seed: int = 0
    device: str = "cpu"


def ctc_losses(
    encoder: Encoder, names: list[str], device: str, phone_weight: float = 0.3
) -> LossFunction:
    """CTC at the last layer, CTC at the middle one, and phones per frame at a low one."""
    targets = _Targets(names)

    def losses(batch: data.Batch) -> Losses:
        frames = torch.from_numpy(batch.lengths).to(device)
        final, middle, phones = encoder(torch.from_numpy(batch.features).to(device), frames)
        wanted = targets(batch)
        return {
            "ctc": _ctc(final, frames, wanted),
            "middle": _ctc(middle, frames, wanted) * 0.5,
            "phones": _frame_loss(phones, batch.phones) * phone_weight,
        }

    return losses


def language_losses(
    network: LanguageNet,
    names: list[str],
    device: str,
    unit_weight: float = 0.3,
    phone_weight: float = 0.3,
) -> LossFunction:
    """Cross entropy of languages and of phones per frame, and CTC of the words."""
    targets = _Targets(names)

    def losses(batch: data.Batch) -> Losses:
        frames = torch.from_numpy(batch.lengths).to(device)
        languages, unit, phones = network(torch.from_numpy(batch.features).to(device), frames)
        return {
            "language": _frame_loss(languages, batch.languages),
            "units": _ctc(unit, frames, targets(batch)) * unit_weight,
            "phones": _frame_loss(phones, batch.phones) * phone_weight,
        }

    return losses


class _Targets:
    """The words of a batch in output units, spelled once each."""

    def __init__(self, names: list[str]) -> None:
        self._rank = units.ranks(names)
        self._spelled: dict[str, list[int]] = {}

    def __call__(self, batch: data.Batch) -> tuple[Tensor, Tensor]:
        """All units in a row, and how many each utterance has."""
        rows = [[unit for word in words for unit in self._spell(word)] for words in batch.words]
        flat = torch.tensor([unit for row in rows for unit in row])
        return flat, torch.tensor([len(row) for row in rows])

    def _spell(self, word: str) -> list[int]:
        if word not in self._spelled:
            self._spelled[word] = units.encode(word, self._rank)
        return self._spelled[word]


def _ctc(logits: Tensor, frames: Tensor, wanted: tuple[Tensor, Tensor]) -> Tensor:
    """Mean over units."""
    flat, sizes = wanted
    log_probs = logits.float().log_softmax(dim=-1).transpose(0, 1)
    loss = functional.ctc_loss(
        log_probs, flat, subsampled(frames), sizes, zero_infinity=True, reduction="sum"
    )
    return loss / sizes.sum()


def _frame_loss(logits: Tensor, labels: NDArray[np.int64]) -> Tensor:
    """Mean over labelled frames; zero, not NaN, where a batch has none."""
    wanted = torch.from_numpy(labels[:, :: data.SUBSAMPLING]).to(logits.device)
    total = functional.cross_entropy(
        logits.float().flatten(0, 1), wanted.flatten(), ignore_index=data.IGNORED, reduction="sum"
    )
    return total / (wanted != data.IGNORED).sum().clamp(min=1)


def train(
    network: nn.Module,
    losses_of: LossFunction,
    corpus: data.Corpus,
    folder: Path,
    settings: Settings,
    strength: augment.Strength,
    extra: Mapping[str, Any],
    report: Callable[[str], None] = lambda line: None,
) -> None:
    """Train until the time is used up; go on from the checkpoint in the folder if there is one.

    Args:
        network: What to train, on its device.
        losses_of: The losses of a batch; their sum is minimized.
        corpus: The examples.
        folder: Receives ``checkpoint.pt`` and the curves, ``curve.csv``.
        settings: How.
        strength: Of the disturbances.
        extra: Stored with the checkpoint, to build the network again.
        report: Gets a line now and then.
    """
    optimizer = torch.optim.AdamW(
        network.parameters(), settings.learning_rate, betas=(0.9, 0.98), weight_decay=1e-3
    )
    state = _State()
    path = folder / "checkpoint.pt"
    if path.exists():
        state.load(path, network, optimizer)
    saved = time.monotonic()
    while state.minutes < settings.minutes:
        # Another seed after a resumption: the pass begins anew, with new disturbances.
        rng = np.random.default_rng([settings.seed, state.step])
        begin = time.monotonic()
        for batch in data.batches(corpus, settings.batch_seconds, rng, strength):
            rate = _rate(state.step, state.minutes / settings.minutes) * settings.learning_rate
            values = _step(network, losses_of, batch, optimizer, rate, settings.device)
            state.count(values, batch.seconds, time.monotonic() - begin)
            begin = time.monotonic()
            if state.step % 25 == 0:
                report(state.write(folder / "curve.csv", rate))
            if time.monotonic() - saved > _CHECKPOINT_SECONDS:
                state.save(path, network, optimizer, extra)
                saved = time.monotonic()
            if state.minutes >= settings.minutes:
                break
    state.save(path, network, optimizer, extra)


def _rate(step: int, progress: float) -> float:
    return min((step + 1) / _WARM_UP, 1.0) * (
        0.01 + 0.99 * (1 + math.cos(math.pi * min(progress, 1))) / 2
    )


def _step(
    network: nn.Module,
    losses_of: LossFunction,
    batch: data.Batch,
    optimizer: torch.optim.Optimizer,
    rate: float,
    device: str,
) -> dict[str, float]:
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast(device, dtype=torch.bfloat16):
        losses = losses_of(batch)
    torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
    norm = nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    if torch.isfinite(norm):
        optimizer.step()
    return {name: float(loss.detach()) for name, loss in losses.items()}


class _State:
    """Counters that survive a restart."""

    def __init__(self) -> None:
        self.step = 0
        self.minutes = 0.0
        self.hours = 0.0
        self._recent: list[dict[str, float]] = []
        self._clock: list[tuple[float, float]] = []

    def count(self, values: dict[str, float], seconds: float, elapsed: float) -> None:
        self.step += 1
        self.minutes += elapsed / 60
        self.hours += seconds / 3600
        self._recent.append(values)
        self._clock.append((seconds, elapsed))

    def write(self, path: Path, rate: float) -> str:
        means = {
            name: sum(values[name] for values in self._recent) / len(self._recent)
            for name in self._recent[0]
        }
        speed = sum(s for s, _ in self._clock) / max(sum(e for _, e in self._clock), 1e-9)
        self._recent, self._clock = [], []
        row = {"step": self.step, "minutes": self.minutes, "hours": self.hours, "rate": rate}
        row |= {"speed": speed, **means}
        new = not path.exists()
        with open(path, "a", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, row)
            if new:
                writer.writeheader()
            writer.writerow({name: f"{value:.6g}" for name, value in row.items()})
        return " ".join(f"{name} {value:.4g}" for name, value in row.items())

    def save(
        self,
        path: Path,
        network: nn.Module,
        optimizer: torch.optim.Optimizer,
        extra: Mapping[str, Any],
    ) -> None:
        content = {
            "network": network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "counters": (self.step, self.minutes, self.hours),
            **extra,
        }
        with atomic_path(path) as temporary:
            torch.save(content, temporary)

    def load(self, path: Path, network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        content = torch.load(path, weights_only=True)
        network.load_state_dict(content["network"])
        optimizer.load_state_dict(content["optimizer"])
        self.step, self.minutes, self.hours = content["counters"]
