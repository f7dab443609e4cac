"""How a text mixes languages: the language of each word, switch points, CMI, M-index, I-index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from cswitch import languages, tokens

_ROMANIZED = 0.1  # of the words in native script, at most


@lru_cache(maxsize=1 << 17)
def word_language(word: str, lang: str, romanized: bool = False) -> str | None:
    """The tag of a word's language; None for digits and punctuation.

    The script decides: Latin is read as the embedded language, and a loanword in the native
    script counts as native, as it was transcribed. In romanized text the lexicons decide.

    >>> [word_language(word, "hi_en") for word in ("साड़ी", "fancy", "10")]
    ['hi-Deva', 'en-Latn', None]
    >>> word_language("dikhaiye", "hi_en", romanized=True)
    'hi-Latn'
    """
    script = tokens.script(word)
    if script is None:
        return None
    if romanized and script == languages.LATIN:
        from cswitch.canonical import canonicalizer

        return _latin_tag(canonicalizer(lang)(word), lang)
    return next(
        (str(tag) for tag in reversed(languages.resolve(lang).tags) if tag.script == script),
        f"und-{script}",
    )


@lru_cache(maxsize=1 << 14)
def word_languages(text: str, lang: str, romanized: bool = False) -> tuple[str | None, ...]:
    """The language of each token of a text; `is_romanized` says whether to look words up."""
    words = tokens.split(text)
    if romanized:
        from cswitch.canonical import canonicalizer

        # The whole line says more of words like "main" and "to", if it keeps its words apart.
        forms = canonicalizer(lang).line(text)
        if len(forms) == len(words) and all(map(tokens.script, words)):
            return tuple(_latin_tag(form, lang) for form in forms)
    return tuple(word_language(word, lang, romanized) for word in words)


def is_romanized(references: Iterable[str], lang: str) -> bool:
    """Whether a corpus writes its matrix language in Latin letters.

    >>> is_romanized(["aap kahan hain", "main office mein hoon"], "hi_en")
    True
    """
    native = languages.resolve(lang).native.script
    if native == languages.LATIN:
        return False
    scripts = Counter(tokens.script(word) for text in references for word in tokens.split(text))
    return scripts[languages.LATIN] > 0 and scripts[native] <= _ROMANIZED * scripts.total()


def other_languages(references: Iterable[str], lang: str) -> list[str]:
    """The pairs that a corpus may be of, where most of it is in a script that its own has not.

    >>> other_languages(["எனக்கு phone வேண்டும்"], "hi_en"), other_languages(["मेरा phone"], "hi_en")
    (['ta_en'], [])
    """
    scripts = Counter(tokens.script(word) for text in references for word in tokens.split(text))
    del scripts[None]
    own = {tag.script for tag in languages.resolve(lang).tags}
    if sum(scripts[script] for script in own) >= scripts.total() / 2:
        return []
    most = max(scripts, key=scripts.__getitem__)
    found = (tag for tag in languages.tags() if tag.script == most)
    return list(dict.fromkeys(languages.resolve(tag.language).name for tag in found))


def _latin_tag(form: str, lang: str) -> str:
    """The tag of a Latin word with this canonical form."""
    pair = languages.resolve(lang)
    own = tokens.script(form) == pair.native.script
    return f"{pair.matrix if own else pair.embedded}-{languages.LATIN}"


def near_switch(tags: Sequence[str | None]) -> tuple[bool, ...]:
    """For each word, whether it stands within one word of a change of language.

    Words without a language (digits, punctuation) are looked through.

    >>> near_switch(["hi", "hi", "en", None, "en"])
    (False, True, True, False, False)
    """
    near = [False] * len(tags)
    previous: int | None = None
    for place, tag in enumerate(tags):
        if tag is None:
            continue
        if previous is not None and tags[previous] != tag:
            near[previous] = near[place] = True
        previous = place
    return tuple(near)


def cmi(tags: Sequence[str | None]) -> float:
    """Code-mixing index: 100 · (1 − max wᵢ / (n − u)), 0 without language-bearing words.

    n is the number of words, u of those without a language, wᵢ of those in language i.
    Gambäck and Das (2014), "On measuring the complexity of code-mixing".

    >>> cmi(["hi", "hi", "en", None, "hi"])
    25.0
    """
    counts = Counter(tag for tag in tags if tag is not None)
    return 100 * (1 - max(counts.values()) / counts.total()) if counts else 0.0


def m_index(tags: Iterable[str | None]) -> float:
    """Multilingual index: (1 − Σp²) / ((k − 1) · Σp²) over the k languages of a corpus.

    0 for one language, 1 for equal shares. Barnett et al. (2000), "The LIDES coding manual".

    >>> m_index(["hi", "en", "hi", "en"]), m_index(["hi", "hi"])
    (1.0, 0.0)
    """
    counts = Counter(tag for tag in tags if tag is not None)
    if len(counts) < 2:
        return 0.0
    squares = sum((count / counts.total()) ** 2 for count in counts.values())
    return (1 - squares) / ((len(counts) - 1) * squares)


def i_index(utterances: Iterable[Sequence[str | None]]) -> float:
    """Integration index: switches per place where one could be, never across utterances.

    Guzmán et al. (2017), "Metrics for modeling code-switching across corpora".

    >>> i_index([["hi", "en", "en"], ["hi"]])
    0.5
    """
    switches = places = 0
    for tags in utterances:
        bearing = [tag for tag in tags if tag is not None]
        places += max(0, len(bearing) - 1)
        switches += sum(left != right for left, right in pairwise(bearing))
    return switches / places if places else 0.0
