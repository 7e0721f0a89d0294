"""What happens to people who promote goods, and to shops that are promoted, made through operations alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from tests.builders.alliance import Market
from wuyou.config.env import get_env
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import Participant
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.providers.base import TransferResult, TransferState
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.money import Currency


def _market_of(now: datetime, owner_id: int) -> Market:
    market = Market(now)
    market.shop = catalog.open_shop(owner_id=owner_id, name="我的店", name_en="My shop", now=now)
    return market


def _circle(market: Market) -> int:
    return alliance.open_collaboration(
        actor=Actor(market.shop.owner_id),
        shop_id=market.shop.id,
        name="圈",
        terms="",
        takes_applications=True,
        now=market.now,
    ).id


def _invited(market: Market, person_id: int) -> Participant:
    return alliance.invite(
        actor=Actor(market.shop.owner_id),
        collaboration_id=_circle(market),
        publisher_id=market.publisher(person_id).id,
        words="",
        now=market.now,
    )


def _applied(market: Market, person_id: int) -> Participant:
    return alliance.apply_to_join(
        actor=Actor(person_id),
        collaboration_id=_circle(market),
        publisher_id=market.publisher(person_id).id,
        words="",
        now=market.now,
    )


def invited(now: datetime, me: int) -> None:
    """A shop invites me."""
    _invited(Market(now), me)


def applied(now: datetime, me: int) -> None:
    """Somebody would like to join a plan of my shop."""
    market = _market_of(now, me)
    _applied(market, market.person())


def answered(now: datetime, me: int) -> None:
    """A shop takes me in."""
    market = Market(now)
    asked = _applied(market, me)
    alliance.answer_application(actor=Actor(market.shop.owner_id), participant_id=asked.id, takes=True, now=now)


def ended(now: datetime, me: int) -> None:
    """A shop ends my part in a plan."""
    market = Market(now)
    mine = _invited(market, me)
    alliance.answer_invitation(actor=Actor(me), participant_id=mine.id, takes=True, now=now)
    alliance.end_participation(actor=Actor(market.shop.owner_id), participant_id=mine.id, now=now)


def enrolled(now: datetime, me: int) -> None:
    """Goods of mine are taken into an activity of the site."""
    market = _market_of(now, me)
    activity = alliance.open_activity(
        actor=PLATFORM, recruiter_id=None, title="秋收", brief="", least_rate_bps=500, service_bps=0,
        enrols_until=now + timedelta(days=7), from_=now, until=now + timedelta(days=30), now=now,
    )  # fmt: skip
    mine = alliance.enrol(
        actor=Actor(me), activity_id=activity.id, product_id=market.product().id, rate_bps=1_000, now=now
    )
    alliance.decide_enrolment(actor=PLATFORM, enrolment_id=mine.id, accepts=True, now=now)


def called_for(now: datetime, me: int, by: int) -> None:
    """A recruiter calls for goods for me alone."""
    market = Market(now)
    recruiter = market.publisher(by)
    alliance.let_recruit(actor=PLATFORM, publisher_id=recruiter.id, now=now)
    alliance.open_activity(
        actor=Actor(recruiter.user_id), recruiter_id=recruiter.id, title="秋收", brief="",
        only_id=market.publisher(me).id, least_rate_bps=500, service_bps=0, enrols_until=now + timedelta(days=7),
        from_=now, until=now + timedelta(days=30), now=now,
    )  # fmt: skip


def cut(now: datetime, me: int) -> None:
    """A shop whose links I have lowers its rate."""
    market = Market(now - timedelta(days=1))
    market.plan(2_000)
    market.link(market.publisher(me), market.product())
    market.plan(1_000, at=now)


def _paid_out(now: datetime, me: int, state: TransferState) -> None:
    account = queries.account_of(Market(now).publisher(me).id, Currency.CNY)
    past = now - timedelta(days=40)
    revenue = AccountRef(AccountKind.PLATFORM_REVENUE, "", Currency.CNY)
    draft = JournalDraft("settle:W1", "settle", "order:W1", past, (TransferDraft(revenue, account, 1_234, "settle"),))
    ledger.post(journals=[draft], now=past)
    statements.name_payee(owner=account.owner, provider="sandbox", reference="6222-0001", now=now)
    ((account_id,),) = db.rows("SELECT id FROM ledger_account WHERE code = %s", [account.code])
    key = get_env().statement_key
    statements.close_account(account_id=account_id, issuer="https://wuyou.example", private_key=key, now=now)
    ((month,),) = db.rows("SELECT max(month) FROM ledger_statement WHERE account_id = %s", [account_id])
    assert statements.plan_payout(account=account, month=month, minimum_minor=1, now=now)
    taken = statements.take_due_line(now=now)
    assert taken is not None
    _, number, _, _, amount = taken
    reason = "bounced" if state is TransferState.FAILED else ""
    statements.apply_result(result=TransferResult(number, state, amount, reason, now), now=now)


HAPPENINGS: Mapping[Kind, Callable[[datetime, int], object]] = {
    Kind.PLAN_INVITED: invited,
    Kind.PLAN_APPLIED: applied,
    Kind.PLAN_ANSWERED: answered,
    Kind.PLAN_ENDED: ended,
    Kind.ENROLMENT_DECIDED: enrolled,
    Kind.RATE_CUT: cut,
    Kind.PAYOUT_PAID: lambda now, me: _paid_out(now, me, TransferState.PAID),
    Kind.PAYOUT_FAILED: lambda now, me: _paid_out(now, me, TransferState.FAILED),
}
"""How each kind that concerns promoting comes about for a person."""
