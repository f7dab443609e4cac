"""Measures of recognition on mixed-language speech, each with its formula and its source.

Measures of a scored system take its `Score`; those that need no judge take texts. Corpus measures
of the text alone (CMI, M-index, I-index) are in `cswitch.mixing`. All rates are errors over
reference units, summed over the corpus before dividing, never averaged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cswitch import languages, mixing, tokens
from cswitch.align import raw_counts
from cswitch.analysis import ErrorCounts, Score, Utterance
from cswitch.breakdown import AT_SWITCH, Breakdown, Cell, breakdown

Texts = Sequence[str]


def raw_wer(score: Score) -> float:
    """Word error rate: (S + D + I) / N over white-space tokens as they are; jiwer's number."""
    return score.raw.wer


def corrected_wer(score: Score) -> float:
    """Modeling errors / N: errors that are renderings of the right word are forgiven.

    N is that of the raw WER, so the two differ by exactly the forgiven errors.
    """
    return score.corrected.wer


def word_errors(references: Texts, hypotheses: Texts) -> ErrorCounts:
    """Counts of the raw WER without a judge.

    >>> word_errors(["fancy साड़ी"], ["fancy Sadi hai"]).wer
    1.0
    """
    return _errors(references, hypotheses, tokens.split)


def character_errors(references: Texts, hypotheses: Texts) -> ErrorCounts:
    """Character error rate on grapheme clusters (UAX #29), (S + D + I) / N.

    A consonant with its vowel sign is one unit, so a wrong matra is one error however many code
    points it has. Words are joined by single spaces, which count as units as they do in jiwer.

    >>> character_errors(["दिन"], ["दीन"]).wer
    0.5
    """

    def units(text: str) -> list[str]:
        return tokens.graphemes(" ".join(tokens.split(text)))

    return _errors(references, hypotheses, units)


def mixed_errors(references: Texts, hypotheses: Texts) -> ErrorCounts:
    """Mixed error rate: grapheme clusters of other scripts and words of Latin script are units.

    As on SEAME (Zeng et al., 2019: Mandarin by character, English by word), with the native
    script in the place of Mandarin.

    >>> mixed_errors(["मेरा phone"], ["मेरी phone"]).wer
    0.3333333333333333
    """
    return _errors(references, hypotheses, _mixed_units)


def to_wer(
    references: Texts, hypotheses: Texts, lang: str, to: Callable[[str], str] | None = None
) -> ErrorCounts:
    """Transliteration-optimized WER: both sides in one script, then the WER.

    Emond et al. (2018), "Transliteration based approaches to improve code-switched speech
    recognition performance".

    Args:
        lang: The pair, such as ``hi_en``.
        to: Writes a word in the common script; without it, words go to their attested spelling
            in the native script, and those without one stay as they are.

    >>> to_wer(["मेरा computer"], ["मेरा कंप्यूटर"], "hi_en").wer
    0.0
    """
    write = to or _native_writer(lang)

    def units(text: str) -> list[str]:
        return [write(word) for word in tokens.split(text)]

    return _errors(references, hypotheses, units)


def t_wer(
    references: Texts, hypotheses: Texts, lang: str, same: Callable[[str, str], bool]
) -> ErrorCounts:
    """T-WER of the MUCS challenge: an English word may stand in the native script.

    Diwan et al. (2021), "Multilingual and code-switching ASR challenges for low resource Indian
    languages". A hypothesis word is correct if it equals the reference word or is the native
    spelling of an English reference word; nothing else is forgiven.

    Args:
        same: Whether a native word (second) is the transliteration of an English one (first):
            a list of pairs in the challenge, `cswitch.judge.Judge` here.

    >>> t_wer(["my computer"], ["माय कंप्यूटर"], "hi_en", lambda en, hi: hi == "कंप्यूटर").wer
    0.5
    """
    embedded = f"{languages.resolve(lang).embedded}-{languages.LATIN}"

    def correct(word: str, heard: str) -> bool:
        if word == heard:
            return True
        return (
            mixing.word_language(word, lang) == embedded
            and mixing.word_language(heard, lang) not in (embedded, None)
            and same(word, heard)
        )

    return _sum(
        _distance(tokens.split(reference), tokens.split(hypothesis), correct)
        for reference, hypothesis in zip(references, hypotheses, strict=True)
    )


@dataclass(frozen=True, slots=True)
class PointRates:
    """Error rates on some of the reference words.

    Attributes:
        raw: (S + D + I) / N on these words, every difference an error.
        corrected: The same with renderings forgiven.
    """

    words: int
    raw: float
    corrected: float


def pier(score: Score, parts: Breakdown | None = None) -> PointRates:
    """Point-of-interest error rate on the words of the embedded language.

    Ugan et al. (2025), "PIER: a novel metric for evaluating what matters in code-switching":
    the WER of the words of interest alone. The published script counts मैं discovery → मैं
    डिस्कवरी as 100 %; the corrected rate does not. An insertion counts for the language of the
    inserted word.
    """
    tag = f"{languages.resolve(score.lang).embedded}-{languages.LATIN}"
    return _point((parts or breakdown(score)).language.get(tag, Cell()))


