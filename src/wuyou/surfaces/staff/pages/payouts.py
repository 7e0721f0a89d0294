"""Is everybody paid who should be, and who is not, and why?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.ledger import errors as ledger_errors
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountRef, PayoutLine, PayoutState, WriteOffState
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.staff.access import actor_of, change, handle_once, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import account_link, account_names, journal_cards, known_facts, show
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui import payouts as words
from wuyou.surfaces.ui.lists import ListPage


@staff_only
@require_safe
def payouts(request: HttpRequest) -> HttpResponseBase:
    """Every line of every batch, by state."""
    trail = lists.trail_of(request)
    state = lists.chosen(request, "state", PayoutState)
    page = statements.list_lines(state=state, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    counts = statements.count_lines()
    tabs = lists.state_tabs(request, state, {each: words.STATES[each][0] for each in PayoutState}, counts)
    view = ListPage(
        title=_("Payouts"),
        intro=_("What closed months owe, sent from the 20th on. What fails is back on its account at once."),
        table=_table(page.items),
        empty=parts.Empty(_("No payout here"), _("The first batch is made once a month has closed."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=tabs,
        actions=(parts.Action(_("Holds and debts"), reverse("staff:debts"), icon="lock"),),
    )
    return show(request, "list", "payouts", view=view)


def _table(lines: Sequence[PayoutLine]) -> parts.Table:
    names = account_names(line.account for line in lines)
    columns = (
        parts.Column(_("Payout")),
        parts.Column(_("Account")),
        parts.Column(_("Amount"), numeric=True),
        parts.Column(_("State")),
        parts.Column(_("Why")),
        parts.Column(_("When")),
    )
    rows = tuple(
        parts.Row(
            (
                line.number,
                account_link(line.account, names).text,
                line.amount,
                words.chip(line.state),
                words.why(line.why),
                line.ended_at or line.sent_at or line.made_at,
            ),
            reverse("staff:payout", args=[line.number]),
        )
        for line in lines
    )
    return parts.Table(_("Payouts"), columns, rows)


@staff_only
@require_safe
def payout(request: HttpRequest, number: str) -> HttpResponse:
    """One payout: what became of it, and what can be done."""
    return _show(request, number)


@staff_only
@require_POST
def retry(request: HttpRequest, number: str) -> HttpResponse:
    """Try again what failed or was skipped, under a new number."""
    actor, now, again = actor_of(request), utc_now(), []
    try:
        handle_once(request, lambda: again.append(statements.retry_payout(actor=actor, number=number, now=now)), now)
    except DomainError as refused:
        return _show(request, number, refused)
    messages.success(request, _("It is sent again within seconds."))
    return HttpResponseRedirect(reverse("staff:payout", args=[again[0] if again else number]))


def _show(request: HttpRequest, number: str, refused: DomainError | None = None) -> HttpResponse:
    line = statements.get_line(number)
    names = account_names([line.account])
    held = next((hold for hold in statements.list_holds() if hold.account == line.account), None)
    journals = ledger.list_journals(source_refs=[f"payout:{number}"], oldest_first=True).items
    facts = known_facts(
        parts.Fact(_("Amount"), line.amount, total=True),
        parts.Fact(_("Account"), account_link(line.account, names)),
        parts.Fact(_("Balance"), ledger.get_balance(line.account)),
        parts.Fact(_("Batch"), line.batch_number),
        parts.Fact(_("Why"), words.why(line.why)),
        parts.Fact(_("Made"), line.made_at),
        parts.Fact(_("Sent"), line.sent_at),
        parts.Fact(_("Ended"), line.ended_at),
        parts.Fact(_("Held"), held.reason if held else None),
    )
    return show(
        request,
        "payout",
        "payouts",
        ui_errors.status_of(refused) if refused else 200,
        line=line,
        state=words.chip(line.state),
        can_retry=line.state in (PayoutState.FAILED, PayoutState.SKIPPED) and not line.was_retried,
        is_held=held is not None,
        code=line.account.code,
        facts=facts,
        journals=journal_cards(journals),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )


# ---------------------------------------------------------------- holds and debts


@staff_only
@require_safe
def debts(request: HttpRequest) -> HttpResponse:
    """Accounts that nothing is paid out of, and debts that two people forgive."""
    return _debts(request)


@staff_only
@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """Pay nothing out of an account until it is lifted."""
    code, reason, now = request.POST.get("account", ""), request.POST.get("reason", ""), utc_now()

    def act() -> None:
        statements.hold_account(actor=actor_of(request), account=AccountRef.parse(code), reason=reason, now=now)

    return _do(request, act, _("Nothing is paid out of it now"))


@staff_only
@require_POST
def lift(request: HttpRequest) -> HttpResponse:
    """Let an account be paid again."""
    code, now = request.POST.get("account", ""), utc_now()

    def act() -> None:
        statements.lift_hold(actor=actor_of(request), account=AccountRef.parse(code), now=now)

    return _do(request, act, _("It is paid again from the next batch on"))


@staff_only
@require_POST
def ask_write_off(request: HttpRequest) -> HttpResponse:
    """Ask that so much of a debt be forgiven."""
    code, reason, now = request.POST.get("account", ""), request.POST.get("reason", ""), utc_now()

    def act() -> None:
        account = AccountRef.parse(code)
        minor = _minor(request.POST.get("amount", ""), account)
        statements.ask_write_off(actor=actor_of(request), account=account, amount_minor=minor, reason=reason, now=now)

    return _do(request, act, _("Somebody else approves it now"))


@staff_only
@require_POST
def decide_write_off(request: HttpRequest, number: str) -> HttpResponse:
    """Approve what somebody else asked for, or let the debt stand."""
    decide = statements.approve_write_off if request.POST.get("approves") == "yes" else statements.refuse_write_off
    now = utc_now()
    return _do(request, lambda: decide(actor=actor_of(request), number=number, now=now), _("It is decided"))


def _minor(said: str, account: AccountRef) -> int:
    """What a form says in the currency's smallest unit. Raises `WriteOffExceedsDebt` for what is no amount."""
    wrong = ledger_errors.WriteOffExceedsDebt(account=account.code, owed_minor=0)
    try:
        minor = Decimal(said.strip()[:30]).scaleb(account.currency.exponent)
    except InvalidOperation as error:
        raise wrong from error
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 < minor < 10**15:
        raise wrong
    return int(minor)


def _do(request: HttpRequest, act: Callable[[], object], said: str) -> HttpResponse:
    return change(request, lambda _: act(), said, back_to="staff:debts", refuse=partial(_debts, request))


def _debts(request: HttpRequest, refused: DomainError | None = None) -> HttpResponse:
    holds, write_offs = statements.list_holds(), statements.list_write_offs(limit=lists.PAGE_SIZE).items
    names = account_names([*(each.account for each in holds), *(each.account for each in write_offs)])
    return show(
        request,
        "debts",
        "debts",
        ui_errors.status_of(refused) if refused else 200,
        holds=[(each, account_link(each.account, names)) for each in holds],
        write_offs=[
            (
                each,
                account_link(each.account, names),
                words.write_off_chip(each.state),
                each.state is WriteOffState.ASKED,
            )
            for each in write_offs
        ],
        account=request.POST.get("account", "") or request.GET.get("account", ""),
        reason=request.POST.get("reason", ""),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )
