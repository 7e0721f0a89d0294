"""Many terms in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from wuyou.engines.terms.folding import Folded, Gap, fold
from wuyou.engines.terms.types import Match, Term

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul, whose particles hang on the word
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0xD7FF),  # Chinese, kana, Hangul
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_LEAST_SPELT = 3
"""A word of so many characters may be spelt over borders of sentences: «加,微,信»."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Whose a folded text is, and after how many of its characters the term itself has something in between."""

    key: int
    own_gaps: frozenset[int]
    is_exception: bool


class Matcher:
    """Finds terms; made once for a set of rules and then only read, by any number of threads."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Raises `ValueError` for a term, or an exception, without a letter or digit."""
        patterns: dict[str, list[_Pattern]] = defaultdict(list)
        for term in terms:
            for text, is_exception in ((term.text, False), *((text, True) for text in term.exceptions)):
                folded = fold(text)
                if not folded.text:
                    raise ValueError(f"no letter and no digit: {text!r}")
                own = frozenset(at for at in range(1, len(folded.text)) if folded.gaps[at])
                patterns[folded.text].append(_Pattern(term.key, own, is_exception))
        self._patterns = list(patterns.values())
        self._automaton = AhoCorasick(list(patterns)) if patterns else None

    def find(self, text: str) -> tuple[Match, ...]:
        """Every term that stands in the text, by where it begins; one that lies within another is found too.

        Cost: linear in the text, whatever the number of terms, and the number of matches.
        """
        if self._automaton is None:
            return ()
        folded = fold(text)
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        excepted: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for index, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
            if not _has_borders(folded, start, end):
                continue
            for pattern in self._patterns[index]:
                if _is_written_so(folded, start, end, pattern.own_gaps):
                    (excepted if pattern.is_exception else found)[pattern.key].append((start, end))
        return tuple(
            sorted(
                Match(folded.starts[start], folded.ends[end - 1], key)
                for key, spans in found.items()
                for start, end in spans
                if not any(first <= start and end <= last for first, last in excepted.get(key, ()))
            )
        )


def _has_borders(folded: Folded, start: int, end: int) -> bool:
    """Whether it is no part of a longer word: no «ass» in «class», but a «vx» in «加vx123»."""
    return not any(
        0 < at < len(folded.text) and not folded.gaps[at] and _are_of_one_word(folded.text[at - 1], folded.text[at])
        for at in (start, end)
    )


def _is_written_so(folded: Folded, start: int, end: int, own: frozenset[int]) -> bool:
    """Whether what stands within it is what the term itself has there, or what is put into a word to hide it.

    That is: it is spelt («加 微 信», «c.a.s.i.n.o»), or something light lies beside a character of a script that is
    written without spaces («加 微信»). «as soon» holds no «ass».
    """
    gaps = {at - start: folded.gaps[at] for at in range(start + 1, end) if folded.gaps[at]}
    if own.issuperset(gaps):
        return True
    if len(gaps) == end - start - 1 and (end - start >= _LEAST_SPELT or Gap.HEAVY not in gaps.values()):
        return True
    return all(
        at in own
        or (gap is Gap.LIGHT and (_is_unspaced(folded.text[start + at - 1]) or _is_unspaced(folded.text[start + at])))
        for at, gap in gaps.items()
    )


def _are_of_one_word(one: str, other: str) -> bool:
    """Letters beside letters and digits beside digits, of scripts with spaces between words."""
    return not _is_unspaced(one) and not _is_unspaced(other) and one.isdigit() == other.isdigit()


def _is_unspaced(character: str) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in _UNSPACED)
