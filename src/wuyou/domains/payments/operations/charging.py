"""What people owe by number, and what providers say of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.payments import errors, providers, queries, rules, taking
from wuyou.domains.payments.booking import check
from wuyou.domains.payments.providers.base import ChargeResult
from wuyou.domains.payments.types import Intent, IntentState
from wuyou.infra import db
from wuyou.kernel.money import Money


@db.requires_transaction
def open_intent(
    *,
    intent_no: str,
    payer_id: int,
    purpose: str,
    amount: Money,
    provider: str = "",
    expires_at: datetime,
    now: datetime,
) -> None:
    """Ask a person for a sum under a number of the caller's. The same again changes nothing.

    Args:
        purpose: the caller's word for what it is for.
        provider: who is asked unless the payer chooses another; empty is the first that is offered.
        expires_at: from then on (and a margin) an unpaid charge is given up at the provider.

    Raises: `NumberMalformed`, `AmountNotPositive`, `ProviderUnknown`, `IntentNumberReused`.
    Cost: one statement.
    """
    check(intent_no, amount)
    asked = providers.get_provider(provider) if provider else providers.get_offered()
    opened = db.execute(
        """
        INSERT INTO payments_intent (intent_no, payer_id, purpose, amount_minor, currency, provider, provider_ref,
                                     state, refunds_minor, created_at, expires_at, polls)
        VALUES (%s, %s, %s, %s, %s, %s, '', 'created', 0, %s, %s, 0)
        ON CONFLICT (intent_no) DO NOTHING
        """,
        [intent_no, payer_id, purpose, amount.amount_minor, amount.currency.code, asked.name, now, expires_at],
    )
    if not opened:
        kept = queries.get_intent(intent_no)
        if (kept.payer_id, kept.purpose, kept.amount) != (payer_id, purpose, amount):
            raise errors.IntentNumberReused(intent_no=intent_no)


@db.requires_transaction
def hand_over(*, intent_no: str, provider: str = "", now: datetime) -> Intent:
    """Note that the payer is being sent to a provider, and from now on ask there if we hear nothing.

    Commit this before the provider is called: a charge made by a process that died is then found by polling. The first
    hand-over settles with whom: two providers who ask for the same sum would both be paid one day.

    Args: `provider` is whom the payer chose; empty is the one that the intent names.

    Raises: `IntentNotFound`, `IntentNotOpen` (paid or closed), `IntentHandedOver` (to another provider),
    `ProviderUnknown`.
    Cost: one statement.
    """
    if provider:
        providers.get_offered(provider)
    handed = db.row(
        f"""
        UPDATE payments_intent i
        SET provider = COALESCE(NULLIF(%(provider)s, ''), provider),
            handed_over_at = COALESCE(handed_over_at, %(now)s), polls = 0,
            -- Never later than it was: who tries again and again would else keep us from asking.
            next_poll_at = LEAST(next_poll_at, %(now)s::timestamptz + %(pause)s::interval)
        WHERE intent_no = %(intent_no)s AND state IN ('created', 'authorised')
          AND (%(provider)s IN ('', provider) OR COALESCE(handed_over_at, authorised_at) IS NULL)
        RETURNING {queries.INTENT_COLUMNS}
        """,  # noqa: S608  (built of constants)
        {
            "now": now,
            "pause": timedelta(seconds=rules.POLL_AFTER_S[0]),
            "intent_no": intent_no,
            "provider": provider,
        },
    )
    if handed:
        return queries.intent_from(handed)
    kept = queries.get_intent(intent_no)
    if kept.state in (IntentState.CREATED, IntentState.AUTHORISED):
        raise errors.IntentHandedOver(intent_no=intent_no, provider=kept.provider)
    raise errors.IntentNotOpen(intent_no=intent_no, state=kept.state.value)


@db.requires_transaction
def apply_charge(*, result: ChargeResult, now: datetime) -> Intent:
    """Take in what a provider says of a charge: from a synchronous answer, a notice and a poll alike.

    The first CAPTURED books `capture:{intent_no}`, also when the intent was closed before. Everything that is late,
    repeated or out of order changes nothing. A report that cannot be right (another amount, currency or provider; a
    second payment under another reference) books nothing and is kept as a `Mismatch` for staff.

    Publishes: `PaymentCaptured` once, `PaymentAuthorised` once.
    Raises: `IntentNotFound`.
    Cost: first capture one statement and those of ledger and event log; repeated two.
    """
    return taking.take_charge(result, now)[0]


@db.requires_transaction
def request_capture(*, intent_no: str, now: datetime) -> None:
    """Have the money that is held for an intent taken; the provider is asked outside of the transaction.

    Raises: `IntentNotFound`, `IntentNotOpen` (nothing is held).
    """
    asked = db.execute(
        """
        UPDATE payments_intent
        SET capture_asked_at = COALESCE(capture_asked_at, %(now)s), polls = 0, next_poll_at = %(now)s
        WHERE intent_no = %(intent_no)s AND state = 'authorised'
        """,
        {"now": now, "intent_no": intent_no},
    )
    if not asked:
        raise errors.IntentNotOpen(intent_no=intent_no, state=queries.get_intent(intent_no).state.value)


@db.requires_transaction
def claim_look(*, intent_no: str, now: datetime) -> bool:
    """Whether the provider may be asked now because somebody waits: once in three seconds, however many pages wait.

    Decided in one statement, so that of several who ask at once one does. Cost: one statement.
    """
    return bool(
        db.execute(
            """
            UPDATE payments_intent SET looked_at = %(now)s
            WHERE intent_no = %(no)s AND (looked_at IS NULL OR looked_at <= %(now)s - %(pause)s * interval '1 second')
            """,
            {"no": intent_no, "now": now, "pause": rules.LOOK_AGAIN_AFTER_S},
        )
    )


@db.requires_transaction
def close_intent(*, intent_no: str, now: datetime) -> Intent:
    """Give an unpaid intent up. Its number is then shut at the provider, if the payer was ever sent there.

    Returns: the intent; one that is CAPTURED was paid before, and stays so: look at its state.
    Raises: `IntentNotFound`.
    Cost: one statement; two when it was paid or closed before.
    """
    closed = db.row(
        f"""
        UPDATE payments_intent i
        SET state = 'closed', closed_at = %(now)s, polls = 0,
            next_poll_at = CASE WHEN COALESCE(handed_over_at, authorised_at) IS NOT NULL THEN %(now)s::timestamptz END
        WHERE i.intent_no = %(intent_no)s AND state IN ('created', 'authorised')
        RETURNING {queries.INTENT_COLUMNS}
        """,  # noqa: S608  (built of constants)
        {"now": now, "intent_no": intent_no},
    )
    return queries.intent_from(closed) if closed else queries.get_intent(intent_no)
