"""The keywords of the demo world: defined as `homes/keywords.toml` says, and put on goods."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from datetime import datetime
from importlib.resources import files
from typing import Any

from wuyou.domains.catalog import operations, queries
from wuyou.domains.catalog.types import KeywordKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor

_MOST_GOODS = 200


@db.requires_transaction
def define_keywords(*, actor: Actor, now: datetime) -> int:
    """Define every keyword of the world and put each on the goods that it names; returns how many there are."""
    written = read_keywords()
    by_picture: dict[str, list[int]] = defaultdict(list)
    for each in written:
        made = operations.add_keyword(
            actor=actor, kind=KeywordKind(each["kind"]), name=each["name"], name_en=each["name_en"], now=now
        )
        for picture in each.get("on", ()):
            by_picture[picture].append(made.id)
    for product in queries.list_pictured(by_picture, limit=_MOST_GOODS):
        operations.set_product_keywords(
            actor=actor, product_id=product.id, keyword_ids=by_picture[product.picture], now=now
        )
    return len(written)


def read_keywords() -> list[dict[str, Any]]:
    """The keywords as they are written down."""
    text = files(__package__).joinpath("homes", "keywords.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["keyword"]
    return found
