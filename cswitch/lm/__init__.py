"""N-gram language models: counted, estimated, mixed, written as ARPA, and asked for scores.

>>> from cswitch import lm
>>> model = lm.build([[["हाँ", "जी"], ["हाँ"]]], order=2)
>>> model.order, "जी" in model.words
(2, True)
"""

from __future__ import annotations

from cswitch.lm.arpa import write_arpa
from cswitch.lm.counts import Vocabulary, count
from cswitch.lm.kenlm import KenLM
from cswitch.lm.kneser_ney import estimate
from cswitch.lm.measure import Perplexity, Report, perplexity
from cswitch.lm.mixture import build, mix, weights
from cswitch.lm.ngrams import NGrams

__all__ = [
    "KenLM",
    "NGrams",
    "Perplexity",
    "Report",
    "Vocabulary",
    "build",
    "count",
    "estimate",
    "mix",
    "perplexity",
    "weights",
    "write_arpa",
]
