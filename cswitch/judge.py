"""The judge: is one spelling a rendering of the other, and why.

Three layers, cheapest first: the normalizers (one word, other spelling), the lexicon (attested
renderings), and models of transliteration for words in different scripts. Two words of one
script are renderings only by rule or lexicon, never because they look alike.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from pathlib import Path
from typing import Literal
from zlib import crc32

import regex

from cswitch import __version__, languages, lexicon, resources, tokens
from cswitch.decisions import Decisions
from cswitch.normalize import STAGES, normalizer
from cswitch.spans import Reader, Span
from cswitch.spelling import pairs
from cswitch.spelling.pronunciation import names, pronunciations
from cswitch.spelling.skeleton import skeleton

Kind = Literal[
    "punctuation",
    "case",
    "orthography",
    "script",
    "romanization",
    "spelling",
    "segmentation",
    "number",
    "digits",
    "acronym",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judge's answer for a span of reference tokens and a span of hypothesis tokens.

    Attributes:
        verdict: ``match`` (the same text), ``rendering`` (the same word, written differently) or
            ``modeling`` (a different word).
        kind: How a rendering differs; None for the others.
        probability: Calibrated probability that the two are renderings of one word.
        evidence: The path that joined them, or why none did, for a person to read.
    """

    verdict: Literal["match", "rendering", "modeling"]
    kind: Kind | None
    probability: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """A rough picture of a text, cheap to compare: spans are judged only if theirs are close.

    Attributes:
        skeleton: Its consonants in Latin letters, one letter for each class of like sounds.
        concepts: What it may stand for: ids of lexicon entries and of number values.
        joins: Whether it may be a part of a concept of several words.
        scripts: A bit for each script of its letters. Where one span has several scripts and the
            other has not the same, spans of several words are judged only if they share a concept.
    """

    skeleton: str
    concepts: tuple[int, ...]
    joins: bool
    scripts: int = 0


VERSION = 1
THRESHOLD = 0.5

_CACHE = 1 << 18
_STAGE_KINDS: dict[str, Kind] = {
    "visual": "orthography",
    "punctuation": "punctuation",
    "case": "case",
    "spelling": "spelling",
    "reading": "orthography",
    "digits": "digits",
}
_CERTAIN, _ATTESTED, _UNRELATED = 0.999, 0.995, 0.002
# Concept ids above those of the lexicon: hashes of number values and of spelled-out letters.
_HASHED = 1 << 30
_LONGEST_ACRONYM = 6
_MOST_PRONUNCIATIONS = 6
# How much an English word's probability suffers, in logits for each nat by which its ending is
# worse than what spelling alone explains.
_FINAL = pairs.FEATURES.index("final_native")
_INFLECTION, _FREE_ENDING = 0.6, 10.0
_SAID_APART = regex.compile(r"\p{Nd}+|[+#]")  # what no model knows, and tells C++ from C
_CONSONANT = regex.compile(r"[b-df-hj-np-tv-xz]")
_FIGURES_APART = regex.compile(r"\p{Nd} \p{Nd}")

_DIFFERENT = Verdict("modeling", None, _UNRELATED, "different words")


class Judge:
    """Judges spans of words for one pair of languages.

    Args:
        lang: A pair or a language, such as ``hi_en`` or ``hi``.
        user: A file of a user's own decisions (`cswitch.decisions`).
        threshold: Probability from which a transliteration is a rendering.

    >>> judge = Judge("hi_en")
    >>> judge.judge("डिस्कवरी", "diskovary").kind
    'script'
    >>> judge.judge("डिस्कवरी", "recovery").verdict
    'modeling'
    """

    def __init__(
        self, lang: str, *, user: str | Path | None = None, threshold: float = THRESHOLD
    ) -> None:
        self.lang = languages.resolve(lang)
        self.threshold = threshold
        self._tags = [str(tag) for tag in self.lang.tags if tag in languages.tags()]
        self._normalizers = [normalizer(tag) for tag in self._tags]
        self._lexicon = lexicon.load(self.lang.name)
        self._letters = pairs.find(str(self.lang.native), "letters")
        self._sounds = pairs.find(self.lang.name, "sounds")
        self._judged = lru_cache(maxsize=_CACHE)(self._decide)
        self._sketched = lru_cache(maxsize=_CACHE)(self._draw)
        self._span = Reader(self._normalizers, self._lexicon.fold).span
        # Reading a list folds its texts, which needs all of the above.
        self._user = None if user is None else Decisions(user, self._fold)

    def judge(self, reference: str, hypothesis: str) -> Verdict:
        """Say whether two spans, tokens joined by one space, are renderings of each other."""
        return self._judged(reference, hypothesis)

    def sketch(self, text: str) -> Sketch:
        """A rough picture of a text: spans whose sketches are far apart need no judging."""
        return self._sketched(text)

    @property
    def signature(self) -> str:
        """Everything that verdicts depend on, in one line."""
        parts = [f"version:{__version__}", f"judge:{VERSION}", f"lang:{self.lang.name}"]
        parts.append(f"threshold:{self.threshold}")
        parts.append(f"normalizers:{_content('normalizers', self._folders())}")
        parts.append(f"lexicon:{self._lexicon.digest}")
        for name, model in (("letters", self._letters), ("sounds", self._sounds)):
            parts.append(f"{name}:{model.digest if model else 'none'}")
        if self._user is not None:
            parts.append(f"user:{self._user.digest}")
        return "|".join(parts)

    def _folders(self) -> list[str]:
        return sorted({tag.script for tag in self.lang.tags} | set(self._tags))

    def _fold(self, text: str) -> str:
        return self._span(text).key

    def _spelled(self, text: Span) -> frozenset[str]:
        if text.side == "native":
            return self._lexicon.spelled(text.key)
        joined = text.key.replace(" ", "")
        short = text.side == "latin" and 1 < len(joined) <= _LONGEST_ACRONYM
        return frozenset({joined}) if short else frozenset()

    def _draw(self, text: str) -> Sketch:
        known = self._span(text)
        ids = list(self._lexicon.concepts(known.key))
        ids += self._lexicon.concepts(known.key.replace(" ", "")) if known.size > 1 else ()
        ids += (_hashed("number", value) for value in sorted({one.value for one in known.numbers}))
        ids += (_hashed("letters", letters) for letters in sorted(self._spelled(known)))
        if self._user is not None:
            ids += (_hashed("user", each) for each in sorted({*self._user.partners(text)}))
        joins = known.size == 1 and (
            self._lexicon.joins(known.key)
            or any(word.counts for word in known.words)
            or len(known.key) == 1
            or (self._user is not None and self._user.joins(known.key))
        )
        sound = "".join(map(skeleton, known.key.split(" ")))
        return Sketch(sound, tuple(ids), joins, known.scripts)

    def _decide(self, reference: str, hypothesis: str) -> Verdict:
        if reference == hypothesis:
            return Verdict("match", None, 1.0, "the same text")
        left, right = self._span(reference), self._span(hypothesis)
        return (
            self._by_user(reference, hypothesis)
            or self._by_rule(left, right)
            or self._by_lexicon(left, right)
            or self._by_joining(left, right)
            or self._by_part(left, right)
            or self._by_model(left, right)
            or _DIFFERENT
        )

    def _by_user(self, reference: str, hypothesis: str) -> Verdict | None:
        said = None if self._user is None else self._user.accepted(reference, hypothesis)
        if said is None:
            return None
        if not said:
            return Verdict("modeling", None, 0.0, "user: rejected")
        return Verdict("rendering", self._kind(reference, hypothesis), 1.0, "user: accepted")

    def _kind(self, reference: str, hypothesis: str) -> Kind:
        left, right = self._span(reference), self._span(hypothesis)
        if left.size != right.size:
            return "segmentation"
        return "script" if left.side != right.side else "spelling"

    def _by_rule(self, left: Span, right: Span) -> Verdict | None:
        if left.final == right.final:
            for stage, before, after, one, other in zip(
                STAGES, left.stages, right.stages, left.stages[1:], right.stages[1:], strict=False
            ):
                if one == other:
                    rules = sorted(self._fired(stage, before) ^ self._fired(stage, after))
                    evidence = f"{stage}: {', '.join(rules)}" if rules else stage
                    return Verdict("rendering", _STAGE_KINDS[stage], _CERTAIN, evidence)
        both = [one.value for one in left.numbers for other in right.numbers if one.agrees(other)]
        if both:
            evidence = f"number: {left.key} = {right.key} = {min(both)}"
            return Verdict("rendering", "number", _ATTESTED, evidence)
        return None

    def _fired(self, stage: str, text: str) -> set[str]:
        return {rule for one in self._normalizers for rule in one.fired(stage, text)}

    def _by_lexicon(self, left: Span, right: Span) -> Verdict | None:
        if not left.key or not right.key:
            return None
        if self._lexicon.distinct(left.key, right.key):
            return Verdict("modeling", None, 0.0, f"lexicon: {left.key} and {right.key} differ")
        found = self._lexicon.shared(left.key, right.key)
        if found is not None and (found.romanized or left.side != "latin" or right.side != "latin"):
            kind: Kind = "script"
            if found.acronym:
                kind = "acronym"
            elif left.size != right.size:
                kind = "segmentation"
            elif left.side == right.side:
                kind = "romanization" if left.side == "latin" else "spelling"
            evidence = f"lexicon: {left.key} = {right.key} ({found.label})"
            return Verdict("rendering", kind, _ATTESTED, evidence)
        if both := self._same_letters(left, right):
            evidence = f"letters spoken: {left.key} = {right.key} ({min(both).upper()})"
            return Verdict("rendering", "acronym", _ATTESTED, evidence)
        return None

    def _same_letters(self, left: Span, right: Span) -> frozenset[str]:
        """What both texts name the letters of, if one of them is native."""
        native, other = (left, right) if left.side == "native" else (right, left)
        named = self._spelled(other) if native.side == "native" else frozenset()
        return named and named & self._spelled(native)

    def _by_joining(self, left: Span, right: Span) -> Verdict | None:
        if left.size == right.size == 1 or not left.key or not right.key:
            return None
        if _FIGURES_APART.search(left.key) or _FIGURES_APART.search(right.key):
            return None  # 10:30 is not 1030
        one, other = left.key.replace(" ", ""), right.key.replace(" ", "")
        if one == other:
            evidence = f"segmentation: {left.key} = {right.key}"
            return Verdict("rendering", "segmentation", _CERTAIN, evidence)
        found = self._lexicon.shared(one, other)
        if found is not None and (found.romanized or left.side != "latin" or right.side != "latin"):
            evidence = f"lexicon: {one} = {other} ({found.label})"
            return Verdict("rendering", "segmentation", _ATTESTED, evidence)
        return None

    def _by_part(self, left: Span, right: Span) -> Verdict | None:
        """Words of two scripts in one token (buttonबीच): what is equal at its ends is set aside."""
        if "mixed" not in (left.side, right.side) or left.size + right.size > 2:
            return None
        one, other = _without_ends(left.key, right.key)
        parts = self._span(one), self._span(other)
        if (one, other) == (left.key, right.key) or "mixed" in (parts[0].side, parts[1].side):
            return None
        return self._by_lexicon(*parts) or self._by_model(*parts)

    def _by_model(self, left: Span, right: Span) -> Verdict | None:
        if {left.side, right.side} != {"native", "latin"}:
            return None
        if left.size == right.size > 1:
            return None  # word by word, if at all
        native, latin = (left, right) if left.side == "native" else (right, left)
        if _SAID_APART.findall(native.key) != _SAID_APART.findall(latin.key):
            return None
        probability, evidence = self._transliterate(native, latin)
        if native.size != latin.size and probability >= self.threshold:
            probability = min(probability, 1 - self._superfluous(native, latin, probability))
        if probability < self.threshold:
            return Verdict("modeling", None, probability, evidence)
        kind: Kind = "segmentation" if left.size != right.size else "script"
        return Verdict("rendering", kind, probability, evidence)

    def _transliterate(self, native: Span, latin: Span) -> tuple[float, str]:
        """Probability that a Latin text is a native one, and how they go together."""
        if not native.letters or not latin.letters:
            return _UNRELATED, "nothing to compare"
        if (rival := self._rival(native, latin)) is not None:
            return _UNRELATED, f"lexicon: {native.key} is {rival}, another word"
        sounds, heard = self._by_sound(native, latin)
        letters = self._letters.probability(native.letters, latin.letters) if self._letters else 0.0
        if heard and sounds < letters and self._sounds is not None:
            # An English word whose ending is spoken otherwise is another form (slides, स्लाइड).
            ending = self._sounds.features(native.letters, heard)[_FINAL]
            letters = _logistic(_logit(letters) - _INFLECTION * max(0.0, ending - _FREE_ENDING))
        # Sounds that are no rendering tell nothing: the letters know many more words.
        if heard and sounds >= max(letters, self.threshold):
            return sounds, f"sounds: {native.key} = {names(heard)}"
        if letters < 0.05 or self._letters is None:
            return letters, "letters: unlike"
        path = self._letters.align(native.letters, latin.letters)
        return letters, "letters: " + " ".join(f"{one}:{other or '∅'}" for one, other in path)

    def _rival(self, native: Span, latin: Span) -> str | None:
        """An English word that the native one is known to be, if the Latin one is another.

        Homophones are renderings (नाइट, knight); other words of the dictionary are not, however
        alike their letters (मैसेज is message, not massage). Nor are other forms: टेस्ट is neither
        tes nor tested.
        """
        if self._lexicon.spellings(native.key):
            return None  # a native word too, and open to any romanization
        spoken = set(pronunciations(latin.key))
        english = self._lexicon.english(native.key)
        known = [(word, pronunciations(word.lower())) for word in english]
        sounds = {each for _, said in known for each in said}
        if spoken and sounds:
            return None if spoken & sounds else known[0][0]
        if self._lexicon.is_name(native.key):
            return None  # names are spelled more freely
        return next((word for word in english if _is_cut(word.lower(), latin.key)), None)

    def _by_sound(self, native: Span, latin: Span) -> tuple[float, str]:
        # Letters that no English word is written with (ढ, झ) tell that this is none.
        if self._sounds is None or not self._sounds.knows(native.letters):
            return 0.0, ""
        # Two known words of the matrix language are none either: hum is ہم, and تم is tum.
        if self._lexicon.spellings(native.key) and any(self._lexicon.romanized(latin.key)):
            return 0.0, ""
        spoken = [pronunciations(word) for word in latin.key.split(" ")]
        readings = ["".join(each) for each in islice(product(*spoken), _MOST_PRONUNCIATIONS)]
        scored = [(self._sounds.probability(native.letters, each), each) for each in readings]
        return max(scored, default=(0.0, ""))

    def _superfluous(self, native: Span, latin: Span, probability: float) -> float:
        """How sure it is that the first or the last word of a span has no part in the other."""
        worst = 0.0
        for text in (native, latin):
            words = text.key.split(" ")
            for rest in (words[1:], words[:-1]) if len(words) > 1 else ():
                part = self._span(" ".join(rest))
                pair = (part, latin) if text is native else (native, part)
                worst = max(worst, self._transliterate(*pair)[0])
        return worst if worst > probability / 2 else 0.0


def _without_ends(left: str, right: str) -> tuple[str, str]:
    """Two texts without the grapheme clusters that both begin and end with."""
    one, other = tokens.graphemes(left), tokens.graphemes(right)
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return "".join(one), "".join(other)


def _is_cut(one: str, other: str) -> bool:
    """Whether one word is the other with less at its end, a consonant at least.

    A consonant written once or twice (glas, glass) is the same.
    """
    short, rest = min(one, other, key=len), max(one, other, key=len)
    if not rest.startswith(short):
        return False
    rest = rest[len(short) :].removeprefix(short[-1:])
    return bool(_CONSONANT.search(rest))


def _content(kind: str, folders: list[str]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in resources.tables(kind, folder):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _hashed(what: str, value: str) -> int:
    return _HASHED | crc32(f"{what}:{value}".encode()) & (_HASHED - 1)


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
