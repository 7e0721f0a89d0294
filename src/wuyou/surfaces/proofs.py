"""What is proven from its rows, in one list: every night, by the command line, and before staff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.awards import queries as awards
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import InvariantCheck
from wuyou.domains.orders import queries as orders
from wuyou.domains.payments import queries as payments
from wuyou.domains.promotions import queries as promotions

PROOFS: Final[Mapping[str, Callable[[], tuple[InvariantCheck, ...]]]] = {
    "ledger": ledger.verify,
    "payments": payments.verify,
    "alliance": alliance.verify,
    "promotions": lambda: promotions.verify() + orders.verify(),
    "awards": awards.verify,
}
"""What is proven together, by the name of its command. Call them in one transaction: they are of one moment."""


def prove_all() -> tuple[InvariantCheck, ...]:
    """Every proof there is."""
    return tuple(check for prove in PROOFS.values() for check in prove())
