"""What needs me now, and where does the money lie?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.payments import queries as payments
from wuyou.infra import event_log
from wuyou.infra.event_log import LetterState
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.staff import words
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.pages.teams import ENDING_SOON, team_table
from wuyou.surfaces.staff.viewmodels import show
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.lists import Attention

RECENT: Final = timedelta(days=7)
"""How long a mismatch counts as news."""
_SHOWN_TEAMS: Final = 8
_PARTS: Final = (
    AccountKind.BUYERS_HELD,
    AccountKind.MERCHANT_ESCROW,
    AccountKind.MERCHANT_PAYABLE,
    AccountKind.PROMOTER_PAYABLE,
    AccountKind.PLATFORM_REVENUE,
    AccountKind.REFUNDS_DUE,
    AccountKind.PROMOTION_FUND,
)
"""Whose money it is that lies at the providers."""
_BESIDE: Final = (AccountKind.DISPUTED, AccountKind.PROVIDER_FEES)
"""What was there, and lies elsewhere."""


@dataclass(frozen=True, slots=True)
class BarPart:
    """A stretch of the bar that shows whose money lies at the providers; offset and width in thousandths."""

    number: int
    label: str
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class MoneyView:
    """Where the money of one currency lies."""

    currency: str
    clearing: parts.Figure
    figures: tuple[parts.Figure, ...]
    bar: tuple[BarPart, ...]


@staff_only
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    now = utc_now()
    ending = groupbuy.list_ending_teams(now, now + ENDING_SOON, limit=_SHOWN_TEAMS)
    return show(
        request,
        "overview",
        "overview",
        now=now,
        attention=_attention(now, len(ending)),
        money=_money(ledger.totals_by_kind()),
        ending=team_table(request, ending, now, by_end=True) if ending else None,
    )


def _attention(now: datetime, ending_count: int) -> tuple[Attention, ...]:
    letters = event_log.count_letters()
    dead, trying = letters[LetterState.DEAD], letters[LetterState.TRYING]
    failed = payments.count_failed_refunds()
    mismatches = payments.count_mismatches(now - RECENT)
    disputes = payments.count_running_disputes()
    discrepancies, _resolved = payments.count_discrepancies()
    cases, appeals = moderation.count_waiting()
    found = []
    if failed:
        title = ngettext("%(count)d refund failed", "%(count)d refunds failed", failed) % {"count": failed}
        text = _("The provider refused it to the last attempt: a buyer waits for money.")
        found.append(Attention("arrow-back-up", "accent", title, text, f"{reverse('staff:refunds')}?state=failed"))
    if dead:
        title = ngettext("%(count)d dead letter", "%(count)d dead letters", dead) % {"count": dead}
        text = _("Something happened that one part of the platform never took in.")
        found.append(Attention("mail", "accent", title, text, reverse("staff:letters")))
    if mismatches:
        title = ngettext("%(count)d payment mismatch", "%(count)d payment mismatches", mismatches)
        text = _("A provider reported in the last 7 days what cannot be right; nothing was booked.")
        found.append(
            Attention("alert-triangle", "accent", title % {"count": mismatches}, text, reverse("staff:mismatches"))
        )
    if disputes:
        title = ngettext("%(count)d payment is disputed", "%(count)d payments are disputed", disputes)
        text = _("A payer’s bank asks it back. Answer at the provider before its clock runs out.")
        found.append(Attention("scale", "accent", title % {"count": disputes}, text, reverse("staff:disputes")))
    if discrepancies:
        title = ngettext("%(count)d line of a bill differs", "%(count)d lines of bills differ", discrepancies)
        text = _("A provider billed something else than what is in the books.")
        found.append(
            Attention("receipt", "amber", title % {"count": discrepancies}, text, reverse("staff:discrepancies"))
        )
    if cases:
        title = ngettext("%(count)d case waits", "%(count)d cases wait", cases) % {"count": cases}
        text = _("Members reported it, or a rule holds it: its writer waits too.")
        found.append(Attention("flag", "amber", title, text, reverse("staff:cases")))
    if appeals:
        title = ngettext("%(count)d appeal waits", "%(count)d appeals wait", appeals) % {"count": appeals}
        text = _("Somebody else than who decided has to answer.")
        found.append(Attention("scale", "amber", title, text, reverse("staff:appeals")))
    if trying:
        title = ngettext("%(count)d event is being retried", "%(count)d events are being retried", trying)
        text = _("Later events of the same subscriber wait behind it. It becomes a dead letter if no attempt succeeds.")
        href = f"{reverse('staff:letters')}?state=trying"
        found.append(Attention("refresh", "amber", title % {"count": trying}, text, href))
    if ending_count:
        title = ngettext("%(count)d team ends soon", "%(count)d teams end soon", ending_count)
        text = _("Within two hours. When a team does not fill, whoever paid is refunded, unless it is let pass.")
        href = f"{reverse('staff:teams')}?state=ending"
        found.append(Attention("alarm", "amber", title % {"count": ending_count}, text, href))
    return tuple(found)


def _money(totals: Mapping[tuple[AccountKind, Currency], Money]) -> tuple[MoneyView, ...]:
    currencies = sorted({currency for _kind, currency in totals}, key=lambda c: c.code) or [Currency.CNY]
    return tuple(_money_of(currency, totals) for currency in currencies)


def _money_of(currency: Currency, totals: Mapping[tuple[AccountKind, Currency], Money]) -> MoneyView:
    nothing = Money(0, currency)

    def figure(kind: AccountKind) -> parts.Figure:
        label, definition = words.ACCOUNT[kind]
        return parts.Figure(
            str(label), totals.get((kind, currency), nothing), str(definition), href=_accounts_href(kind, currency)
        )

    amounts = {kind: totals.get((kind, currency), nothing).amount_minor for kind in _PARTS}
    return MoneyView(
        currency.code,
        figure(AccountKind.CLEARING),
        tuple(figure(kind) for kind in (*_PARTS, *_BESIDE)),
        _bar(amounts),
    )


def _bar(amounts: Mapping[AccountKind, int]) -> tuple[BarPart, ...]:
    whole = sum(amount for amount in amounts.values() if amount > 0)
    bar: list[BarPart] = []
    passed = 0
    for number, (kind, amount) in enumerate(amounts.items(), start=1):
        if amount > 0:
            begin, end = passed * 1000 // whole, (passed + amount) * 1000 // whole
            bar.append(BarPart(number, str(words.ACCOUNT[kind][0]), begin, max(end - begin, 1)))
            passed += amount
    return tuple(bar)


def _accounts_href(kind: AccountKind, currency: Currency) -> str:
    if kind.is_owned:
        return f"{reverse('staff:accounts')}?kind={kind.value}"
    return reverse("staff:statement", args=[AccountRef(kind, "", currency).code])
