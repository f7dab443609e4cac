"""Words in several renderings, and pairs of lines made of them, as many as one wants."""

from __future__ import annotations

WORDS = (
    "मैं discovery डिस्कवरी Discovery दिखाइए dikhaiye साड़ी Sadi वेब साइट website 10 दस ten २०२१ 2021 "
    "है। है , SMS एस एम एस colour color एसएमएस में ये यह kal कल काल हूँ हूं walk walks"
).split()


def lines(count: int) -> list[tuple[str, str]]:
    """References and hypotheses: other words, of other lengths."""
    words = list(WORDS)
    return [
        (" ".join(words[k % 7 :: 3]), " ".join(words[k % 5 :: 4][: k % 9])) for k in range(count)
    ]
