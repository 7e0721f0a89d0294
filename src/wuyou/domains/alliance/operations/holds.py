"""What was found of a sale holds its shares, until staff or time decide.

HELD → RELEASED | PUNISHED; PUNISHED → VOID | APPEALED; APPEALED → RELEASED | VOID. What is void stays void.

Locks, in this order: the conversions of an order by id, then the hold, then ledger accounts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from wuyou.domains.alliance import booking, errors, events, policies, queries, rules
from wuyou.domains.alliance.hold_types import Found, Hold, HoldState
from wuyou.domains.alliance.reasons import reasons_of
from wuyou.domains.alliance.rules import Standing
from wuyou.domains.alliance.types import SETTLE_KIND, CommissionState
from wuyou.domains.ledger.types import CLAWBACK_KIND, AccountKind, AccountRef, TransferDraft
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel import text as texts
from wuyou.kernel.actor import Actor

WITHIN = {
    HoldState.HELD: timedelta(days=30),
    HoldState.PUNISHED: timedelta(days=7),
    HoldState.APPEALED: timedelta(days=30),
}
"""Until when staff decide, a publisher appeals, and staff look again; then time decides, and never against who waits
for staff."""
MAX_WORDS = 1_000


@db.requires_transaction
def hold_conversion(*, conversion_id: int, found: Sequence[Found], now: datetime) -> bool:
    """Hold what a conversion pays for what was found of it; what the same rules found before holds nothing again.

    What was settled before is looked at too, and stays in the books until it is decided. Returns whether anything is
    new. Publishes: `HoldChanged`. Locks: the conversions of the order.
    """
    order = db.row("SELECT order_id FROM alliance_conversion WHERE id = %s", [conversion_id])
    standings = queries.standings_of_order(order[0]) if order else []
    standing = next((each for each in standings if each.id == conversion_id), None)
    if standing is None or standing.state is CommissionState.INVALID or standing.is_void:
        return False
    known = set(db.rows("SELECT rule, version FROM alliance_finding WHERE conversion_id = %s", [conversion_id]))
    fresh = [each for each in found if (each.rule.value, each.version) not in known]
    if not fresh:
        return False
    open_ = db.row("SELECT id FROM alliance_hold WHERE conversion_id = %s AND ended_at IS NULL", [conversion_id])
    hold_id = open_[0] if open_ else _begin(conversion_id, now)
    db.execute(
        """
        INSERT INTO alliance_finding (hold_id, conversion_id, rule, version, parameters, evidence, found_at)
        SELECT %(hold)s, %(conversion)s, f.rule, f.version, f.parameters, f.evidence, %(now)s
        FROM jsonb_to_recordset(%(found)s::jsonb) AS f(rule text, version smallint, parameters jsonb, evidence jsonb)
        """,
        {
            "hold": hold_id,
            "conversion": conversion_id,
            "now": now,
            "found": json.dumps(
                [
                    {
                        "rule": each.rule.value,
                        "version": each.version,
                        "parameters": dict(each.parameters),
                        "evidence": dict(each.evidence),
                    }
                    for each in fresh
                ]
            ),
        },
    )
    return True


@db.requires_transaction
def release_hold(*, actor: Actor, hold_id: int, reason: str, now: datetime) -> None:
    """Staff see nothing wrong: what waited is settled at once, if its order is complete.

    Raises: `StaffOnly`, `HoldNotFound`, `HoldDecided`, `SecondPersonNeeded` (whose own sale it is), `WordsMalformed`.
    Publishes: `HoldChanged`, `CommissionSettled`. Locks: the conversions of the order, the hold.
    """
    hold, old = _decidable(actor, hold_id, HoldState.HELD)
    _write(hold, HoldState.RELEASED, now, decided_by=actor.person_id, reason=_clean(reason))
    _let_go(hold, old, now)
    _tell(hold, HoldState.RELEASED, Kind.COMMISSION_DECIDED, now)


@db.requires_transaction
def punish_hold(*, actor: Actor, hold_id: int, reason: str, now: datetime) -> None:
    """Staff find that it is no sale. It stays held for a week, in which the publisher may appeal, and is void then.

    Raises, publishes, locks: see `release_hold`.
    """
    hold, _ = _decidable(actor, hold_id, HoldState.HELD)
    _write(hold, HoldState.PUNISHED, now, decided_by=actor.person_id, reason=_clean(reason))
    _tell(hold, HoldState.PUNISHED, Kind.COMMISSION_DECIDED, now)


@db.requires_transaction
def appeal_hold(*, actor: Actor, hold_id: int, words: str, now: datetime) -> None:
    """The publisher asks once for somebody else to look again.

    Raises: `HoldNotFound` (also for everybody else), `HoldDecided`, `WordsMalformed`. Publishes: `HoldChanged`.
    """
    words = _clean(words)
    queries.get_hold_for(actor, hold_id)
    hold, _ = _lock(hold_id, HoldState.PUNISHED)
    _write(hold, HoldState.APPEALED, now, appeal=words)


@db.requires_transaction
def answer_hold_appeal(*, actor: Actor, hold_id: int, is_granted: bool, words: str, now: datetime) -> None:
    """Another member of staff lets it go, or leaves it: then nobody is paid for the sale, and what was is taken back.

    Raises, publishes, locks: see `release_hold`; `SecondPersonNeeded` also for who decided first.
    """
    hold, old = _decidable(actor, hold_id, HoldState.APPEALED)
    if hold.decided_by == actor.person_id:
        raise errors.SecondPersonNeeded()
    state = HoldState.RELEASED if is_granted else HoldState.VOID
    _write(hold, state, now, answered_by=actor.person_id, answer=_clean(words))
    (_let_go if is_granted else _void)(hold, old, now)
    _tell(hold, state, Kind.COMMISSION_ANSWERED, now)


@db.requires_transaction
def end_hold_by_time(*, hold_id: int, now: datetime) -> bool:
    """Nobody appealed in time: it is void. Staff did not decide in time: it is released. False when somebody did.

    Publishes: `HoldChanged`, `CommissionSettled`. Locks: the conversions of the order, the hold.
    """
    hold, old = _lock(hold_id)
    if hold.due_at is None or hold.due_at > now:
        return False
    state = HoldState.VOID if hold.state is HoldState.PUNISHED else HoldState.RELEASED
    _write(hold, state, now)
    (_let_go if state is HoldState.RELEASED else _void)(hold, old, now)
    _tell(hold, state, Kind.COMMISSION_ANSWERED if hold.appeal else Kind.COMMISSION_DECIDED, now)
    return True


# ---------------------------------------------------------------- what they are made of


def _begin(conversion_id: int, now: datetime) -> int:
    made = db.row(
        """
        WITH held AS (UPDATE alliance_conversion SET is_held = true WHERE id = %(conversion)s)
        INSERT INTO alliance_hold (conversion_id, state, held_at, due_at, reason, appeal, answer)
        VALUES (%(conversion)s, 'HELD', %(now)s, %(due)s, '', '', '') RETURNING id
        """,
        {"conversion": conversion_id, "now": now, "due": now + WITHIN[HoldState.HELD]},
    )
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    hold = queries.get_hold(made[0])
    publish(events.HoldChanged(hold.id, conversion_id, HoldState.HELD.value, now))
    _tell(hold, HoldState.HELD, Kind.COMMISSION_HELD, now)
    return hold.id


def _lock(hold_id: int, state: HoldState | None = None) -> tuple[Hold, Standing]:
    """A hold and its conversion, as they are once both are locked. Raises `HoldNotFound`, `HoldDecided`."""
    found = db.row(
        "SELECT v.order_id FROM alliance_hold h JOIN alliance_conversion v ON v.id = h.conversion_id WHERE h.id = %s",
        [hold_id],
    )
    if found is None:
        raise errors.HoldNotFound()
    standings = queries.standings_of_order(found[0])
    db.rows("SELECT FROM alliance_hold WHERE id = %s FOR UPDATE", [hold_id])
    hold = queries.get_hold(hold_id)
    if state is not None and hold.state is not state:
        raise errors.HoldDecided(state=hold.state.value)
    return hold, next(each for each in standings if each.id == hold.conversion_id)


def _decidable(actor: Actor, hold_id: int, state: HoldState) -> tuple[Hold, Standing]:
    policies.require_staff(actor)
    hold, standing = _lock(hold_id, state)
    policies.require_no_side(actor, queries.people_of_sale(hold.conversion_id))
    return hold, standing


def _clean(words: str) -> str:
    try:
        return texts.clean_lines(words, MAX_WORDS)
    except ValueError as error:
        raise errors.WordsMalformed() from error


def _write(
    hold: Hold,
    state: HoldState,
    now: datetime,
    *,
    decided_by: int | None = None,
    reason: str = "",
    appeal: str = "",
    answered_by: int | None = None,
    answer: str = "",
) -> None:
    due_at = now + WITHIN[state] if state in WITHIN else None
    db.execute(
        """
        UPDATE alliance_hold
        SET state = %(state)s, due_at = %(due)s,
            ended_at = CASE WHEN %(due)s::timestamptz IS NULL THEN %(now)s::timestamptz END,
            decided_by_id = coalesce(decided_by_id, %(by)s::bigint),
            decided_at = CASE WHEN appealed_at IS NULL AND %(appeal)s = ''
                              THEN coalesce(decided_at, %(now)s::timestamptz) ELSE decided_at END,
            reason = CASE WHEN reason = '' THEN %(reason)s ELSE reason END,
            appeal = CASE WHEN %(appeal)s <> '' THEN %(appeal)s ELSE appeal END,
            appealed_at = CASE WHEN %(appeal)s <> '' THEN %(now)s::timestamptz ELSE appealed_at END,
            answered_by_id = %(answered)s::bigint, answer = %(answer)s
        WHERE id = %(id)s
        """,
        {
            "state": state.value, "due": due_at, "now": now, "by": decided_by, "reason": reason, "appeal": appeal,
            "answered": answered_by, "answer": answer, "id": hold.id,
        },
    )  # fmt: skip
    publish(events.HoldChanged(hold.id, hold.conversion_id, state.value, now))


def _let_go(hold: Hold, old: Standing, now: datetime) -> None:
    """Held no more. Where the order was completed meanwhile, what escrow kept is settled in this moment."""
    new = rules.restate(replace(old, is_held=False), old.order_refunded_minor, settles=old.is_completed)
    shop = _shop(hold)
    escrow = AccountRef(AccountKind.MERCHANT_ESCROW, shop.owner, shop.currency)
    transfers = booking.commission_transfers([old], [new], escrow)
    if transfers:
        why = reasons_of([old], [new], transfers, shop, hold.order_no, 0, {})
        booking.book(SETTLE_KIND, f"hold-{hold.id}", hold.order_no, transfers, why, now, now)
    booking.store([old], [new], now)
    if new.state is CommissionState.SETTLED and old.state is not CommissionState.SETTLED:
        publish(
            events.CommissionSettled(
                new.id, hold.order_no, new.publisher_id, new.publisher_minor, shop.currency.code, now
            )
        )


def _void(hold: Hold, old: Standing, now: datetime) -> None:
    """Nobody is paid for it: what escrow kept is the shop's, and what was settled goes back to it, paid out or not."""
    new = rules.restate(replace(old, is_held=False, is_void=True), old.order_refunded_minor)
    shop = _shop(hold)
    transfers = booking.commission_transfers([old], [new], shop)
    if old.kept_minor:
        escrow = AccountRef(AccountKind.MERCHANT_ESCROW, shop.owner, shop.currency)
        transfers.append(TransferDraft(escrow, shop, old.kept_minor, "proceeds"))
    if transfers:
        kind = CLAWBACK_KIND if old.state is CommissionState.SETTLED else SETTLE_KIND
        booking.book(kind, f"hold-{hold.id}", hold.order_no, transfers, (), now, now)
    booking.store([old], [new], now)


def _shop(hold: Hold) -> AccountRef:
    return AccountRef(AccountKind.MERCHANT_PAYABLE, f"shop:{hold.shop_id}", hold.share.currency)


def _tell(hold: Hold, state: HoldState, kind: Kind, now: datetime) -> None:
    notifications.notify(
        person_id=hold.publisher_user_id,
        kind=kind,
        object_id=hold.id,
        group_key=f"hold:{hold.id}",
        facts={"hold": hold.id, "state": state.value},
        now=now,
    )
