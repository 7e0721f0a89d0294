"""Folding: what is written in many ways is read in one, and each character knows where it came from."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from wuyou.engines.terms.alike import LOOKALIKES, simplified


class Gap(IntEnum):
    """What stood between two characters that are next to each other once folded."""

    NONE = 0
    """Nothing, or nothing that can be seen."""
    LIGHT = 1
    """Space, symbols, emoji, dots and dashes: what is put into a word to hide it."""
    HEAVY = 2
    """What ends a part of a sentence; also the borders of the text."""


@dataclass(frozen=True, slots=True)
class Folded:
    """Letters and digits alone, each with the part of the original that it was made of."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    """Half-open: character `i` was made of `original[starts[i]:ends[i]]`."""
    gaps: tuple[Gap, ...]
    """Before each character, and one more after the last."""


_HEAVY = frozenset("。!?;,、:\n\r\v\f\x85\u2028\u2029")
"""After NFKC, which makes the wide forms of these narrow."""
_MARKS = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
"""Accents and strokes that lie over any letter. Vowel signs of other scripts are letters to us."""
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""What shows as nothing, besides formats (Cf) and variation selectors."""


def fold(text: str) -> Folded:
    """Letters and digits of a text, folded. Worked: `ＢＴＣ: 賭 博` is `btc赌博`, HEAVY after c and LIGHT after 赌.

    Cost: linear; some two microseconds a character.
    """
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    gaps: list[Gap] = []
    gap = Gap.HEAVY
    for start, end in _clusters(text):
        for letter, before in _plain(text[start:end]):
            gap = max(gap, before)
            if letter:
                letters.append(letter)
                starts.append(start)
                ends.append(end)
                gaps.append(gap)
                gap = Gap.NONE
    return Folded("".join(letters), tuple(starts), tuple(ends), (*gaps, Gap.HEAVY))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Characters with the marks that follow them: what is normalised together."""
    start = 0
    for at in range(1, len(text)):
        if not _is_attached(text[at]):
            yield start, at
            start = at
    if text:
        yield start, len(text)


@lru_cache(maxsize=8_192)
def _is_attached(character: str) -> bool:
    """Marks, vowels and finals of Hangul, and the half-width marks of kana."""
    code = ord(character)
    return (
        unicodedata.category(character) in {"Mn", "Me"}
        or 0x1160 <= code <= 0x11FF
        or 0xD7B0 <= code <= 0xD7FF
        or code in {0xFF9E, 0xFF9F}
    )


@lru_cache(maxsize=16_384)
def _plain(cluster: str) -> tuple[tuple[str, Gap], ...]:
    """What a cluster is read as: letters, each with the gap before it, and a gap without a letter at the end."""
    read: list[tuple[str, Gap]] = []
    gap = Gap.NONE
    for character in unicodedata.normalize("NFKC", cluster):
        for letter in _letters(character):
            if _is_hidden(letter):
                continue
            if unicodedata.category(letter)[0] in "LNM":
                read.append((letter, gap))
                gap = Gap.NONE
            else:
                gap = max(gap, Gap.HEAVY if letter in _HEAVY else Gap.LIGHT)
    return (*read, ("", gap)) if gap else tuple(read)


def _letters(character: str) -> str:
    """A character of a normalised text as it is read: without its accent, as what it looks like, small, simplified."""
    bare = unicodedata.normalize("NFD", character)
    if len(bare) > 1 and all(_is_mark(mark) for mark in bare[1:]):
        character = bare[0]
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.digit(character))
    small = LOOKALIKES.get(character, character).casefold()
    return "".join(simplified(LOOKALIKES.get(each, each)) for each in small)


def _is_hidden(character: str) -> bool:
    return character in _INVISIBLE or _is_mark(character) or unicodedata.category(character) == "Cf"


def _is_mark(character: str) -> bool:
    code = ord(character)
    return (
        any(first <= code <= last for first, last in _MARKS) or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
    )
