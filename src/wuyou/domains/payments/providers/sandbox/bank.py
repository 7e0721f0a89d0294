"""The sandbox bank: a payment provider that lives next door, with a database and troubles of its own.

Its tables stand in our database for convenience only. It refuses to run inside a transaction of ours, and what it did
is done at once, whatever becomes of the caller: just like a bank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar

import structlog
from pydantic import TypeAdapter

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers.base import (
    Bill,
    BillLine,
    ChargeResult,
    DisputeResult,
    Notice,
    RefundResult,
    Reply,
)
from wuyou.domains.payments.providers.sandbox import notices
from wuyou.domains.payments.providers.sandbox.faults import Faults
from wuyou.domains.payments.types import BillKind, ChargeState, RefundState
from wuyou.infra import db
from wuyou.kernel import tokens
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.money import Currency, Money, apply_bps

log = structlog.get_logger(__name__)

INSUFFICIENT_BALANCE = "insufficient_balance"
DELIVERY_BATCH = 100
FEE_BPS = 60

Result = TypeVar("Result", ChargeResult, RefundResult)

_faults: TypeAdapter[Faults] = TypeAdapter(Faults)


class SandboxBank:
    """The bank.

    Args:
        faults: how it misbehaves; None means as its stored row says (`set_faults`), which all processes share.
    """

    name = notices.PROVIDER
    currencies = frozenset(Currency)
    naming = None

    def __init__(self, faults: Faults | None = None) -> None:
        self._fixed_faults = faults

    # -------------------------------------------------------------------------------------------------- charges

    @db.outside_transaction
    def begin(self, *, bill: Bill, now: datetime) -> ChargeResult:
        """Take the payer's money at once: the bank has no counter of its own."""
        return self.charge(intent_no=bill.intent_no, amount=bill.amount, now=now)

    @db.outside_transaction
    def charge(self, *, intent_no: str, amount: Money, now: datetime, faults: Faults | None = None) -> ChargeResult:
        """Take the payer's money. Args: `faults` for this one call, such as a person chose at the cashier.

        Cost: two statements (one with `faults`); one more when the number was charged before.
        """
        return self._pay(intent_no, amount, ChargeState.CAPTURED, faults, now)

    @db.outside_transaction
    def authorise(self, *, intent_no: str, amount: Money, now: datetime, faults: Faults | None = None) -> ChargeResult:
        """Hold the payer's money. Args: `faults` for this one call."""
        return self._pay(intent_no, amount, ChargeState.AUTHORISED, faults, now)

    @db.outside_transaction
    def capture(self, *, intent_no: str, amount: Money, now: datetime) -> ChargeResult:
        """Take what is held."""
        faults = self.get_faults()
        held = self.query_charge(intent_no=intent_no, now=now)
        if held is None:
            raise errors.ProviderRefused(reason="nothing_is_held")
        taken = self._put(intent_no, amount, ChargeState.CAPTURED, (ChargeState.AUTHORISED,), faults, now)
        if taken.state is not ChargeState.CAPTURED:
            raise errors.ProviderRefused(reason="nothing_is_held")
        return self._answered(taken, intent_no, faults)

    @db.outside_transaction
    def void(
        self,
        *,
        intent_no: str,
        amount: Money,
        now: datetime,
        provider_ref: str = "",
        payable_until: datetime | None = None,
    ) -> ChargeResult:
        """Give the number up; a number never heard of is shut too."""
        faults = self.get_faults()
        unpaid = (ChargeState.PENDING, ChargeState.DECLINED, ChargeState.AUTHORISED)
        return self._answered(self._put(intent_no, amount, ChargeState.VOIDED, unpaid, faults, now), intent_no, faults)

    @db.outside_transaction
    def query_charge(self, *, intent_no: str, now: datetime, provider_ref: str = "") -> ChargeResult | None:
        """What became of a charge."""
        found = db.row(
            """
            SELECT provider_ref, state, amount_minor, currency, changed_at FROM payments_sandbox_charge
            WHERE intent_no = %s
            """,
            [intent_no],
        )
        if found is None:
            return None
        ref, state, amount_minor, currency, at = found
        return ChargeResult(self.name, intent_no, ref, ChargeState(state), Money(amount_minor, Currency(currency)), at)

    def _pay(
        self, intent_no: str, amount: Money, state: ChargeState, faults: Faults | None, now: datetime
    ) -> ChargeResult:
        faults = faults or self.get_faults()
        reached = ChargeState.DECLINED if faults.declines(intent_no) else state
        tried = (ChargeState.PENDING, ChargeState.DECLINED)
        return self._answered(self._put(intent_no, amount, reached, tried, faults, now), intent_no, faults)

    def _put(
        self,
        intent_no: str,
        amount: Money,
        state: ChargeState,
        from_states: Sequence[ChargeState],
        faults: Faults,
        now: datetime,
    ) -> ChargeResult:
        """Bring a new charge, or one in `from_states`, to a state and leave the notice; else say how it stands."""
        result = ChargeResult(self.name, intent_no, _reference("charge", intent_no), state, amount, now)
        # One statement, and the unique number decides among simultaneous callers: whoever finds the charge already
        # brought on changes nothing, and leaves no notice either.
        changed = db.row(
            f"""
            WITH changed AS (
                INSERT INTO payments_sandbox_charge AS kept
                       (intent_no, provider_ref, amount_minor, currency, state, refunded_minor, changed_at)
                VALUES (%(intent_no)s, %(provider_ref)s, %(amount_minor)s, %(currency)s, %(state)s, 0, %(now)s)
                ON CONFLICT (intent_no) DO UPDATE SET state = EXCLUDED.state, changed_at = EXCLUDED.changed_at
                WHERE kept.state = ANY(%(from_states)s::text[])
                  AND kept.amount_minor = EXCLUDED.amount_minor AND kept.currency = EXCLUDED.currency
                RETURNING 1
            ), told AS ({_TELL} FROM changed)
            SELECT FROM changed
            """,  # noqa: S608  (built of constants)
            {
                "intent_no": intent_no,
                "provider_ref": result.provider_ref,
                "amount_minor": amount.amount_minor,
                "currency": amount.currency.code,
                "state": state.value,
                "from_states": [each.value for each in from_states],
                "now": now,
                **_notice_params(result, faults, due_at=now),
            },
        )
        if changed is not None:
            return result
        kept = self.query_charge(intent_no=intent_no, now=now)
        if kept is None or kept.amount != amount:
            raise errors.ProviderRefused(reason="number_reused")
        return kept

    # -------------------------------------------------------------------------------------------------- refunds

    @db.outside_transaction
    def refund(
        self,
        *,
        refund_no: str,
        intent_no: str,
        amount: Money,
        now: datetime,
        provider_ref: str = "",
        captured: Money | None = None,
    ) -> RefundResult:
        """Send money back. One that failed is tried again, one that succeeded or is pending is left as it is."""
        faults = self.get_faults()
        with db.transaction():  # the bank's own
            self._submit(refund_no, intent_no, amount, faults, now)
        result = self.query_refund(refund_no=refund_no, now=now)
        if result is None:
            raise errors.ProviderUnavailable
        return self._answered(result, refund_no, faults)

    @db.outside_transaction
    def query_refund(
        self, *, refund_no: str, now: datetime, intent_no: str = "", provider_ref: str = ""
    ) -> RefundResult | None:
        """What became of a refund."""
        found = db.row(
            """
            SELECT c.intent_no, r.provider_ref, r.has_failed, r.amount_minor, c.currency, r.settles_at
            FROM payments_sandbox_refund r JOIN payments_sandbox_charge c ON c.id = r.charge_id WHERE r.refund_no = %s
            """,
            [refund_no],
        )
        if found is None:
            return None
        intent_no, ref, has_failed, amount_minor, currency, settles_at = found
        amount = Money(amount_minor, Currency(currency))
        state, reason = _outcome(has_failed) if now >= settles_at else (RefundState.PENDING, "")
        return RefundResult(self.name, refund_no, intent_no, ref, state, reason, amount, settles_at)

    def _submit(self, refund_no: str, intent_no: str, amount: Money, faults: Faults, now: datetime) -> None:
        charge = db.row(
            """
            SELECT id, amount_minor - refunded_minor, currency FROM payments_sandbox_charge
            WHERE intent_no = %s AND state = 'captured' FOR UPDATE
            """,
            [intent_no],
        )
        if charge is None or charge[2] != amount.currency.code:
            raise errors.ProviderRefused(reason="nothing_was_captured")
        charge_id, left_minor, _ = charge
        kept = db.row(
            """
            SELECT charge_id, amount_minor, has_failed, submissions, settles_at FROM payments_sandbox_refund
            WHERE refund_no = %s
            """,
            [refund_no],
        )
        if kept is not None:
            if (kept[0], kept[1]) != (charge_id, amount.amount_minor):
                raise errors.ProviderRefused(reason="number_reused")
            if not kept[2] or now < kept[4]:
                return
        submissions = kept[3] + 1 if kept else 1
        has_failed = submissions <= faults.refund_failures
        if amount.amount_minor > left_minor:
            raise errors.ProviderRefused(reason="exceeds_charge")
        settles_at = now + timedelta(seconds=faults.refund_late_s)
        state, reason = _outcome(has_failed)
        ref = _reference("refund", refund_no)
        result = RefundResult(self.name, refund_no, intent_no, ref, state, reason, amount, settles_at)
        db.execute(
            f"""
            WITH submitted AS (
                INSERT INTO payments_sandbox_refund
                       (refund_no, charge_id, provider_ref, amount_minor, has_failed, submissions, settles_at)
                VALUES (%(refund_no)s, %(charge_id)s, %(provider_ref)s, %(amount_minor)s, %(has_failed)s, 1,
                        %(settles_at)s)
                ON CONFLICT (refund_no) DO UPDATE
                SET has_failed = EXCLUDED.has_failed, settles_at = EXCLUDED.settles_at,
                    submissions = payments_sandbox_refund.submissions + 1
                RETURNING 1
            ), returned AS (
                UPDATE payments_sandbox_charge SET refunded_minor = refunded_minor + %(amount_minor)s
                WHERE id = %(charge_id)s AND NOT %(has_failed)s
            )
            {_TELL} FROM submitted
            """,  # noqa: S608  (built of constants)
            {
                "refund_no": refund_no,
                "charge_id": charge_id,
                "provider_ref": ref,
                "amount_minor": amount.amount_minor,
                "has_failed": has_failed,
                "settles_at": settles_at,
                **_notice_params(result, faults, due_at=settles_at, attempt=submissions),
            },
        )

    # -------------------------------------------------------------------------------------------------- notices

    def list_disputes(self, *, since: datetime, now: datetime) -> Sequence[DisputeResult]:
        """Nobody disputes what was not paid for real."""
        return ()

    def fetch_bill(self, *, day: date, now: datetime) -> Sequence[BillLine]:
        """What was taken and given back on a day. It keeps 0.6 % of what is paid, and none of it comes back."""
        begin = datetime.combine(day, time(), BUSINESS_ZONE)
        found = db.rows(
            """
            SELECT 'paid', intent_no, provider_ref, amount_minor, currency, changed_at FROM payments_sandbox_charge
            WHERE state = 'captured' AND changed_at >= %(begin)s AND changed_at < %(end)s
            UNION ALL
            SELECT 'returned', r.refund_no, r.provider_ref, r.amount_minor, c.currency, r.settles_at
            FROM payments_sandbox_refund r JOIN payments_sandbox_charge c ON c.id = r.charge_id
            WHERE NOT r.has_failed AND r.settles_at >= %(begin)s AND r.settles_at < %(end)s
            ORDER BY 6, 3
            """,
            {"begin": begin, "end": begin + timedelta(days=1)},
        )
        if not found:
            raise errors.BillNotReady
        lines = []
        for word, number, ref, minor, code, at in found:
            kind, currency = BillKind(word), Currency(code)
            fee = apply_bps(minor, FEE_BPS) if kind is BillKind.PAID else 0
            lines.append(BillLine(ref, kind, number, Money(minor, currency), fee, currency, at, word))
        return lines

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
        """Check a notice's signature and age, and read it."""
        return notices.read_notice(body=body, headers=headers, now=now)

    def reply(self, refusal: str) -> Reply:
        """What to answer a notice with."""
        return Reply("text/plain; charset=utf-8", refusal or notices.ACKNOWLEDGED)

    @db.outside_transaction
    def deliver_due_notices(self, *, now: datetime, send: notices.Send) -> int:
        """Send every notice that is due, until it was acknowledged with exactly `success`; returns how many were sent.

        The next attempt is fixed before this one is made: whoever dies in between has only delayed it.
        """
        sent = 0
        while batch := self._take_due(now):
            acknowledged = [
                row_id
                for _, row_id, body in batch
                if send(body.encode(), notices.sign_notice(body.encode(), now)) == notices.ACKNOWLEDGED
            ]
            db.execute(
                """
                UPDATE payments_sandbox_notice
                SET copies = copies - 1, delivered_at = COALESCE(delivered_at, %(now)s),
                    due_at = CASE WHEN copies > 1 THEN %(now)s::timestamptz END
                WHERE id = ANY(%(ids)s::bigint[])
                """,
                {"now": now, "ids": acknowledged},
            )
            sent += len(batch)
        return sent

    def _take_due(self, now: datetime) -> list[tuple[int, int, str]]:
        # Past the ladder's end the array yields NULL, and the notice is given up.
        taken = db.rows(
            """
            WITH due AS MATERIALIZED (
                SELECT id FROM payments_sandbox_notice WHERE due_at <= %(now)s
                ORDER BY sort_key, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
            UPDATE payments_sandbox_notice n
            SET attempts = n.attempts + 1,
                due_at = %(now)s::timestamptz + (%(ladder)s::int[])[n.attempts + 1] * interval '1 second'
            FROM due WHERE n.id = due.id RETURNING n.sort_key, n.id, n.body
            """,
            {"now": now, "ladder": list(notices.LADDER_S), "batch": DELIVERY_BATCH},
        )
        return sorted(taken)

    # -------------------------------------------------------------------------------------------------- troubles

    def get_faults(self) -> Faults:
        """How the bank misbehaves at present."""
        if self._fixed_faults is not None:
            return self._fixed_faults
        found = db.row("SELECT faults::text FROM payments_sandbox_faults")
        return _faults.validate_json(found[0]) if found else Faults()

    def _answered(self, result: Result, number: str, faults: Faults) -> Result:
        if faults.loses_answer(number):
            log.info("sandbox_answer_lost", number=number)
            raise errors.ProviderUnavailable(provider=self.name)
        return result


