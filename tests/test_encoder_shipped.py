"""The model that comes with the package, on speech synthesized here and now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rapidfuzz.distance import Levenshtein

from cswitch import resources
from cswitch.cli.transcribe import command
from cswitch.recognition import audio, networks
from cswitch.recognition.recognizer import Recognizer

FOLDER = resources.folder("models") / "hi_en"
SENTENCES = (
    "इस tutorial में हम file के बारे में सीखेंगे",
    "अब save button पर क्लिक करें",
    "स्पोकन ट्यूटोरियल project में आपका स्वागत है",
)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    pytest.importorskip("espeakng_loader")
    import soundfile

    from cswitch.synth.espeak import shared
    from cswitch.synth.speech import Manner, Spoken
    from cswitch.synth.texts import language

    folder = tmp_path_factory.mktemp("spoken")
    pairs = []
    for index, text in enumerate(SENTENCES):
        words = [Spoken(word, word, language(word)) for word in text.split()]
        path = folder / f"{index}.wav"
        soundfile.write(path, shared().speak(words, Manner("Alex", 0.85)).samples, 16_000)
        pairs.append((text, path))
    return pairs


def test_it_hears_most_letters_right(spoken: list[tuple[str, Path]]) -> None:
    result = CliRunner().invoke(command, [str(path) for _, path in spoken])
    assert result.exit_code == 0, result.output
    heard = [json.loads(line)["text"] for line in result.stdout.splitlines()]
    pairs = zip(SENTENCES, heard, strict=True)
    errors = sum(Levenshtein.distance(said, text) for said, text in pairs)
    assert errors < 0.3 * sum(map(len, SENTENCES))
    greedy = CliRunner().invoke(command, ["--greedy", *(str(path) for _, path in spoken)])
    assert len(greedy.stdout.splitlines()) == len(SENTENCES)


def test_both_networks_are_small_and_fit_their_labels() -> None:
    size = sum(path.stat().st_size for path in FOLDER.glob("*.onnx"))
    assert size < 12e6
    recognizer = Recognizer.load()
    assert recognizer.lid_classes == ("sil", "hi", "en")
    scripts = {script for script in recognizer.labels.scripts if script}
    assert scripts == {"Deva", "Latn"}


def test_silence_is_no_words(tmp_path: Path) -> None:
    import numpy as np

    recognizer = Recognizer.load()
    (chunk,) = recognizer.stream([np.zeros(5 * audio.SAMPLE_RATE, np.float32)])
    assert (chunk.ctc.argmax(axis=1) == recognizer.labels.blank).all()
    assert chunk.lid is not None
    assert (chunk.lid.argmax(axis=1) == 0).mean() > 0.9


def test_the_card_says_what_it_was_trained_on_and_that_it_heard_no_real_speech() -> None:
    card = (FOLDER / "README.md").read_text("utf-8")
    assert "never heard real speech" in card
    for words in ("Apache-2.0", "espeak-ng", "festival", "MUCS", "Dakshina"):
        assert words in card
    assert networks.shipped().parent == FOLDER
