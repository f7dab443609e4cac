"""LID adjustment moves mass between languages and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cswitch.errors import InputError
from cswitch.recognition.adjust import Adjustment, adjust
from cswitch.recognition.posteriors import Labels

LABELS = Labels(("<blank>", " ", "क", "ख", "k", "q", "1"), blank=0)
CLASSES = ("sil", "hi", "en")


def normal(seed: int, frames: int, width: int) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(scale=2, size=(frames, width))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


@given(
    seed=st.integers(0, 10_000),
    gamma=st.floats(0, 3),
    form=st.sampled_from(["log-linear", "mask"]),
)
def test_blank_and_shared_labels_keep_their_mass(seed: int, gamma: float, form: str) -> None:
    ctc, lid = normal(seed, 6, 7), normal(seed + 1, 6, 3)
    out = adjust(ctc, lid, LABELS, CLASSES, Adjustment(form=form, gamma=gamma))
    np.testing.assert_allclose(np.exp(out).sum(axis=1), 1.0)
    np.testing.assert_allclose(out[:, [0, 1, 6]], ctc[:, [0, 1, 6]])


def test_gamma_zero_and_form_none_change_nothing() -> None:
    ctc, lid = normal(1, 6, 7), normal(2, 6, 3)
    np.testing.assert_allclose(adjust(ctc, lid, LABELS, CLASSES, Adjustment(gamma=0.0)), ctc)
    assert adjust(ctc, lid, LABELS, CLASSES, Adjustment(form="none")) is ctc


def test_silence_says_nothing_about_the_language() -> None:
    ctc = normal(1, 1, 7)
    loud, quiet = np.log([[0.0 + 1e-9, 0.7, 0.3]]), np.log([[0.9, 0.07, 0.03]])
    np.testing.assert_allclose(
        adjust(ctc, loud, LABELS, CLASSES, Adjustment()),
        adjust(ctc, quiet, LABELS, CLASSES, Adjustment()),
    )


def test_the_linear_form_is_the_product_and_inflates_the_blank() -> None:
    ctc, lid = normal(3, 4, 7), normal(4, 4, 3)
    out = np.exp(adjust(ctc, lid, LABELS, CLASSES, Adjustment(form="linear")))
    p = np.exp(lid[:, 1:]) / np.exp(lid[:, 1:]).sum(axis=1, keepdims=True)
    product = np.exp(ctc)
    product[:, 2:4] *= p[:, :1]
    product[:, 4:6] *= p[:, 1:]
    np.testing.assert_allclose(out, product / product.sum(axis=1, keepdims=True))
    assert (out[:, 0] > np.exp(ctc[:, 0])).all()


def test_the_mask_leaves_one_language() -> None:
    out = adjust(normal(5, 1, 7), np.log([[0.1, 0.6, 0.3]]), LABELS, CLASSES, Adjustment("mask"))
    assert np.isinf(out[0, 4:6]).all() and np.isfinite(out[0, 2:4]).all()


def test_a_prior_takes_the_usual_language_out() -> None:
    lid = np.log([[0.2, 0.6, 0.2]])
    prior = Adjustment(gamma=1.0, prior={"hi": 0.75, "en": 0.25})
    ctc = normal(6, 1, 7)
    np.testing.assert_allclose(adjust(ctc, lid, LABELS, CLASSES, prior), ctc)


def test_language_frames_of_another_length_are_taken_by_time() -> None:
    ctc = normal(7, 4, 7)
    lid = normal(8, 2, 3)
    np.testing.assert_allclose(
        adjust(ctc, lid, LABELS, CLASSES, Adjustment()),
        adjust(ctc, np.repeat(lid, 2, axis=0), LABELS, CLASSES, Adjustment()),
    )


@pytest.mark.parametrize(("frames", "of_languages"), [(100, 398), (100, 26), (3, 2), (9, 9)])
def test_another_frame_rate_may_leave_the_last_frames_out(frames: int, of_languages: int) -> None:
    ctc = normal(7, frames, 7)
    out = adjust(ctc, normal(8, of_languages, 3), LABELS, CLASSES, Adjustment())
    assert out.shape == ctc.shape


@pytest.mark.parametrize(("frames", "of_languages"), [(100, 70), (100, 150), (100, 0)])
def test_language_frames_of_other_audio_are_refused(frames: int, of_languages: int) -> None:
    with pytest.raises(InputError, match="language frames"):
        adjust(normal(7, frames, 7), normal(8, of_languages, 3), LABELS, CLASSES, Adjustment())


def test_a_prior_of_a_language_that_is_no_class_is_refused() -> None:
    prior = Adjustment(prior={"hi": 0.2, "zz": 0.8})
    with pytest.raises(InputError, match="'zz', which is none of the classes"):
        adjust(normal(1, 2, 7), normal(2, 2, 3), LABELS, CLASSES, prior)


def test_wrong_classes_are_named() -> None:
    with pytest.raises(InputError, match="2 classes"):
        adjust(normal(1, 2, 7), normal(2, 2, 3), LABELS, ("hi", "en"), Adjustment())
