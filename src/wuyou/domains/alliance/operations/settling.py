"""From completed orders to booked commissions, and back.

Locks, in this order: the conversions of the orders by id, then ledger accounts, then subsidies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from wuyou.domains.alliance import booking, events, queries, reversing, rules
from wuyou.domains.alliance.reasons import reasons_of
from wuyou.domains.alliance.rules import Standing
from wuyou.domains.alliance.types import SETTLE_KIND, CommissionState, PartyRole
from wuyou.domains.ledger import errors as ledger_errors
from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import CLAWBACK_KIND, AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.orders.events import OrderCompleted, OrderRefunded
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.money import Currency


@db.requires_transaction
def settle_orders(*, completed: Sequence[OrderCompleted], now: datetime) -> None:
    """Book completed orders out of escrow: commission parts to their parties, the rest to the shops. Twice is once.

    Every completed order is settled here, brought by a link or not. The refunds counted are the greater of those heard
    of and those that the event's net amount implies, so news that comes in another order gives the same books. What
    the shop pays for conversions that are held stays in escrow until that is decided. All or none of a call is settled.
    An order that was settled before its payment was heard of has paid the shop everything: its parties are paid by the
    shop then.

    Publishes: `CommissionSettled` per conversion. Cost: one statement and a booking; two more when links brought some.
    """
    standing = queries.standings_by_order({each.order_id for each in completed})
    journals: list[JournalDraft] = []
    late: dict[str, Callable[[], list[JournalDraft]]] = {}
    old: list[Standing] = []
    new: list[Standing] = []
    for each in {each.order_id: each for each in completed}.values():
        before = standing.get(each.order_id, [])
        if any(one.state is CommissionState.SETTLED or one.is_completed for one in before):
            continue
        after = [
            rules.restate(one, max(one.order_refunded_minor, one.order_total_minor - each.net_minor), settles=True)
            for one in before
        ]
        journals += _settlement(each, before, after)
        if before:
            late[f"{SETTLE_KIND}:{each.order_no}"] = partial(_late_settlement, each, before, after)
        old += before
        new += after
    _post(journals, late, now)
    if not new:
        return
    booking.store(old, new, now)
    told = {each.order_id: (each.order_no, each.currency) for each in completed}
    publish(
        *(
            events.CommissionSettled(
                each.id, told[each.order_id][0], each.publisher_id, each.parts[PartyRole.PUBLISHER].settled_minor,
                told[each.order_id][1], now,
            )
            for each in new
            if each.state is CommissionState.SETTLED
        )
    )  # fmt: skip


def _post(journals: Sequence[JournalDraft], late: dict[str, Callable[[], list[JournalDraft]]], now: datetime) -> None:
    """Book settlements; of orders that were settled before they had conversions, what is missing.

    Args: late: by the key of a settlement, what makes the journals to book where the books have it with other contents.
    """
    try:
        ledger.post(journals=journals, now=now)
    except ledger_errors.JournalKeyReused as reused:
        key = str(reused.facts["key"])
        if key not in late:
            raise
        _post([each for each in journals if each.key != key] + late.pop(key)(), late, now)


def _settlement(completed: OrderCompleted, old: Sequence[Standing], new: Sequence[Standing]) -> list[JournalDraft]:
    """The journal of one order; none when nothing moves."""
    escrow, shop = _accounts(completed)
    transfers = booking.commission_transfers(old, new, escrow)
    kept = _kept(new)
    rest = completed.net_minor - sum(each.amount_minor for each in transfers if each.debit == escrow)
    rest -= sum(kept.values())
    if rest:
        transfers.append(TransferDraft(escrow, shop, rest, "proceeds"))
    if not transfers:
        return []
    number = completed.order_no
    why = reasons_of(old, new, transfers, shop, number, completed.net_minor, kept)
    return [booking.draft(SETTLE_KIND, number, number, transfers, why, completed.occurred_at)]


def _late_settlement(completed: OrderCompleted, old: Sequence[Standing], new: Sequence[Standing]) -> list[JournalDraft]:
    """The journal of one order whose shop was paid everything: with it the books are what they would have been."""
    escrow, shop = _accounts(completed)
    transfers = booking.commission_transfers(old, new, shop)
    kept = _kept(new)
    if minor := sum(kept.values()):
        transfers.append(TransferDraft(shop, escrow, minor, "proceeds"))
    if not transfers:
        return []
    number = completed.order_no
    why = reasons_of(old, new, transfers, shop, number, 0, kept)
    return [booking.draft(SETTLE_KIND, f"late-{number}", number, transfers, why, completed.occurred_at)]


def _accounts(completed: OrderCompleted) -> tuple[AccountRef, AccountRef]:
    """Escrow of an order's shop, and what it is owed."""
    owner, currency = f"shop:{completed.shop_id}", Currency(completed.currency)
    return (
        AccountRef(AccountKind.MERCHANT_ESCROW, owner, currency),
        AccountRef(AccountKind.MERCHANT_PAYABLE, owner, currency),
    )


def _kept(new: Sequence[Standing]) -> dict[str, int]:
    """What escrow keeps for conversions that are held."""
    return {f"held:{each.id}": each.kept_minor for each in new}


@db.requires_transaction
def reverse_commissions(*, refunded: OrderRefunded, now: datetime) -> None:
    """Restate the commissions of an order for what has been refunded of it. Twice is once.

    Before settlement only the estimates change. After it the difference of the new and the old parts is booked between
    the parties and the shop, which bore the refund: after a full refund every party is back at 0, paid out or not.

    Publishes: `CommissionReversed` per conversion that changes. Cost: one statement when no link brought the order.
    """
    standing = queries.standings_of_order(refunded.order_id)
    old = [each for each in standing if each.order_refunded_minor < refunded.refunded_minor]
    if not old:
        return
    new = [rules.restate(each, refunded.refunded_minor) for each in old]
    shop = AccountRef(AccountKind.MERCHANT_PAYABLE, f"shop:{refunded.shop_id}", Currency(refunded.currency))
    transfers = booking.commission_transfers(old, new, shop)
    freed = {f"held:{before.id}": after.kept_minor - before.kept_minor for before, after in zip(old, new, strict=True)}
    if minor := -sum(freed.values()):
        escrow = AccountRef(AccountKind.MERCHANT_ESCROW, shop.owner, shop.currency)
        transfers.append(TransferDraft(escrow, shop, minor, "proceeds"))
    if transfers:
        why = reasons_of(old, new, transfers, shop, refunded.order_no, 0, freed)
        booking.book(CLAWBACK_KIND, refunded.refund_no, refunded.order_no, transfers, why, refunded.occurred_at, now)
    booking.store(old, new, now)
    reversing.record(old, new, refunded.refund_no, shop, now)
    publish(
        *(
            events.CommissionReversed(
                after.id, refunded.order_no, refunded.refund_no, after.publisher_id, before.publisher_minor,
                after.publisher_minor, before.state is CommissionState.SETTLED, refunded.currency, now,
            )
            for before, after in zip(old, new, strict=True)
            if before.publisher_minor != after.publisher_minor
        )
    )  # fmt: skip
