"""What several operations share: by which words a thing is found."""

from __future__ import annotations

from wuyou.infra import fulltext


def words_of(name: str, name_en: str, brand: str = "") -> str:
    """The `words` of a thing. A form of a model has none: «black» is no name to look for."""
    return fulltext.vector((f"{name}\n{name_en}", "A"), (brand, "B"))
