from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from cswitch.cli.synth import command
from cswitch.errors import InputError
from cswitch.synth import accents, corpus, disturb, process, texts
from cswitch.synth.speech import Engine, InconsistentError, Manner, Span, Speech, Spoken, check

pytest.importorskip("espeakng_loader")

SENTENCE = ("इसके", "नीचे", "text", "type", "करेंगे")
SPOKEN = [Spoken(word, word, texts.language(word)) for word in SENTENCE]


@pytest.fixture(scope="module")
def espeak():  # type: ignore[no-untyped-def]
    from cswitch.synth.espeak import shared

    return shared()


def _engine(name: str):  # type: ignore[no-untyped-def]
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    if name == "flite":
        from cswitch.synth.flite import Flite

        return Flite()
    from cswitch.synth.festival import Festival

    return Festival()


def _covers(speech: Speech) -> None:
    """Words and phones lie in order inside the sound, and something sounds in each word."""
    for spans in (speech.words, speech.phones):
        starts = [span.start for span in spans]
        assert starts == sorted(starts)
        assert all(0 <= span.start < span.end <= speech.duration + 0.01 for span in spans)
    for word in speech.words:
        part = speech.samples[int(word.start * 16_000) : int(word.end * 16_000)]
        assert np.abs(part).max() > 0.01


@pytest.mark.parametrize("voice", ["Alex", "f3", "klatt2"])
def test_espeak_tells_words_and_phones(espeak, voice: str) -> None:  # type: ignore[no-untyped-def]
    speech = espeak.speak(SPOKEN, Manner(voice))
    assert [span.name for span in speech.words] == list(SENTENCE)
    _covers(speech)
    names = {accents.common("espeak", span.name) for span in speech.phones}
    assert {"k", "n", "t", "aɪ"} <= names


def test_rate_and_pitch_change_the_voice(espeak) -> None:  # type: ignore[no-untyped-def]
    slow, fast = (espeak.speak(SPOKEN, Manner("Alex", rate)) for rate in (0.8, 1.3))
    assert slow.duration > 1.3 * fast.duration


@pytest.mark.parametrize("name", ["festival", "flite"])
def test_other_engines_tell_words_and_phones(name: str) -> None:
    with contextlib.ExitStack() as stack:
        engine = _engine(name)
        if name == "festival":
            stack.enter_context(engine)
        _speaks(engine, name)


def _speaks(engine: Engine, name: str) -> None:
    for voice in engine.voices("hi")[:2]:
        words = SPOKEN[:2] if name == "festival" else SPOKEN
        speech = engine.speak(words, Manner(voice, 1.0, 1.1))
        assert [span.name for span in speech.words] == [word.text for word in words]
        _covers(speech)


def test_a_voice_of_another_language_says_both_of_ours() -> None:
    with _engine("festival") as festival:
        speech = festival.speak(SPOKEN, Manner("czech_dita"))
        assert [span.name for span in speech.words] == list(SENTENCE)
        _covers(speech)
        phones = [span.name for span in speech.phones]
        assert {"e:", "g", "r"} <= set(phones)


def test_a_voice_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from cswitch.synth import festival as module

    monkeypatch.setitem(module._PHONE_SETS, "czech_nobody", "czech")
    with (
        _engine("festival") as festival,
        pytest.raises(InputError, match="lacks the voice czech_nobody"),
    ):
        festival.speak(SPOKEN[:1], Manner("hindi_NSK_diphone"))


def test_festival_keeps_consonants_voiced_at_the_end() -> None:
    words = [Spoken(word, word, "hi") for word in ("बाद", "में", "कब")]
    with _engine("festival") as festival:
        phones = [span.name for span in festival.speak(words, Manner("czech_machac")).phones]
    assert phones[1:-1] == ["b", "a:", "d", "m", "e:", "n*", "k", "a", "b"]


def test_festival_goes_on_after_text_it_cannot_say() -> None:
    with _engine("festival") as festival:
        with pytest.raises(InconsistentError):
            festival.speak([Spoken("x", ")(", "hi")], Manner("hindi_NSK_diphone"))
        speech = festival.speak(SPOKEN[:2], Manner("hindi_NSK_diphone"))
        assert len(speech.words) == 2


@pytest.mark.parametrize(
    ("word", "reading"), [("stop", "स्टॉप"), ("computer", "कम्प्यूटर"), ("singing", "सिंगिंग")]
)
def test_english_is_spelled_as_an_indian_reader_says_it(word: str, reading: str) -> None:
    assert accents.indian(word) == reading


