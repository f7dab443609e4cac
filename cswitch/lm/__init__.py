"""N-gram language models: counted, estimated, mixed, written as ARPA, and asked for scores.

>>> from cswitch import lm
>>> model = lm.build([[["हाँ", "जी"], ["हाँ"]]], order=2)
>>> model.order, "जी" in model.words
(2, True)
"""

from __future__ import annotations

from cswitch.lm.arpa import write_arpa
from cswitch.lm.count import Vocabulary, count
from cswitch.lm.estimate import estimate
from cswitch.lm.kenlm import KenLM
from cswitch.lm.mix import build, mix, weights
from cswitch.lm.ngrams import NGrams
from cswitch.lm.perplexity import Perplexity, Report, perplexity

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
