"""The training loop of both networks: time budget, checkpoints, curves."""

from __future__ import annotations

import contextlib
import csv
import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from cswitch.errors import InputError
from cswitch.files import atomic_path, atomic_write
from cswitch.train import augment, data, units
from cswitch.train.model import Encoder, Guesser, LanguageNet, subsampled
from cswitch.train.team import ALONE, Team

# Sums over what a batch has of something (output units, labelled frames), and how much it has:
# only so can the parts of a batch that several workers heard be put together again.
Losses = dict[str, tuple[Tensor, Tensor]]
LossFunction = Callable[[data.Batch], Losses]
_WARM_UP = 300
_CHECKPOINT_SECONDS = 300.0
# After so many steps without a number for a loss, none will come.
_HOPELESS = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    Attributes:
        minutes: Time budget; the learning rate falls to its end over it.
        batch_seconds: Audio per step.
        learning_rate: The highest.
        seed: Order and disturbances follow from it.
        device: ``cpu`` or ``cuda``.
        steps: A budget that does not depend on the machine; the one used up first ends training.
    """

    minutes: float
    batch_seconds: float = 80.0
    learning_rate: float = 2e-3
    seed: int = 0
    device: str = "cpu"
    steps: int | None = None


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
            "middle": _ctc(middle, frames, wanted, 0.5),
            "phones": _frame_loss(phones, batch.phones, phone_weight),
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
            "units": _ctc(unit, frames, targets(batch), unit_weight),
            "phones": _frame_loss(phones, batch.phones, phone_weight),
        }

    return losses


def guessing_losses(guesser: Guesser, device: str) -> LossFunction:
    """Cross entropy of the codes that were hidden."""

    def losses(batch: data.Batch) -> Losses:
        frames = torch.from_numpy(batch.lengths).to(device)
        logits, wanted, hidden = guesser(torch.from_numpy(batch.features).to(device), frames)
        wrong = functional.cross_entropy(logits[hidden].float(), wanted[hidden], reduction="sum")
        return {"codes": (wrong, hidden.sum())}

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


def _ctc(
    logits: Tensor, frames: Tensor, wanted: tuple[Tensor, Tensor], weight: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Sum over units."""
    flat, sizes = wanted
    log_probs = logits.float().log_softmax(dim=-1).transpose(0, 1)
    loss = functional.ctc_loss(
        log_probs, flat, subsampled(frames), sizes, zero_infinity=True, reduction="sum"
    )
    return loss * weight, sizes.sum()


