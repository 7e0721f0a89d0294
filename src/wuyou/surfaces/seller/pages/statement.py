"""What is the shop owed, and how did it come to that?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from wuyou.domains.catalog.types import Permission
from wuyou.domains.ledger import errors as ledger_errors
from wuyou.domains.ledger import queries
from wuyou.domains.ledger.types import AccountKind, AccountRef, Statement, StatementLine
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.seller import tables
from wuyou.surfaces.seller.access import Desk, clerks_with
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage

_KINDS: Final = {
    "merchant_escrow": (AccountKind.MERCHANT_ESCROW, gettext_lazy("In escrow")),
    "merchant_payable": (AccountKind.MERCHANT_PAYABLE, gettext_lazy("Owed to you")),
}
_WHAT: Final = {
    "release": gettext_lazy("An order was released"),
    "refund": gettext_lazy("A refund was promised"),
    "settle": gettext_lazy("An order was settled"),
    "unsettle": gettext_lazy("A settled order was refunded"),
    "payout": gettext_lazy("Paid out"),
}


@clerks_with(Permission.MONEY)
@require_safe
def statement(request: HttpRequest, desk: Desk, kind: str, code: str) -> HttpResponseBase:
    """Every movement of the shop's escrow or of what it is owed, with the balance after it; also as CSV."""
    if kind not in _KINDS or code not in {currency.code for currency in Currency}:
        raise Http404
    account, label = _KINDS[kind]
    ref = AccountRef(account, f"shop:{desk.shop.id}", Currency(code))
    trail = lists.trail_of(request)
    try:
        found = queries.get_statement(ref, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    except ledger_errors.AccountUnknown:
        found = None
    if lists.wants_csv(request):
        header = ("posted_at", "what", "order", "currency", "change", "balance")
        return tables.csv_answer(f"{kind}-{code}", header, _exported(queries.get_statement(ref)) if found else ())
    lines = found.lines.items if found else ()
    view = ListPage(
        title=str(label),
        intro=_("The platform’s books, as they are: each line is a booking, and the balance after it."),
        table=parts.Table(str(label), _columns(), tuple(_row(desk, line, ref.currency) for line in lines)),
        empty=parts.Empty(_("Nothing was booked yet"), _("The first paid order opens this account."), "books"),
        paging=lists.paging(request, trail, found.lines.next_cursor if found else None),
        tabs=tuple(
            parts.Tab(str(name), desk.href("statement", key, code), key == kind)
            for key, (_kind, name) in _KINDS.items()
        ),
        actions=(lists.export_action(request),),
    )
    return show(request, desk, "list", "statement", view=view)


def _columns() -> tuple[parts.Column, ...]:
    return (
        parts.Column(_("Booked at")),
        parts.Column(_("What for")),
        parts.Column(_("Order")),
        parts.Column(_("Movement"), numeric=True),
        parts.Column(_("Balance"), numeric=True),
    )


def _row(desk: Desk, line: StatementLine, currency: Currency) -> parts.Row:
    number = line.source_ref.removeprefix("order:")
    is_order = line.source_ref.startswith("order:")
    return parts.Row(
        (
            line.posted_at,
            str(_WHAT.get(line.journal_kind, line.journal_kind)),
            parts.Link(number, desk.href("order", number)) if is_order else "",
            Money(line.delta_minor, currency),
            Money(line.balance_minor, currency),
        )
    )


def _exported(head: Statement) -> Iterator[tuple[object, ...]]:
    currency, page = head.ref.currency, head.lines
    while True:
        for line in page.items:
            yield (
                line.posted_at, line.journal_kind, line.source_ref.removeprefix("order:"), currency.code,
                Money(line.delta_minor, currency), Money(line.balance_minor, currency),
            )  # fmt: skip
        if page.next_cursor is None:
            return
        page = queries.next_lines(head, page.items[-1])