@db.outside_transaction
def set_faults(faults: Faults) -> None:
    """Let the bank misbehave so from now on, in every process; `Faults()` makes it well-behaved."""
    db.execute(
        """
        INSERT INTO payments_sandbox_faults (id, faults) VALUES (1, %s::jsonb)
        ON CONFLICT (id) DO UPDATE SET faults = EXCLUDED.faults
        """,
        [_faults.dump_json(faults).decode()],
    )


_TELL = """
    INSERT INTO payments_sandbox_notice (notice_id, number, body, sort_key, copies, attempts, due_at, is_lost)
    SELECT %(notice_id)s, %(number)s, %(body)s, %(sort_key)s, %(copies)s, 0, %(due_at)s::timestamptz, %(is_lost)s
"""


def _notice_params(
    result: ChargeResult | RefundResult, faults: Faults, *, due_at: datetime, attempt: int = 1
) -> dict[str, object]:
    outgoing = notices.write_notice(result)
    drawn = f"{outgoing.number}/{result.state.value}/{attempt}"
    is_lost = faults.loses_notice(drawn)
    return {
        "notice_id": outgoing.notice_id,
        "number": outgoing.number,
        "body": outgoing.body,
        "sort_key": faults.sort_key(drawn),
        "copies": 1 + faults.duplicates,
        "due_at": None if is_lost else due_at + timedelta(seconds=faults.delay_s(drawn)),
        "is_lost": is_lost,
    }


def _outcome(has_failed: bool) -> tuple[RefundState, str]:
    return (RefundState.FAILED, INSUFFICIENT_BALANCE) if has_failed else (RefundState.SUCCEEDED, "")


def _reference(kind: str, number: str) -> str:
    """The bank's own number for one of ours."""
    return f"sb_{tokens.digest(f'{kind}/{number}')[:24]}"
