"""What does an account hold, and how did it come to that?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from wuyou.domains.ledger import queries
from wuyou.domains.ledger.types import Account, AccountKind, AccountRef, Statement, StatementLine
from wuyou.kernel.clock import BUSINESS_ZONE, business_date, utc_now
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.surfaces.staff import words
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.viewmodels import account_label, account_link, account_names, show, transfers_href
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage

_BY_BALANCE: Final = "balance"


@staff_only
@require_safe
def accounts(request: HttpRequest) -> HttpResponseBase:
    trail, kind = lists.trail_of(request), lists.chosen(request, "kind", AccountKind)
    if lists.wants_csv(request):
        return _export_accounts(request, kind)
    page = _read(request, kind, trail.cursor, lists.PAGE_SIZE)
    view = ListPage(
        title=_("Accounts"),
        intro=_("Whose money it is. All balances of a currency, each on its own side, sum to zero."),
        table=_table(request, page.items),
        empty=parts.Empty(
            _("No accounts yet"), _("The first booking on an account opens it; the first payment opens two."), "books"
        ),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=_tabs(request, kind),
        actions=(lists.export_action(request),),
    )
    return show(request, "accounts", "accounts", view=view, figures=_figures(queries.totals_by_kind(), kind))


def _read(request: HttpRequest, kind: AccountKind | None, cursor: int | None, limit: int) -> Page[Account]:
    if request.GET.get("order") == _BY_BALANCE:
        return queries.list_accounts_by_balance(kind=kind, cursor=cursor, limit=limit)
    return queries.list_accounts(kind=kind, cursor=cursor, limit=limit)


def _tabs(request: HttpRequest, kind: AccountKind | None) -> tuple[parts.Tab, ...]:
    return (
        parts.Tab(_("All"), lists.href(request, kind=""), kind is None),
        *(
            parts.Tab(str(label), lists.href(request, kind=one.value), kind is one)
            for one, (label, _definition) in words.ACCOUNT.items()
        ),
    )


def _figures(
    totals: Mapping[tuple[AccountKind, Currency], Money], kind: AccountKind | None
) -> tuple[parts.Figure, ...]:
    """What the accounts of each kind hold together."""
    found = sorted(totals.items(), key=lambda item: (item[0][1].code, list(AccountKind).index(item[0][0])))
    return tuple(
        parts.Figure(str(words.ACCOUNT[one][0]), amount, str(words.ACCOUNT[one][1]))
        for (one, _currency), amount in found
        if kind in (None, one)
    )


def _table(request: HttpRequest, accounts: Sequence[Account]) -> parts.Table:
    is_by_balance = request.GET.get("order") == _BY_BALANCE
    by_balance = lists.href(request, order="" if is_by_balance else _BY_BALANCE)
    by_age = lists.href(request, order="")
    names = account_names(account.ref for account in accounts)
    columns = (
        parts.Column(_("Ledger account")),
        parts.Column(_("Balance"), numeric=True, sort_href=by_balance, sorted="descending" if is_by_balance else ""),
        parts.Column(_("Debited"), numeric=True),
        parts.Column(_("Credited"), numeric=True),
        parts.Column(_("Account code")),
        parts.Column(_("First booked"), sort_href=by_age, sorted="" if is_by_balance else "ascending"),
    )
    rows = (
        parts.Row(
            (
                account_label(account.ref, names),
                account.balance,
                Money(account.debits_minor, account.ref.currency),
                Money(account.credits_minor, account.ref.currency),
                account.ref.code,
                account.opened_at,
            ),
            reverse("staff:statement", args=[account.ref.code]),
        )
        for account in accounts
    )
    return parts.Table(_("Accounts"), columns, tuple(rows))


def _export_accounts(request: HttpRequest, kind: AccountKind | None) -> HttpResponseBase:
    header = ("account", "kind", "owner", "currency", "debited", "credited", "balance", "opened_at")
    found = lists.all_items(lambda cursor: _read(request, kind, cursor, MAX_PAGE))
    rows = (
        (a.ref.code, a.ref.kind.value, a.ref.owner, a.ref.currency.code, Money(a.debits_minor, a.ref.currency),
         Money(a.credits_minor, a.ref.currency), a.balance, a.opened_at)
        for a in found
    )  # fmt: skip
    return lists.csv_answer("accounts", header, rows)


# ---------------------------------------------------------------- one account


class Period(forms.Form):
    """From the first day up to, and without, the last one; an empty end is open. Days of the business zone."""

    since = forms.DateField(
        label=gettext_lazy("From this day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("Up to, without this day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        days = super().clean() or {}
        since, until = days.get("since"), days.get("until")
        if since and until and until <= since:
            raise forms.ValidationError(_("The period ends before it begins."))
        return days

    def moments(self) -> tuple[datetime | None, datetime | None]:
        """The half-open period `[from, until)`; open on both sides when the form is not valid."""
        days = self.cleaned_data if self.is_valid() else {}
        return _midnight(days.get("since")), _midnight(days.get("until"))


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), BUSINESS_ZONE) if day else None


@staff_only
@require_safe
def statement(request: HttpRequest, code: str) -> HttpResponseBase:
    ref = AccountRef.parse(code)
    form, trail = Period(request.GET), lists.trail_of(request)
    since, until = form.moments()
    if lists.wants_csv(request) and form.is_valid():
        return _export_statement(queries.get_statement(ref, from_=since, until=until))
    found = queries.get_statement(ref, from_=since, until=until, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    names = account_names([ref, *(AccountRef.parse(line.counter_account) for line in found.lines.items)])
    return show(
        request,
        "statement",
        "accounts",
        200 if form.is_valid() else 422,
        title=account_label(ref, names),
        intro=words.ACCOUNT[ref.kind][1],
        code=ref.code,
        form=form,
        presets=_presets(request, business_date(utc_now())),
        figures=_statement_figures(found),
        table=_line_table(found, names),
        empty=parts.Empty(_("Nothing moved in this period"), _("Choose a longer one, or all of it."), "tea"),
        paging=lists.paging(request, trail, found.lines.next_cursor),
        actions=(lists.export_action(request),),
    )


def _presets(request: HttpRequest, today: date) -> tuple[parts.Tab, ...]:
    this_month = today.replace(day=1)
    next_month = (this_month + timedelta(days=32)).replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    given = (request.GET.get("since", ""), request.GET.get("until", ""))

    def tab(label: str, since: date | None, until: date | None) -> parts.Tab:
        ends = (since.isoformat() if since else "", until.isoformat() if until else "")
        return parts.Tab(label, lists.href(request, since=ends[0], until=ends[1]), given == ends)

    return (
        tab(_("All of it"), None, None),
        tab(_("This month"), this_month, next_month),
        tab(_("Last month"), last_month, this_month),
        tab(_("Today"), today, today + timedelta(days=1)),
    )


def _statement_figures(statement: Statement) -> tuple[parts.Figure, ...]:
    return (
        parts.Figure(_("Opening balance"), statement.opening, _("The balance before the first moment of the period.")),
        parts.Figure(
            _("Movement"),
            statement.closing - statement.opening,
            _("All lines of the period together, on every page of it."),
        ),
        parts.Figure(
            _("Closing balance"), statement.closing, _("Opening balance and change: it adds up at any moment.")
        ),
        parts.Figure(_("Lines"), statement.line_count, _("Transfers to or from this account in the period.")),
    )


def _line_table(statement: Statement, names: Mapping[str, str]) -> parts.Table:
    columns = (
        parts.Column(_("Booked at")),
        parts.Column(_("What for")),
        parts.Column(_("Counter account")),
        parts.Column(_("Movement"), numeric=True),
        parts.Column(_("Balance"), numeric=True),
        parts.Column(_("Source")),
    )
    currency = statement.ref.currency
    rows = (
        parts.Row(
            (
                line.posted_at,
                words.journal(line.kind),
                account_link(AccountRef.parse(line.counter_account), dict(names)),
                Money(line.delta_minor, currency),
                Money(line.balance_minor, currency),
                parts.Link(line.source_ref, transfers_href(line.source_ref)),
            )
        )
        for line in statement.lines.items
    )
    return parts.Table(_("Lines"), columns, tuple(rows))


def _export_statement(head: Statement) -> HttpResponseBase:
    header = ("posted_at", "occurred_at", "journal", "journal_kind", "kind", "source_ref", "counter_account",
              "currency", "change", "balance")  # fmt: skip
    currency = head.ref.currency
    rows = (
        (line.posted_at, line.occurred_at, line.journal_key, line.journal_kind, line.kind, line.source_ref,
         line.counter_account, currency.code, Money(line.delta_minor, currency), Money(line.balance_minor, currency))
        for line in _all_lines(head)
    )  # fmt: skip
    return lists.csv_answer(head.ref.code.replace("/", "_").replace(":", "_"), header, rows)


def _all_lines(head: Statement) -> Iterator[StatementLine]:
    page = head.lines
    while True:
        yield from page.items
        if page.next_cursor is None:
            return
        page = queries.next_lines(head, page.items[-1])