def test_a_word_in_no_dictionary_has_no_indian_reading() -> None:
    assert accents.indian("qwrtz") is None


def test_hindi_is_spelled_in_english_phones() -> None:
    assert accents.foreign("खाना")[:3] == ("k", "hh", "aa")


def test_nukta_letters_are_composed_for_festival() -> None:
    assert accents.compose_nukta("ड\u093cफ\u093c") == "\u095c\u095e"


def test_every_phone_has_a_foreign_neighbour() -> None:
    for phone_set in ("radio", "czech"):
        table = accents._foreign(phone_set)
        assert set(accents.inventory()) <= set(table)
        near = {phone for phones in table.values() for phone in phones.split()}
        assert all(accents.common(phone_set, phone) for phone in near)


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("में", "m ey n"),
        ("नहीं", "n ah hh iy n"),
        ("करेंगे", "k ah r ey n g ey"),
        ("बातों", "b aa th ow n"),
        ("मैं", "m ae n"),
        ("हूँ", "hh uw n"),
    ],
)
def test_a_foreign_accent_keeps_nasal_vowels(word: str, phones: str) -> None:
    assert accents.foreign(word) == tuple(phones.split())


def test_an_english_word_of_no_dictionary_is_said_by_its_sound() -> None:
    assert accents.native("qwertly") == accents.foreign("qwertly") != ()


def test_a_phone_that_no_table_knows_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accents, "_word_phones", lambda word: ("m", "☃"))
    with pytest.raises(InconsistentError, match="☃"):
        accents.foreign.__wrapped__("में")


def test_every_english_phone_has_an_indian_spelling() -> None:
    phones = {phone.rstrip("012") for word in accents._cmudict().values() for phone in word[0]}
    assert phones == set(accents._accent())


def test_events_that_cannot_be_true_are_refused() -> None:
    samples = np.ones(16_000, np.float32)
    words = (Span("a", 0.1, 0.5), Span("b", 0.5, 0.9))
    spoken = [Spoken("a", "a", "en"), Spoken("b", "b", "en")]
    assert check(Speech(samples, words, ()), spoken).words == words
    for wrong in (words[:1], words[::-1], (words[0], Span("b", 0.5, 2.0))):
        with pytest.raises(InconsistentError):
            check(Speech(samples, wrong, ()), spoken)
    with pytest.raises(InconsistentError, match="no sound"):
        check(Speech(samples * 0, words, ()), spoken)


def test_splicing_keeps_labels_on_their_sounds(espeak) -> None:  # type: ignore[no-untyped-def]
    pieces = [espeak.speak(SPOKEN[:2], Manner("Alex")), espeak.speak(SPOKEN[2:4], Manner("f2"))]
    spliced = corpus.splice(pieces, np.random.default_rng(0))
    assert [span.name for span in spliced.words] == list(SENTENCE[:4])
    _covers(spliced)
    assert not spliced.samples[:700].any()


