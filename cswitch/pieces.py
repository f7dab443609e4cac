"""The words inside a token: of compounds and hashtags each one, of addresses and smileys none."""

from __future__ import annotations

from functools import lru_cache

import regex

# Web and mail addresses, names of users, and smileys, which have letters but no words.
_LINK = regex.compile(r"\p{P}*(?:https?://|www\.)\S")
_WORDLESS = regex.compile(
    r"\p{P}*(?:[^\s@]+@[^\s@]+\.\p{L}+ | @[\p{L}\p{M}\p{N}_.]+)\p{P}*"
    r" | [:;=xX][-'^o]?[()\[\]DPpOo3/\\|*]+ | <3+",
    regex.VERBOSE,
)
_LONGEST = 200  # characters of a token that is looked into
_JOINT = regex.compile(r"[-‐‑–—/_+&]+")
_JOINT_OR_CAPITAL = regex.compile(rf"{_JOINT.pattern}|(?<=\p{{Ll}})(?=\p{{Lu}})", regex.V1)
_HASH = "#"
_LONE = regex.compile(r"\P{L}*[a-z]?\P{L}*", regex.IGNORECASE)


@lru_cache(maxsize=1 << 16)
def pieces(token: str) -> tuple[str, ...]:
    """The words of a token, none for what has none.

    A lone Latin letter belongs to its neighbour (*e-mail*, *t-shirt*), as does what has no letter.

    >>> pieces("ghar/office"), pieces("e-mail"), pieces("#AajKaMatch")
    (('ghar', 'office'), ('e-mail',), ('Aaj', 'Ka', 'Match'))
    >>> pieces("@user"), pieces("iPhone"), pieces("2021")
    ((), ('iPhone',), ('2021',))
    """
    if _LINK.match(token):
        return ()
    if len(token) > _LONGEST:
        return (token,)
    if _WORDLESS.fullmatch(token):
        return ()
    joint = _JOINT_OR_CAPITAL if token.startswith(_HASH) else _JOINT
    words = [word for word in joint.split(token.lstrip(_HASH)) if word]
    if len(words) < 2 or any(map(_LONE.fullmatch, words)):
        return (token,)
    return tuple(words)
