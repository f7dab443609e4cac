"""Language names: ``hi``, ``hi-Deva`` and ``hi_en`` all lead to the same pair.

What is known is what has a folder in ``normalizers/``; no list of languages stands in code.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from cswitch import resources
from cswitch.errors import InputError

EMBEDDED = "en"
LATIN = "Latn"


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A BCP 47 language with its script (ISO 15924) written out.

    >>> str(Tag("hi", "Deva"))
    'hi-Deva'
    """

    language: str
    script: str

    def __str__(self) -> str:
        return f"{self.language}-{self.script}"


@dataclass(frozen=True, slots=True)
class Pair:
    """A matrix language and the language embedded in it.

    Attributes:
        matrix: Language code of the matrix language, such as ``hi``.
        embedded: Language code of the embedded language, ``en``.
        native: The matrix language in its own script, such as ``hi-Deva``.

    >>> pair = resolve("hi")
    >>> pair.name, str(pair.native), [str(tag) for tag in pair.tags]
    ('hi_en', 'hi-Deva', ['hi-Deva', 'hi-Latn', 'en-Latn'])
    """

    matrix: str
    embedded: str
    native: Tag

    @property
    def name(self) -> str:
        """The pair as it is written: ``hi_en``; a language alone is only itself: ``en``."""
        return self.matrix if self.matrix == self.embedded else f"{self.matrix}_{self.embedded}"

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The tags of the pair: native, romanized, embedded."""
        every = (self.native, Tag(self.matrix, LATIN), Tag(self.embedded, LATIN))
        return tuple(dict.fromkeys(every))


@cache
def tags() -> tuple[Tag, ...]:
    """Every tag that has a folder in ``normalizers/``."""
    return tuple(Tag(*name.split("-")) for name in resources.names("normalizers") if "-" in name)


@cache
def scripts() -> tuple[str, ...]:
    """Every script that has a folder in ``normalizers/``."""
    return tuple(name for name in resources.names("normalizers") if "-" not in name)


def known() -> tuple[str, ...]:
    """Every name that `resolve` understands, the pairs first."""
    pairs = dict.fromkeys(_pair(tag.language).name for tag in tags())
    languages = dict.fromkeys(tag.language for tag in tags())
    return (*pairs, *(name for name in languages if name not in pairs), *map(str, tags()))


@cache
def resolve(name: str) -> Pair:
    """The pair that a language, a tag or a pair names.

    Raises:
        InputError: There is no such language; the message lists the known ones.
    """
    language, _, rest = name.partition("_")
    language, _, script = language.partition("-")
    if language not in {tag.language for tag in tags()} or rest not in ("", EMBEDDED):
        raise _unknown(name)
    if script and Tag(language, script) not in tags():
        raise _unknown(name)
    return _pair(language, script)


@cache
def resolve_tag(name: str) -> Tag:
    """The one tag that a name stands for: itself, or the native tag of its pair.

    >>> str(resolve_tag("hi_en")), str(resolve_tag("hi-Latn"))
    ('hi-Deva', 'hi-Latn')
    """
    language, _, script = name.partition("-")
    tag = Tag(language, script)
    return tag if tag in tags() else resolve(name).native


def _pair(language: str, script: str = "") -> Pair:
    own = sorted(
        (tag for tag in tags() if tag.language == language),
        key=lambda tag: (tag.script != script, tag.script == LATIN),
    )
    # A romanized tag names the language; its native script is another one where there is one.
    native = next((tag for tag in own if tag.script != LATIN), own[0])
    return Pair(matrix=language, embedded=EMBEDDED, native=native)


def _unknown(name: str) -> InputError:
    near = get_close_matches(name, known(), 1)
    meant = f"Did you mean {near[0]}? " if near else ""
    codes = ", ".join(dict.fromkeys(tag.language for tag in tags()))
    remedy = f"{meant}Known are: {codes}; pairs such as hi_en and tags such as hi-Deva"
    return InputError(f"unknown language '{name}'", remedy=remedy)