def _frame_loss(
    logits: Tensor, labels: NDArray[np.int64], weight: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Sum over labelled frames."""
    wanted = torch.from_numpy(labels[:, :: data.SUBSAMPLING]).to(logits.device)
    total = functional.cross_entropy(
        logits.float().flatten(0, 1), wanted.flatten(), ignore_index=data.IGNORED, reduction="sum"
    )
    return total * weight, (wanted != data.IGNORED).sum()


def train(
    network: nn.Module,
    losses_of: LossFunction,
    corpus: data.Corpus,
    folder: Path,
    settings: Settings,
    strength: augment.Strength,
    extra: Mapping[str, Any],
    report: Callable[[str], None] = lambda line: None,
    team: Team = ALONE,
) -> None:
    """Train until the budget is used up; go on from the checkpoint in the folder if there is one.

    Args:
        network: What to train, on its device.
        losses_of: The losses of a batch; the sum of their means is minimized.
        corpus: The examples.
        folder: Receives ``checkpoint.pt`` and the curves, ``curve.csv``.
        settings: How.
        strength: Of the disturbances.
        extra: Stored with the checkpoint, to build the network again.
        report: Gets a line now and then.
        team: The workers that share each batch; the first one writes the files.

    Raises:
        InputError: The losses are no numbers.
        KeyboardInterrupt: Somebody pressed Ctrl-C; the step was finished and the checkpoint saved.
    """
    optimizer = torch.optim.AdamW(
        network.parameters(), settings.learning_rate, betas=(0.9, 0.98), weight_decay=1e-3
    )
    state = _State()
    path = folder / "checkpoint.pt"
    if path.exists():
        state.load(path, network, optimizer, settings.device)
    if not state.goes_on(settings):
        report(
            f"{path} has had {state.step} steps in {state.minutes:.3g} minutes already: "
            "to go on, ask for more"
        )
        return
    if team.rank == 0:
        _forget(folder / "curve.csv", state.step)
    saved = time.monotonic()
    with _interruption() as interrupted:
        while state.goes_on(settings):
            # Another seed after a resumption: the pass begins anew, with new disturbances.
            rng = np.random.default_rng([settings.seed, state.step])
            share = (team.rank, team.size)
            begin = time.monotonic()
            for batch in data.batches(corpus, settings.batch_seconds, rng, strength, share):
                rate = _rate(state.step, state.progress(settings)) * settings.learning_rate
                with torch.autocast(settings.device, dtype=torch.bfloat16):
                    losses = losses_of(batch)
                now = time.monotonic()
                means = state.count(losses, batch.seconds, now - begin, interrupted(), team)
                begin = now
                _step(network, torch.stack(means).sum(), optimizer, rate, team)
                if team.rank == 0 and state.step % 25 == 0:
                    report(state.write(folder / "curve.csv", rate))
                if team.rank == 0 and now - saved > _CHECKPOINT_SECONDS:
                    state.save(path, network, optimizer, extra)
                    saved = now
                if not state.goes_on(settings):
                    break
        if team.rank == 0:
            state.check(folder)
            if state.has_news:
                report(state.write(folder / "curve.csv", rate))
            state.save(path, network, optimizer, extra)
    if state.stopped:
        report(f"What is learned is in {path}: the same command goes on from there")
        raise KeyboardInterrupt


def _forget(curve: Path, step: int) -> None:
    """Take rows out of a curve that are later than the checkpoint: those steps come again."""
    if not curve.exists():
        return
    header, *rows = curve.read_text("utf-8").splitlines(keepends=True) or [""]
    kept = [row for row in rows if row.endswith("\n") and float(row.partition(",")[0]) <= step]
    with atomic_write(curve) as out:
        out.writelines([header, *kept])


@contextlib.contextmanager
def _interruption() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, asked between steps; pressed again, it breaks the step."""
    asked: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    ours = before == signal.default_int_handler and current_thread() is main_thread()

    def note(number: int, frame: object) -> None:
        asked.append(number)
        signal.signal(number, before)

    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(asked)
    finally:
        if ours:
            signal.signal(signal.SIGINT, before)


def _rate(step: int, progress: float) -> float:
    return min((step + 1) / _WARM_UP, 1.0) * (
        0.01 + 0.99 * (1 + math.cos(math.pi * min(progress, 1))) / 2
    )


def _step(
    network: nn.Module, loss: Tensor, optimizer: torch.optim.Optimizer, rate: float, team: Team
) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    team.add_gradients(network.parameters())
    norm = nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    if torch.isfinite(norm):
        optimizer.step()


class _State:
    """Counters that survive a restart, the same for all workers."""

    def __init__(self) -> None:
        self.step = 0
        self.minutes = 0.0
        self.hours = 0.0
        self.stopped = False
        self._lost = 0
        self._recent: list[dict[str, float]] = []
        self._clock: list[tuple[float, float]] = []

    def progress(self, settings: Settings) -> float:
        """How much of the budget is used up; 1 is all of it."""
        steps = 0.0 if settings.steps is None else self.step / settings.steps
        return max(self.minutes / settings.minutes, steps)

    def goes_on(self, settings: Settings) -> bool:
        """Whether another step is wanted."""
        return not self.stopped and self._lost < _HOPELESS and self.progress(settings) < 1

    def check(self, folder: Path) -> None:
        """Refuse to save what learned nothing."""
        if self._lost >= _HOPELESS:
            raise InputError(
                f"for {self._lost} steps the losses have been no numbers",
                path=folder,
                remedy="Lower --learning-rate, or delete features.npy in the corpora",
            )

    @property
    def has_news(self) -> bool:
        """Whether something was counted that is not in the curve."""
        return bool(self._recent)

    def count(
        self, losses: Losses, seconds: float, elapsed: float, interrupted: bool, team: Team
    ) -> list[Tensor]:
        """Count a batch with the parts of all workers; give the losses of this part of it.

        They are divided by what the whole batch has, so gradients of the parts have to be added.
        """
        parts = [float(part.detach()) for pair in losses.values() for part in pair]
        # The clock of the first worker is everybody's.
        first = team.rank == 0
        tally = torch.tensor([*parts, seconds, elapsed * first, interrupted], dtype=torch.float64)
        *parts, seconds, elapsed, stops = team.add(tally).tolist()
        self.step += 1
        self.minutes += elapsed / 60
        self.hours += seconds / 3600
        self.stopped = stops > 0
        sizes = [max(size, 1.0) for size in parts[1::2]]
        totals = zip(losses, parts[::2], sizes, strict=True)
        self._recent.append({name: total / size for name, total, size in totals})
        finite = all(map(math.isfinite, self._recent[-1].values()))
        self._lost = 0 if finite else self._lost + 1
        self._clock.append((seconds, elapsed))
        return [total / size for (total, _), size in zip(losses.values(), sizes, strict=True)]

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

    def load(
        self, path: Path, network: nn.Module, optimizer: torch.optim.Optimizer, device: str
    ) -> None:
        content = torch.load(path, weights_only=True, map_location=device)
        network.load_state_dict(content["network"])
        optimizer.load_state_dict(content["optimizer"])
        self.step, self.minutes, self.hours = content["counters"]
