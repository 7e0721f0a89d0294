"""Closed months of what one is owed, line by line, with their proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from ninja import Query, Router
from pydantic import StringConstraints

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.ledger import errors, statements
from wuyou.surfaces.api.amounts import Amount, amount_of
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import PageQuery

router = Router(tags=["statements"])

Number = Annotated[str, StringConstraints(max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A closed month of one account."""

    __pydantic_config__ = DOCUMENTED

    number: str
    account: str
    """As the books call it: `promoter_payable/publisher:7/CNY`."""
    month: str
    """`2026-03`, in the business zone."""
    opening: Amount
    closing: Amount
    line_count: int
    hash: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Closed months, latest first."""

    items: tuple[StatementLine, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class StatementDocument:
    """The statement as it was signed. Kept as it comes, `wuyou statement verify` proves it."""

    __pydantic_config__ = DOCUMENTED

    head: dict[str, Any]
    lines: list[dict[str, Any]]
    hash: str
    """Over the head and the hash of the last line."""
    signature: str
    """Ed25519, as base64url; the keys are at `/.well-known/wuyou-statement-keys.json`."""


@operation(router, "GET", "/statements", entry=Entry.READ)
def list_statements(call: Call, query: Query[PageQuery]) -> StatementPage:
    """List your closed months: of your commissions, and of your shops."""
    page = statements.list_statements(_owners(call), cursor=query.cursor, limit=query.limit)
    return StatementPage(
        tuple(
            StatementLine(
                each.number,
                each.account.code,
                f"{each.month:%Y-%m}",
                amount_of(each.opening),
                amount_of(each.closing),
                each.line_count,
                each.hash,
                each.closed_at,
            )
            for each in page.items
        ),
        page.next_cursor,
    )


@operation(router, "GET", "/statements/{number}", entry=Entry.READ, refuses=[errors.StatementUnknown])
def show_statement(call: Call, number: Number) -> StatementDocument:
    """Show one of your closed months with every line and its proof."""
    document = statements.get_document(number, _owners(call))
    return StatementDocument(document["head"], document["lines"], document["hash"], document["signature"])


def _owners(call: Call) -> list[str]:
    """Whose accounts the caller may see: their own, and their shops'. Cost: two queries."""
    publisher = alliance.find_publisher(call.actor.person_id)
    shops = [f"shop:{shop.id}" for shop in catalog.list_shops_of(call.actor.person_id)]
    return [*shops, f"publisher:{publisher.id}"] if publisher else shops