def _manifest(folder: Path) -> list[dict]:  # type: ignore[type-arg]
    lines = (folder / "manifest.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _told(*arguments: object) -> str:
    """What the command says, with an error of bad input if there is one."""
    result = CliRunner().invoke(command, [*map(str, arguments), "--engine", "espeak"])
    assert result.exit_code == 0 or isinstance(result.exception, InputError | SystemExit)
    wrong = result.exception if isinstance(result.exception, InputError) else ""
    return f"{result.stderr}{wrong}"


def _synth(*arguments: object) -> int:
    return (
        CliRunner().invoke(command, [str(a) for a in arguments] + ["--engine", "espeak"]).exit_code
    )


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("पहले text tool चुनें\nइस लिंक पर click करें\n", "utf-8")
    return path


def test_text_becomes_audio_with_a_manifest(sentences: Path, tmp_path: Path) -> None:
    assert _synth(sentences, tmp_path / "out") == 0
    first, _ = _manifest(tmp_path / "out")
    assert first["text"] == "पहले text tool चुनें"
    assert [word["lang"] for word in first["words"]] == ["hi", "en", "en", "hi"]
    info = soundfile.info(tmp_path / "out" / first["audio_filepath"])
    assert (info.samplerate, info.format) == (16_000, "FLAC")
    assert info.duration == pytest.approx(first["duration"], abs=1e-4)


def test_the_same_seed_gives_the_same_corpus(sentences: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        code = "from cswitch.cli import main; main()"
        arguments = ["synth", sentences, tmp_path / name, "--seed", seed, "--engine", "espeak"]
        subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True)
    a, b, c = (_manifest(tmp_path / name) for name in "abc")
    assert a == b
    assert a != c
    for entry in a:
        name = entry["audio_filepath"]
        sounds = [soundfile.read(tmp_path / folder / name)[0] for folder in "ab"]
        np.testing.assert_array_equal(*sounds)


def test_noise_leaves_speech_and_labels_as_they_were(sentences: Path, tmp_path: Path) -> None:
    assert _synth(sentences, tmp_path / "clean") == 0
    assert _synth(sentences, tmp_path / "noisy", "--snr", 5) == 0
    for clean, noisy in zip(
        _manifest(tmp_path / "clean"), _manifest(tmp_path / "noisy"), strict=True
    ):
        disturbance = noisy.pop("disturbance")
        assert disturbance["snr"] == 5.0
        assert set(disturbance) == {"snr", "colour", "telephone"}
        assert noisy == clean
        name = clean["audio_filepath"]
        speech, heard = (soundfile.read(tmp_path / f / name)[0] for f in ("clean", "noisy"))
        first, last = clean["words"][0]["start"], clean["words"][-1]["end"]
        spoken = slice(int(first * 16_000), int(last * 16_000))
        # Loud noise may have turned everything down.
        gain = (speech @ heard) / (speech @ speech)
        ratio = np.mean((gain * speech[spoken]) ** 2) / np.mean((heard - gain * speech) ** 2)
        assert 10 * np.log10(ratio) == pytest.approx(5.0, abs=0.7)


def test_disturbances_are_drawn_in_their_shares_and_from_the_seed() -> None:
    conditions = disturb.Conditions(varied=True)
    drawn = [conditions.draw(np.random.default_rng([7, index, 1])) for index in range(400)]
    assert drawn == [conditions.draw(np.random.default_rng([7, i, 1])) for i in range(400)]
    assert 0.7 < np.mean([one.snr is not None for one in drawn]) < 0.9
    assert 0.3 < np.mean([one.reverberation is not None for one in drawn]) < 0.5
    assert 0.08 < np.mean([one.telephone for one in drawn]) < 0.25
    fixed = [disturb.Conditions(True, 10.0).draw(np.random.default_rng(i)) for i in range(50)]
    assert {one.snr for one in fixed} == {10.0}
    assert any(one.reverberation for one in fixed)


def test_a_room_decays_by_60_decibels_in_its_time_and_moves_nothing() -> None:
    rng = np.random.default_rng(0)
    response = disturb.room(0.5, 6.0, rng)
    assert response[0] == 1.0
    assert np.sum(response[1:] ** 2) == pytest.approx(10**-0.6)
    backward = 10 * np.log10(np.cumsum(response[:0:-1] ** 2)[::-1])
    time = np.arange(len(backward)) / 16_000
    part = (backward < backward[0] - 5) & (backward > backward[0] - 35)
    slope = np.polyfit(time[part], backward[part], 1)[0]
    assert -60 / slope == pytest.approx(0.5, rel=0.15)
    speech = rng.normal(size=16_000).astype(np.float32) * np.float32(0.1)
    heard = disturb.apply(speech, slice(None), disturb.Disturbance(None, None, 0.4, 3.0), rng)
    assert len(heard) == len(speech)
    lags = np.fft.irfft(np.fft.rfft(heard) * np.conj(np.fft.rfft(speech)))
    assert lags.argmax() == 0


@pytest.mark.parametrize("colour", [0.0, 1.0, 2.0])
def test_noise_has_its_colour(colour: float) -> None:
    hum = disturb.noise(160_000, colour, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(hum)) ** 2
    hertz = np.fft.rfftfreq(len(hum), 1 / 16_000)
    low, high = (power[(hertz > f) & (hertz < 1.2 * f)].mean() for f in (200, 2000))
    assert np.log10(low / high) == pytest.approx(colour, abs=0.1)
    assert np.mean(hum**2) == pytest.approx(1.0)


def test_a_telephone_leaves_its_band_and_no_delay() -> None:
    rng = np.random.default_rng(0)
    sound = (rng.normal(size=16_000) * 0.1).astype(np.float32)
    heard = disturb.apply(sound, slice(None), disturb.Disturbance(telephone=True), rng)
    power = np.abs(np.fft.rfft(heard)) ** 2
    assert max(power[:240].max(), power[3460:].max()) < 1e-6 * power[1000:2000].mean()
    lags = np.fft.irfft(np.fft.rfft(heard) * np.conj(np.fft.rfft(sound)))
    assert lags.argmax() == 0


def test_nothing_is_ever_clipped() -> None:
    rng = np.random.default_rng(0)
    loud = (0.9 * np.sin(np.arange(16_000))).astype(np.float32)
    heard = disturb.apply(loud, slice(None), disturb.Disturbance(-10.0, 0.0), rng)
    assert np.abs(heard).max() == pytest.approx(0.99)
    silent = disturb.apply(loud * 0, slice(None), disturb.Disturbance(0.0, 1.0, 0.3, 0.0), rng)
    assert not silent.any()


def test_an_interrupted_corpus_goes_on_where_it_stopped(tmp_path: Path, espeak) -> None:  # type: ignore[no-untyped-def]
    marks = tmp_path / "asked.txt"

    def utterance(index: int) -> corpus.Utterance | None:
        with open(marks, "a") as out:
            out.write(f"{index}\n")
        if index == 150 and not (tmp_path / "again").exists():
            raise KeyboardInterrupt
        if index % 10:
            return None
        return corpus.plan_sentence([SENTENCE] * 300, {"espeak": espeak}, 0, index)

    @contextlib.contextmanager
    def speaker() -> Iterator[corpus.Maker]:
        yield utterance

    with pytest.raises(KeyboardInterrupt):
        corpus.write(tmp_path, speaker, count=200)
    assert not (tmp_path / "manifest.jsonl").exists()
    marks.unlink()
    (tmp_path / "again").touch()
    _, discarded = corpus.write(tmp_path, speaker, count=200)
    assert marks.read_text().split() == [str(index) for index in range(100, 200)]
    assert discarded == 180
    assert len(_manifest(tmp_path)) == 20


def test_ctrl_c_waits_for_the_end_of_an_utterance() -> None:
    heard = []
    with pytest.raises(KeyboardInterrupt), process.uninterrupted():
        signal.raise_signal(signal.SIGINT)
        heard.append("the rest")
    assert heard == ["the rest"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_corpus_goes_on_only_as_it_was_begun(sentences: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    assert "0.1 min of speech; 0 utterances discarded" in _told(sentences, output)
    assert "of speech" in _told(sentences, output, "--hours", 1)
    assert "begun with other seed. Choose another folder" in _told(sentences, output, "--seed", 1)
    assert "begun with other snr" in _told(sentences, output, "--snr", 5)
    sentences.write_text("पहले text tool चुनें\n", "utf-8")
    assert "begun with other texts" in _told(sentences, output)
    assert len(_manifest(output)) == 2
    (output / "settings.json").write_text("{", "utf-8")
    assert "settings.json: cannot be read" in _told(sentences, output)


def test_where_nothing_was_spoken_yet_anything_may_begin(sentences: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    _told(sentences, output, "--seed", 1)
    (output / "part-00000.jsonl").unlink()
    assert "of speech" in _told(sentences, output, "--seed", 2)
    assert "begun with other seed" in _told(sentences, output, "--seed", 1)


def test_lines_that_could_not_be_spoken_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, plan_sentence = tmp_path / "text.txt", corpus.plan_sentence

    def plan(*arguments: object) -> corpus.Utterance | None:
        return None if arguments[-1] == 1 else plan_sentence(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(corpus, "plan_sentence", plan)
    path.write_text("हाँ\n\nपहले text tool चुनें\nyes\n", "utf-8")
    assert "1 utterances discarded\nnot spoken: lines 3\n" in _told(path, tmp_path / "out")
    assert [entry["text"] for entry in _manifest(tmp_path / "out")] == ["हाँ", "yes"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--test", "seen"], "text.txt: of a text file, no sentences are held out"),
        (["--engine", "flite"], "'flite' is not one of"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--hours", "nan"], "nan is not a finite number"),
        (["--hours", "0"], "0.0 is not in the range"),
        (["--snr", "-1e9"], "is not in the range"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    options: list[str], message: str, sentences: Path, tmp_path: Path
) -> None:
    assert message in _told(sentences, tmp_path / "out", *options)
    assert not (tmp_path / "out").exists()


def test_espeak_speaks_in_every_corpus(sentences: Path, tmp_path: Path) -> None:
    arguments = [str(sentences), str(tmp_path / "out"), "--engine", "festival"]
    result = CliRunner().invoke(command, arguments)
    assert "Give --engine espeak, too" in str(result.exception)


def test_a_folder_that_cannot_be_created_is_refused(sentences: Path) -> None:
    assert f"{sentences}/out: cannot create the folder" in _told(sentences, sentences / "out")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("line 2 है", "the word '2' cannot be spoken"),
        ("नमस्ते, दुनिया", "the word 'नमस्ते,' cannot be spoken"),
        ("हाँ " * 23, "there are 23 words in a line"),
    ],
)
def test_text_that_cannot_be_spoken_is_refused_with_its_line(
    line: str, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "text.txt"
    path.write_text(f"पहले text\n{line}\n", "utf-8")
    with pytest.raises(InputError, match=rf"text\.txt:2: {problem}"):
        texts.read_sentences(path)
    path.write_text("\n \n", "utf-8")
    with pytest.raises(InputError, match=r"text\.txt: there is no sentence"):
        texts.read_sentences(path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in small."""
    for name in ("mucs-hi-en", "code-mixed-dialog", "dakshina-hi"):
        (tmp_path / name).mkdir()
    lines = [f"यह {'क' * count} file है" for count in range(1, 80)] + ["line 7 में"]
    (tmp_path / "mucs-hi-en/references.test.txt").write_text("\n".join(lines), "utf-8")
    for part in ("trn", "dev"):
        path = tmp_path / f"code-mixed-dialog/hindi.{part}.txt"
        path.write_text("mujhe restaurant chahiye\nqqq nahi\n", "utf-8")
    rows = ["mujhe\tमुझे\t5", "mujhe\tमुझ\t1", "chahiye\tचाहिए\t3", "nahi\tनहीं\t3"]
    (tmp_path / "dakshina-hi/train.tsv").write_text("\n".join(rows), "utf-8")
    return tmp_path


def test_held_out_sentences_are_never_drawn(data: Path) -> None:
    loaded = texts.load(data)
    assert loaded.held_out
    assert not set(loaded.held_out) & set(loaded.transcripts)
    assert len(loaded.held_out) + len(loaded.transcripts) == len(
        [count for count in range(1, 80) if count <= 24]
    )
    rng = np.random.default_rng(0)
    assert not {loaded.draw(rng) for _ in range(300)} & set(loaded.held_out)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("mucs-hi-en/references.test.txt", "7\n", "nothing in it can be spoken. Give Hindi–Engl"),
        ("code-mixed-dialog/hindi.dev.txt", None, "lacks this file. Add romanized sentences"),
        ("dakshina-hi/train.tsv", "", "nothing in it can be spoken. Give lines of a romanized"),
        ("dakshina-hi/train.tsv", "nahi\tनहीं\n", ":1: the line has no count. Write lines of"),
    ],
)
def test_a_data_folder_that_lacks_something_is_told_what(
    name: str, content: str | None, message: str, data: Path
) -> None:
    if content is None:
        (data / name).unlink()
    else:
        (data / name).write_text(content, "utf-8")
    with pytest.raises(InputError) as caught:
        texts.load(data)
    assert name in str(caught.value) and message in str(caught.value)


def test_romanized_dialogues_get_their_hindi_in_devanagari(data: Path) -> None:
    assert texts.load(data).dialogues == (("मुझे", "restaurant", "चाहिए"),)


def test_held_out_voices_do_not_train(data: Path, espeak) -> None:  # type: ignore[no-untyped-def]
    held = set(corpus.held_out_voices(espeak.voices("hi")))
    assert len(held) >= 5
    rng = np.random.default_rng(0)
    cast = [corpus.cast({"espeak": espeak}, rng) for _ in range(500)]
    voices = {role.manner.voice for roles in cast for role in roles.values()}
    assert not voices & held
    loaded = texts.load(data)
    for index in range(5):
        spoken = corpus.plan_test(loaded, {"espeak": espeak}, 0, index, "voices")
        assert spoken is not None
        assert spoken.roles["hi"].manner.voice in held
        assert spoken.words in loaded.held_out


def test_only_training_hears_voices_of_other_languages() -> None:
    from cswitch.synth import festival

    class Voices:
        def voices(self, language: str) -> tuple[str, ...]:
            return ("Alex", *map(str, range(11)))

    engines: dict[str, Engine] = {"espeak": Voices(), "festival": Voices()}  # type: ignore[dict-item]
    rng = np.random.default_rng(0)

    def heard(shares: Mapping[str, float]) -> set[str]:
        casts = [corpus.cast(engines, rng, shares) for _ in range(300)]
        return {role.manner.voice for roles in casts for role in roles.values()}

    assert set(festival.DISTANT) <= heard(corpus._TRAINING_SHARES)
    assert not set(festival.DISTANT) & heard(corpus._TEST_SHARES)


def test_a_missing_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"references\.test\.txt"):
        texts.load(tmp_path)
