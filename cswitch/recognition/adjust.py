"""Adjust CTC posteriors by what a language network says of each frame.

Only labels that bear a language are adjusted: those whose script belongs to one. The blank and
what both languages share (separators, digits) are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cswitch import languages
from cswitch.errors import InputError
from cswitch.recognition.posteriors import Array, Labels

Form = Literal["log-linear", "linear", "mask", "none"]
FORMS: tuple[Form, ...] = ("log-linear", "linear", "mask", "none")

SILENCE = "sil"
# A network that is sure must not forbid: it may be wrong.
_FLOOR = np.log(1e-4)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """How much the language network is trusted, and how.

    Attributes:
        form: ``log-linear``: log p(k) += γ·log P(lang(k)|t), then the language-bearing mass is
            rescaled to what it was, so neither the blank nor shared labels win or lose.
            ``linear``: p(k) · P(lang(k)|t), then the row is rescaled to one, as a product of the
            two posteriors (Li et al. 2019, ICASSP, "Towards code-switching ASR for end-to-end CTC
            models"); this inflates the blank. ``mask``: only the likelier language's labels are
            kept, the mass rescaled as in the first form. ``none``: nothing.
        gamma: γ of the log-linear form.
        prior: P(language); the network's posteriors are divided by it where it is given.
    """

    form: Form = "log-linear"
    gamma: float = 0.5
    prior: Mapping[str, float] = field(default_factory=dict)


def check(classes: Sequence[str], adjustment: Adjustment) -> None:
    """See that classes and an adjustment belong together.

    Raises:
        InputError: The prior has a language that is no class, or a class is no language.
    """
    stranger = next((name for name in adjustment.prior if name not in classes), None)
    if stranger is not None:
        raise InputError(
            f"the prior has '{stranger}', which is none of the classes ({', '.join(classes)})",
            remedy="Give shares of these languages alone",
        )
    for name in classes:
        if name != SILENCE:
            languages.resolve(name)


def adjust(
    ctc: Array, lid: Array, labels: Labels, classes: Sequence[str], adjustment: Adjustment
) -> Array:
    """The CTC posteriors after adjustment, rows summing to one as before.

    Args:
        ctc: Frames × labels, natural-log.
        lid: Frames × classes, natural-log; its frames may be some whole number of times longer or
            shorter.
        labels: What the columns of ``ctc`` stand for.
        classes: What the columns of ``lid`` stand for: language codes, and ``sil`` for silence.
        adjustment: The form and its weights.

    Raises:
        InputError: ``lid`` has other classes or is of other audio, or the prior names no class.

    >>> labels = Labels(("<blank>", "क", "k"), blank=0)
    >>> ctc, lid = np.log([[0.5, 0.25, 0.25]]), np.log([[0.8, 0.2]])
    >>> out = adjust(ctc, lid, labels, ("hi", "en"), Adjustment(gamma=1.0))
    >>> [round(p, 3) for p in np.exp(out[0]).tolist()]
    [0.5, 0.4, 0.1]
    """
    if lid.ndim != 2 or lid.shape[1] != len(classes):
        raise InputError(
            f"the language posteriors have shape {lid.shape} where there are {len(classes)} "
            f"classes ({', '.join(classes)})",
            remedy="Name the columns with --lid-classes, silence as 'sil'",
        )
    check(classes, adjustment)
    if adjustment.form == "none" or not len(ctc):
        return ctc
    owners = owner_columns(labels, classes)
    bearing = owners >= 0
    weights = _language_logs(_to_frames(lid, len(ctc)), classes, adjustment.prior)
    own = np.where(bearing, weights[:, owners], 0.0)
    if adjustment.form == "linear":
        moved = ctc + own
        return moved - _log_sum(moved)
    if adjustment.form == "mask":
        best = weights.max(axis=1, keepdims=True)
        moved = np.where(bearing & (own < best), -np.inf, ctc)
    else:
        moved = ctc + adjustment.gamma * own
    before, after = (_log_sum(values[:, bearing]) for values in (ctc, moved))
    # A frame may have no mass left in the languages that are kept: nothing can be rescaled then.
    shift = np.where(np.isfinite(after), before, 0.0) - np.where(np.isfinite(after), after, 0.0)
    return np.where(bearing, np.where(np.isfinite(after), moved + shift, ctc), ctc)


def owner_columns(labels: Labels, classes: Sequence[str]) -> NDArray[np.int64]:
    """For each label the class of its language; -1 for those that bear none.

    A class owns the labels in the native script of its language: ``hi`` those in Devanagari.
    """
    owners = {
        languages.resolve(name).native.script: column
        for column, name in enumerate(classes)
        if name != SILENCE
    }
    columns = [owners.get(script or "", -1) for script in labels.scripts]
    return np.array(columns, dtype=np.int64)


def _language_logs(lid: Array, classes: Sequence[str], prior: Mapping[str, float]) -> Array:
    """Posteriors among the languages alone, over the prior; silence says nothing about them."""
    spoken = np.array([name != SILENCE for name in classes])
    logs = np.where(spoken, lid, -np.inf)
    for column, name in enumerate(classes):
        if name in prior:
            logs[:, column] -= np.log(prior[name])
    return np.maximum(logs - _log_sum(logs), _FLOOR)


def _to_frames(lid: Array, frames: int) -> Array:
    if len(lid) == frames:
        return lid
    if not len(lid):
        raise InputError("there are no language frames", remedy="Compute them for the same audio")
    few, many = sorted((len(lid), frames))
    rate = round(many / few)
    # Frames that do not fill the last longer one, at either end, may be there or not.
    if abs(many - rate * few) > 2 * rate:
        raise InputError(
            f"there are {len(lid)} language frames for {frames} of the posteriors, which is no "
            "other frame rate",
            remedy="Compute both for the same audio",
        )
    # The nearest frame in time.
    places = (np.arange(frames) + 0.5) * len(lid) / frames
    return lid[np.minimum(places.astype(np.int64), len(lid) - 1)]


def _log_sum(values: Array) -> Array:
    top = values.max(axis=1, keepdims=True, initial=-np.inf)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        total: Array = safe + np.log(np.exp(values - safe).sum(axis=1, keepdims=True))
    return total
