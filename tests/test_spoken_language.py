"""The language that is heard in a word, against the script that it is written in."""

from __future__ import annotations

import numpy as np

from cswitch.recognition.nbest import Word
from cswitch.recognition.spoken_language import out_of_silence, word_languages

CLASSES = ("sil", "hi", "en")


def _lid(*names: str) -> np.ndarray:
    """Ten frames of each language named, 40 ms long."""
    rows = [[0.9 if name == one else 0.05 for one in CLASSES] for name in names for _ in range(10)]
    return np.log(np.reshape(rows, (-1, len(CLASSES))))


def test_frames_decide_even_against_the_script() -> None:
    words = [Word("फाइल", 0.0, 0.4, 1.0), Word("file", 0.4, 0.8, 1.0)]
    assert [w.lang for w in word_languages(words, _lid("en", "hi"), CLASSES)] == ["en", "hi"]


def test_the_longer_part_of_a_word_decides() -> None:
    word = Word("word", 0.3, 0.8, 1.0)
    assert word_languages([word], _lid("hi", "en"), CLASSES)[0].lang == "en"


def test_script_decides_where_all_is_silence_or_nothing_was_heard() -> None:
    words = [Word("खोलो", 0.0, 0.4, 1.0), Word("open", 5.0, 5.4, 1.0)]
    assert [w.lang for w in word_languages(words, _lid("sil"), CLASSES)] == ["hi", "en"]


def test_a_known_language_stays() -> None:
    word = Word("file", 0.0, 0.4, 1.0, "hi")
    assert word_languages([word], _lid("en"), CLASSES) == (word,)


def test_a_word_of_one_frame_and_one_of_none_have_a_language() -> None:
    words = [Word("a", 0.0, 0.04, 1.0), Word("b", 0.04, 0.04, 1.0)]
    assert [w.lang for w in word_languages(words, _lid("hi"), CLASSES)] == ["hi", "hi"]


def _times(words: list[Word], *names: str) -> list[tuple[float, float]]:
    return [(word.start, word.end) for word in out_of_silence(words, _lid(*names), CLASSES)]


def test_words_begin_where_somebody_speaks() -> None:
    words = [Word("हाँ", 0.0, 0.6, 1.0), Word("no", 0.8, 0.84, 1.0), Word("ok", 1.0, 1.4, 1.0)]
    assert _times(words, "sil", "hi", "hi", "en") == [(0.4, 0.6), (0.8, 0.84), (1.0, 1.4)]
    late = [Word("हाँ", 0.04, 0.08, 1.0), Word("no", 0.42, 0.8, 1.0)]
    assert _times(late, "sil", "hi") == [(0.4, 0.42), (0.42, 0.8)]


def test_words_in_nothing_but_silence_keep_their_times() -> None:
    words = [Word("हाँ", 0.0, 0.04, 1.0), Word("no", 0.2, 0.3, 1.0), Word("ok", 5.0, 5.4, 1.0)]
    times = [(0.0, 0.04), (0.2, 0.3), (5.0, 5.4)]
    assert _times(words, "sil") == times
    assert _times(words) == times and _times([], "hi") == []
    bare = out_of_silence(words, _lid("sil", "hi")[:, 1:], CLASSES[1:])
    assert [(word.start, word.end) for word in bare] == times
