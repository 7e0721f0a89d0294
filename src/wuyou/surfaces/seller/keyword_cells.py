"""Keywords in a cell of a file: by name, and with the kind before it where two kinds have the name (industry:茶)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from wuyou.domains.catalog.types import KEYWORD_SEPARATOR, Keyword
from wuyou.kernel.text import fold
from wuyou.surfaces.seller import errors


class KeywordCells:
    """How these keywords are written in a cell, and which of them a cell names.

    What is written names one alone, for a kind has no name twice. People may also write the English name, in letters
    of any case.
    """

    def __init__(self, offered: Iterable[Keyword]) -> None:
        self._offered = tuple(offered)
        self._exact: dict[str, set[int]] = {}
        self._loose: dict[str, set[int]] = {}
        for each in self._offered:
            self._exact.setdefault(each.name, set()).add(each.id)
            for name in (each.name, each.name_en):
                for spelling in (name, _with_kind(each, name)):
                    self._loose.setdefault(fold(spelling), set()).add(each.id)
        for each in self._offered:
            self._exact[_with_kind(each, each.name)] = {each.id}

    def shown(self, keyword_ids: Collection[int]) -> frozenset[int]:
        """Those of a product's keywords that a file tells of: what is retired is in none."""
        return frozenset(each.id for each in self._offered if each.id in keyword_ids)

    def write(self, keyword_ids: Collection[int]) -> str:
        """A cell that names these, as far as they are offered; `read` finds the same in it."""
        return KEYWORD_SEPARATOR.join(self._name(each) for each in self._offered if each.id in keyword_ids)

    def read(self, cell: str) -> frozenset[int]:
        """The keywords that a cell names. Raises `KeywordUnknown`, `KeywordUnclear`."""
        found: set[int] = set()
        for word in filter(None, map(str.strip, cell.split(KEYWORD_SEPARATOR))):
            meant = self._exact.get(word) or self._loose.get(fold(word), set())
            if not meant:
                raise errors.KeywordUnknown(word=word[:40])
            if len(meant) > 1:
                clear = next(_with_kind(each, each.name) for each in self._offered if each.id in meant)
                raise errors.KeywordUnclear(word=word[:40], clear=clear)
            found |= meant
        return frozenset(found)

    def _name(self, keyword: Keyword) -> str:
        return keyword.name if self._exact[keyword.name] == {keyword.id} else _with_kind(keyword, keyword.name)


def _with_kind(keyword: Keyword, name: str) -> str:
    return f"{keyword.kind.value.lower()}:{name}"
