"""The words inside a token: of compounds and hashtags each one, of addresses and smileys none."""

from __future__ import annotations

from functools import lru_cache

import regex

from cswitch.lid.addresses import is_address

_SMILEY = regex.compile(r"[:;=xX][-'^o]?[()\[\]DPpOo3/\\|*]+|<3+")  # with letters, but no words
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
    if is_address(token) or _SMILEY.fullmatch(token):
        return ()
    if len(token) > _LONGEST:
        return (token,)
    joint = _JOINT_OR_CAPITAL if token.startswith(_HASH) else _JOINT
    words = [word for word in joint.split(token.lstrip(_HASH)) if word]
    if len(words) < 2 or any(map(_LONE.fullmatch, words)):
        return (token,)
    return tuple(words)
