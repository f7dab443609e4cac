"""ISO 15919, there and back."""

from __future__ import annotations


def romanize(text: str, script: str) -> str:
    raise NotImplementedError


def nativize(text: str, script: str) -> str:
    raise NotImplementedError