def switch_point_errors(score: Score, parts: Breakdown | None = None) -> PointRates:
    """Error rate of words within one word of a language switch.

    Both neighbours of each switch are counted, once; words without a language (digits,
    punctuation) are looked through. An insertion counts if one of its neighbours does.
    """
    return _point((parts or breakdown(score)).switch.get(AT_SWITCH, Cell()))


def script_fidelity(score: Score) -> float:
    """Share of words that are heard in the script in which the reference has them.

    |{aligned words of one script}| / |{aligned words}|, over hits and over edits with as many
    words on both sides; words without a script on either side are left out. 1 for a system that
    writes as the references do, whatever words it writes; 1 too where nothing is aligned.
    """
    scripts: Counter[tuple[str | None, str | None]] = Counter()
    for utterance in score.utterances:
        words = tokens.split(utterance.reference)
        if not utterance.edits:
            scripts.update((script, script) for script in map(tokens.script, words))
            continue
        heard = tokens.split(utterance.hypothesis)
        for step in utterance.alignment:
            left, right = words[slice(*step.reference)], heard[slice(*step.hypothesis)]
            if len(left) == len(right):
                scripts.update(
                    zip(map(tokens.script, left), map(tokens.script, right), strict=True)
                )
    aligned = {pair: count for pair, count in scripts.items() if None not in pair}
    same = sum(count for (left, right), count in aligned.items() if left == right)
    return same / sum(aligned.values()) if aligned else 1.0


def oracle(systems: Iterable[Sequence[Utterance]], *, corrected: bool = True) -> ErrorCounts:
    """Counts of the best hypothesis for each utterance: the oracle WER of an n-best list.

    Σ min over the n-best of the errors, over Σ N. The lists may have different lengths.

    Args:
        systems: For each utterance, its scored hypotheses (see `cswitch.scoring.Scorer`).
        corrected: Choose by and count modeling errors; otherwise raw errors.
    """
    best = (
        min((_side(each, corrected) for each in nbest), key=lambda counts: counts.errors)
        for nbest in systems
    )
    return _sum(best)


def _side(utterance: Utterance, corrected: bool) -> ErrorCounts:
    return utterance.corrected if corrected else utterance.raw


def _point(cell: Cell) -> PointRates:
    return PointRates(cell.words, cell.raw_wer, cell.corrected_wer)


def _mixed_units(text: str) -> list[str]:
    units: list[str] = []
    for word in tokens.split(text):
        latin = tokens.script(word) in (languages.LATIN, None)
        units += [word] if latin else tokens.graphemes(word)
    return units


def _native_writer(lang: str) -> Callable[[str], str]:
    from cswitch.canonical import canonicalizer

    canonical = canonicalizer(lang)
    # By way of the canonical form, so that कंप्यूटर and कम्प्यूटर come out alike.
    return lambda word: canonical.render(canonical(word) or word, "native")


def _errors(references: Texts, hypotheses: Texts, units: Callable[[str], list[str]]) -> ErrorCounts:
    def counts(reference: str, hypothesis: str) -> ErrorCounts:
        left, right = units(reference), units(hypothesis)
        substitutions, deletions, insertions = raw_counts(left, right)
        hits = len(left) - substitutions - deletions
        return ErrorCounts(hits, substitutions, deletions, insertions)

    pairs = zip(references, hypotheses, strict=True)
    return _sum(counts(*pair) for pair in pairs)


def _distance(
    reference: list[str], hypothesis: list[str], same: Callable[[str, str], bool]
) -> ErrorCounts:
    """Levenshtein distance under an equality of one's own; substitutions before the others."""
    # Each cell holds errors, substitutions, deletions, insertions of the best way there.
    row = [(column, 0, 0, column) for column in range(len(hypothesis) + 1)]
    for place, word in enumerate(reference, start=1):
        above, row = row, [(place, 0, place, 0)]
        for column, heard in enumerate(hypothesis, start=1):
            errors, subs, dels, ins = above[column - 1]
            cost = 0 if same(word, heard) else 1
            ways = [(errors + cost, subs + cost, dels, ins)]
            errors, subs, dels, ins = above[column]
            ways.append((errors + 1, subs, dels + 1, ins))
            errors, subs, dels, ins = row[column - 1]
            ways.append((errors + 1, subs, dels, ins + 1))
            row.append(min(ways, key=lambda way: way[0]))
    _, substitutions, deletions, insertions = row[-1]
    return ErrorCounts(
        len(reference) - substitutions - deletions, substitutions, deletions, insertions
    )


def _sum(counts: Iterable[ErrorCounts]) -> ErrorCounts:
    return sum(counts, start=ErrorCounts())
