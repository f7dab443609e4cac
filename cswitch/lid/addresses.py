"""Addresses of the web and of people: nobody transliterates them, and they have no language."""

from __future__ import annotations

import regex

# A scheme (https://), www, or an @ with what it belongs to: a user, a host, an account. It may
# stand anywhere: brackets, quotation marks and even words are written right before an address.
_ADDRESS = regex.compile(
    r"(?>\S*?(?:\p{L}://\S|(?<![\p{L}\p{M}\p{N}])www\.\S|@[\p{L}\p{N}_]))\S*", regex.IGNORECASE
)


def is_address(token: str) -> bool:
    """Whether a token is an address of the web, of mail or of a user.

    >>> [is_address(one) for one in ("(https://a.in/क)", "a.b@c.in", "@राहुल_गांधी,", "रवि@okbank")]
    [True, True, True, True]
    >>> [is_address(one) for one in ("e-mail", "और/या", "www", "@", "10:30", "#दिल्ली")]
    [False, False, False, False, False, False]
    """
    return _ADDRESS.fullmatch(token) is not None
