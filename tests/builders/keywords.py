"""Keywords, defined by staff."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from wuyou.domains.catalog import operations
from wuyou.domains.catalog.types import Keyword, KeywordKind
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM

_numbers = count(1)


def make_keyword(now: datetime, kind: KeywordKind = KeywordKind.GOODS, name: str = "", name_en: str = "") -> Keyword:
    """A keyword of its own name, unless one is given."""
    number = next(_numbers)

    def entry() -> Keyword:
        return operations.add_keyword(
            actor=PLATFORM, kind=kind, name=name or f"词{number}", name_en=name_en or name or f"word {number}", now=now
        )

    return db.in_transaction(entry)
