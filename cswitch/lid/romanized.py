"""How frequent romanized words are, which is what `lid` knows them by.

A native word gives its frequency to its attested spellings by their counts. English loanwords are
left out: whoever romanizes ``पुलिस`` writes *police*, which says nothing of Hindi. Messages leave
out vowels (*kr*, *bht*, *tmhe*), so each frequent spelling gives a small share to what remains of
it.
"""

from __future__ import annotations

import gzip
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import regex

from cswitch import lexicon
from cswitch.files import atomic_path
from cswitch.frequency import frequencies
from cswitch.languages import EMBEDDED, LATIN, Pair
from cswitch.spelling import pairs
from cswitch.spelling.pronunciation import is_english

_UNSEEN = 2.0  # pseudo-count of the spellings that nobody attested
_UNRANKED = 1e-3  # frequency of the words of a language without a list of native frequencies
_BY_HAND = 1  # count of a spelling in the lexicon
_ENGLISH_FROM = 4  # letters from which an English spelling of a native word tells a loanword
_ODD = 3.0  # nats from the likeliest spelling from which one is not of the language
_CLIPPED = 0.1  # share of a frequent word that is written without vowels
_CLIPPED_FROM = 1e-5  # how frequent such a word is
_LEAST = 10**-7.5  # what is rarer is not kept
_VOWELS = regex.compile("(?<=.)[aeiou]+")
_INNER_VOWELS = regex.compile("(?<=.)[aeiou]+(?=.)")


def estimate(pair: Pair, attested: Iterable[tuple[str, str, int]]) -> dict[str, float]:
    """The probability of each romanized word of the matrix language of a pair.

    Args:
        attested: Native words with a romanization and how often it was seen; frequent words
            alone, if nothing tells how frequent they are.
    """
    model, known = pairs.find(str(pair.native), "letters"), lexicon.load(pair.name)
    english = frequencies(f"{EMBEDDED}-{LATIN}")
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for native, latin, count in attested:
        seen[known.fold(native)][pairs.latin_letters(latin)] += count
    frequency = _folded(pair, known) or dict.fromkeys(seen, _UNRANKED)
    found: dict[str, float] = defaultdict(float)
    for native, probability in frequency.items():
        by_hand = [pairs.latin_letters(latin) for latin in known.spellings(native)]
        loanword = {pairs.latin_letters(word) for word in known.english(native)}
        if known.is_name(native):
            by_hand, loanword = [*by_hand, *sorted(loanword)], set()
        spellings = seen[native]
        own = sum(spellings[word] for word in loanword) >= 0.5 * spellings.total()
        if not own or (by_hand and not spellings):
            loanword = set()
        spellings = spellings + Counter(dict.fromkeys(by_hand, _BY_HAND))
        total = spellings.total() + _UNSEEN
        for latin, count in spellings.items():
            borrowed = latin in loanword or (
                latin not in by_hand
                and len(latin) >= _ENGLISH_FROM
                and latin in english
                and is_english(latin)
                and _is_odd(model, pairs.native_letters(native), latin)
            )
            if latin and not borrowed:
                found[latin] += probability * count / total
    return _with_clipped(found)


def _is_odd(model: pairs.PairModel | None, native: str, latin: str) -> bool:
    return model is not None and model.best_latin(native) - model.log(native, latin) > _ODD


def _folded(pair: Pair, known: lexicon.Lexicon) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for word, log in frequencies(str(pair.native)).items():
        if " " not in word:
            found[known.fold(word)] += math.exp(log)
    return found


def _with_clipped(found: Mapping[str, float]) -> dict[str, float]:
    """Frequent words also as they are clipped: without vowels, or with none but the last."""
    every = defaultdict(float, found)
    for word, probability in found.items():
        if probability >= _CLIPPED_FROM:
            for clipped in {_VOWELS.sub("", word), _INNER_VOWELS.sub("", word)} - {word}:
                every[clipped] += _CLIPPED * probability
    return dict(every)


def write(found: Mapping[str, float], path: str | Path, licence: str) -> None:
    """Write a list of frequencies; the same words give the same file."""
    rows = (
        f"{word}\t{round(10 * math.log10(probability))}\n"
        for word, probability in sorted(found.items(), key=lambda one: (-one[1], one[0]))
        if probability >= _LEAST
    )
    text = f"# Licence: {licence}\n{''.join(rows)}"
    with atomic_path(path) as temporary:
        temporary.write_bytes(gzip.compress(text.encode(), mtime=0))
