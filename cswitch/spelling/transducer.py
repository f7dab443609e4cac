"""Informal romanization as a weighted transducer, for recognizers and lattices made of such.

The n-gram of spellings (`pairs`) becomes an OpenFst transducer: a state is a history of
joint units, an arc reads one native code point and writes the Latin letters that stand for it, and
weights are natural-log costs in the tropical semiring. Labels are code points (pynini's ``utf8``
token type). After Roark et al., "The OpenGrm open-source finite-state grammar software libraries",
ACL 2012 system demonstrations.

Two things are not as in the n-gram. Back-off is an epsilon arc, so a path may back off where the
longer n-gram was seen, if that is cheaper; and a spelling costs what its best path costs, whereas
`PairModel.to_latin` sums the probabilities of all. It matters little: of 997 words drawn from the
Hindi frequency list 991 have the same best spelling by both, and 96 of 100 costs among the best
five are those of the n-gram's best path (the others up to 1.75 lower).

Only this module needs pynini, and imports it when it is first called.
"""

from __future__ import annotations

import contextlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cswitch import languages
from cswitch.errors import InputError
from cswitch.files import atomic_path
from cswitch.spelling import _pairs, pairs

if TYPE_CHECKING:
    import pynini

_LAYOUT = 1  # of the transducer, in the names of cached files: raise it when `compiled` changes
_TOKENS = "utf8"


def romanizer(tag: str) -> pynini.Fst:
    """The transducer from the native letters of a language to Latin ones.

    Compiling takes about a second, so the result is kept in the user's cache folder
    (``$XDG_CACHE_HOME/cswitch`` or ``~/.cache/cswitch``) under the digest of the model. Where
    nothing can be written there, it is compiled each time.

    Its input is as `pairs.native_letters` leaves it: letters of one code point, no joiners.

    Args:
        tag: A native language, such as ``hi`` or ``hi-Deva``.

    Raises:
        InputError: The language is unknown, or has no model of spellings.

    >>> romanizer("hi").weight_type()
    'tropical'
    """
    return _romanizer(str(languages.resolve_tag(tag))).copy()


def romanizations(word: str, tag: str, count: int = 5) -> list[tuple[str, float]]:
    """The cheapest Latin spellings of a native word with their costs, best first.

    There are none if the word has a letter that the model has never seen.

    >>> [latin for latin, _ in romanizations("हिन्दी", "hi-Deva", 2)]
    ['hindi', 'hindee']
    """
    import pynini

    letters = pairs.native_letters(word)
    if not letters:
        return []
    fst = _romanizer(str(languages.resolve_tag(tag)))
    # Letters are no pynini syntax: brackets, which are, are not among them.
    lattice = pynini.compose(pynini.accep(letters, token_type=_TOKENS), fst)
    best = pynini.shortestpath(lattice.project("output").rmepsilon(), nshortest=count, unique=True)
    found = [(latin, float(cost)) for _, latin, cost in best.paths(_TOKENS, _TOKENS).items()]
    return sorted(found, key=lambda each: (each[1], each[0]))


def compiled(model: pairs.PairModel) -> pynini.Fst:
    """The transducer of a model of spellings."""
    import pynini
    from pywrapfst import Arc

    start, arcs = _pairs.Model(model.payload).automaton()
    fst = pynini.Fst()
    states: dict[int | tuple[str, int], int] = {}

    def state(key: int | tuple[str, int]) -> int:
        """The state of a history, or of the letters that are still to be written before it."""
        known = states.get(key)
        if known is None:
            known = states[key] = fst.add_state()
            if isinstance(key, tuple):
                letters, history = key
                fst.add_arc(known, Arc(0, ord(letters[0]), 0, rest(letters[1:], history)))
        return known

    def rest(letters: str, history: int) -> int:
        return state((letters, history) if letters else history)

    fst.set_start(state(start))
    for source, native, latin, log, target in arcs:
        if target < 0:
            fst.set_final(state(source), -log)
            continue
        read, written = (ord(text[0]) if text else 0 for text in (native, latin))
        fst.add_arc(state(source), Arc(read, written, -log, rest(latin[1:], target)))
    fst.connect().arcsort("ilabel")
    return fst


def write(fst: pynini.Fst, path: str | Path) -> None:
    """Write an OpenFst file, whole or not at all."""
    with atomic_path(path) as temporary:
        fst.write(str(temporary))


@cache
def _romanizer(tag: str) -> pynini.Fst:
    import pynini

    model = pairs.find(tag, "letters")
    if model is None:
        raise InputError(
            f"there is no model of spellings for {tag}",
            remedy="Name a native language that has letters.pairs in lexicons/, such as hi",
        )
    # No home, no permission, no space, a damaged file: the cache is only there to save time.
    useless = (OSError, RuntimeError, InputError)
    path = None
    with contextlib.suppress(*useless):
        path = _cache_folder() / f"{tag}_Latn-{model.digest}-{_LAYOUT}.fst"
        if path.exists():
            return pynini.Fst.read(str(path))
    fst = compiled(model)
    if path is not None:
        with contextlib.suppress(*useless):
            path.parent.mkdir(parents=True, exist_ok=True)
            write(fst, path)
    return fst


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "cswitch"
