"""The transducer of spellings against the n-gram that it is made from, and its cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pynini
import pytest
from click.testing import CliRunner

from cswitch.cli import cli, main
from cswitch.errors import InputError
from cswitch.spelling import pairs, transducer

WORDS = (
    "नमस्ते हिन्दी मैं भारत दिल्ली अच्छा क्या कैसे ज़िंदगी स्कूल मुहब्बत विश्वविद्यालय प्रधानमंत्री लड़की पानी घर "
    "किताब समय सरकार बच्चे कृष्ण ज्ञान क्षमा दुनिया अंग्रेज़ी खुशी शुक्रिया आदमी औरत पढ़ाई"
).split()
# A path may back off where a longer n-gram was seen, so a cost may be a little too low.
SHORTCUT = 0.5


@pytest.fixture(scope="module", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> object:
    folder = tmp_path_factory.mktemp("cache")
    transducer._romanizer.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder
    transducer._romanizer.cache_clear()


def model(tag: str = "hi-Deva") -> pairs.PairModel:
    found = pairs.find(tag, "letters")
    assert found is not None
    return found


def test_the_best_romanization_is_that_of_the_ngram() -> None:
    best = {word: model().to_latin(pairs.native_letters(word))[0][0] for word in WORDS}
    same = [word for word in WORDS if transducer.romanizations(word, "hi", 1)[0][0] == best[word]]
    assert len(same) >= len(WORDS) - 1


def test_further_romanizations_are_mostly_those_of_the_ngram() -> None:
    shared = 0
    for word in WORDS:
        found = {latin for latin, _ in transducer.romanizations(word, "hi", 5)}
        expected = {latin for latin, _ in model().to_latin(pairs.native_letters(word), 5)}
        shared += len(found & expected)
    assert shared >= 0.9 * 5 * len(WORDS)


def test_a_cost_is_that_of_the_best_path_of_the_ngram_or_a_little_less() -> None:
    for word in WORDS:
        for latin, cost in transducer.romanizations(word, "hi", 5):
            best_path = -model()._model.score(pairs.native_letters(word), latin)[1]
            assert best_path - SHORTCUT <= cost <= best_path + 1e-3, (word, latin)


def test_romanizations_are_distinct_and_ordered() -> None:
    found = transducer.romanizations("विश्वविद्यालय", "hi", 20)
    costs = [cost for _, cost in found]
    assert len({latin for latin, _ in found}) == 20
    assert costs == sorted(costs)


def test_composed_and_decomposed_words_are_romanized_alike() -> None:
    assert transducer.romanizations("पढ़ाई", "hi") == transducer.romanizations("पढ\u093cाई", "hi")


@pytest.mark.parametrize("word", ["", "123", "ਪਾਣੀ", "[x]"])
def test_a_word_of_unknown_letters_has_no_romanization(word: str) -> None:
    assert transducer.romanizations(word, "hi") == []


def test_a_language_without_a_model_is_bad_input() -> None:
    with pytest.raises(InputError, match="no model of spellings for sd-Arab"):
        transducer.romanizer("sd")


def test_a_caller_cannot_spoil_the_shared_transducer() -> None:
    transducer.romanizer("hi").delete_states()
    assert transducer.romanizations("पानी", "hi", 1)[0][0] == "pani"


def test_the_written_file_is_the_transducer(tmp_path: Path) -> None:
    path = tmp_path / "hi-Deva_Latn.fst"
    done = CliRunner().invoke(cli, ["lexicon", "fst", "--lang", "hi", "--output", str(path)])
    assert done.exit_code == 0, done.output
    assert list(tmp_path.iterdir()) == [path]
    read = pynini.Fst.read(str(path))
    assert pynini.equal(read, transducer.compiled(model()))
    word = pynini.accep(pairs.native_letters("पानी"), token_type="utf8")
    best = pynini.shortestpath((word @ read).project("output"))
    assert best.string("utf8") == "pani"


def test_a_folder_that_is_missing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "none" / "hi.fst")
    with pytest.raises(SystemExit) as stopped:
        main(["lexicon", "fst", "--lang", "hi", "--output", output])
    assert stopped.value.code == 2
    assert output in capsys.readouterr().err


def test_two_processes_may_fill_the_cache_at_once(tmp_path: Path) -> None:
    code = "from cswitch.spelling import transducer; print(transducer.romanizations('தமிழ்', 'ta'))"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    runs = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert said[0] == said[1]
    assert b"tamil" in said[0]
    (cached,) = (tmp_path / "cswitch").iterdir()
    assert pynini.equal(pynini.Fst.read(str(cached)), transducer.compiled(model("ta-Taml")))


def test_what_is_cached_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = transducer._romanizer.__wrapped__("ta-Taml")
    monkeypatch.setattr(transducer, "compiled", lambda model: pytest.fail("compiled again"))
    assert pynini.equal(transducer._romanizer.__wrapped__("ta-Taml"), made)


@pytest.mark.parametrize("content", [b"", b"no transducer"])
def test_a_damaged_cache_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = transducer._romanizer.__wrapped__("ta-Taml")
    (cached,) = (tmp_path / "cswitch").iterdir()
    whole = cached.read_bytes()
    cached.write_bytes(content or whole[: len(whole) // 2])
    assert pynini.equal(transducer._romanizer.__wrapped__("ta-Taml"), made)
    assert cached.read_bytes() == whole


def test_a_cache_that_cannot_be_written_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert transducer._romanizer.__wrapped__("ta-Taml").num_states() > 0


@pytest.mark.parametrize(
    "use",
    [
        "import cswitch, cswitch.spelling.transducer",
        "from cswitch.cli import main; main(['score', '--help'], standalone_mode=False)",
        "from cswitch.cli import main; main(['score', {0!r}, {0!r}, '--lang', 'hi'],"
        " standalone_mode=False)",
    ],
)
def test_scoring_does_not_import_pynini(use: str, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("मैं school गया\n", encoding="utf-8")
    code = f"{use.format(str(lines))}\nimport sys; assert 'pynini' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
