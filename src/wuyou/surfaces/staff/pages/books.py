"""Are the books right?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from wuyou.domains.ledger.types import InvariantCheck
from wuyou.surfaces import proofs
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.viewmodels import show

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Proof:
    """A set of invariants that is proven together."""

    key: str
    title: Text
    text: Text
    run: Callable[[], tuple[InvariantCheck, ...]]


@dataclass(frozen=True, slots=True)
class CheckView:
    """One proven, broken or empty promise."""

    name: str
    sentence: Text
    unit: Text
    checked_count: int
    breach_count: int
    holds: bool
    is_empty: bool
    examples: tuple[str, ...]


TEXTS: Final[dict[str, tuple[Text, Text]]] = {
    "ledger": (_("The ledger"), _("Every promise of the books, proven from every row that it speaks of.")),
    "payments": (
        _("Money at providers"),
        _("What is disputed and what was billed, again from what providers said."),
    ),
    "alliance": (
        _("The commissions"),
        _("Every winner again from the log of clicks, and every part again from its snapshot and refunds."),
    ),
    "promotions": (
        _("Coupons and red packets"),
        _("Every count and budget again from the vouchers, and every order's price again from their uses."),
    ),
    "awards": (_("The awards"), _("Every winner again from what was counted when the award was given.")),
}
PROOFS: Final = tuple(Proof(key, *TEXTS[key], run) for key, run in proofs.PROOFS.items())
SENTENCES: Final[dict[str, Text]] = {
    "balances of a currency sum to zero": _("All balances of a currency sum to zero"),
    "a balance is the sum of its transfers": _("Every balance is the sum of its transfers"),
    "checkpoints are the sum of what was final": _("Every checkpoint is the sum of what was final then"),
    "no balance is below its floor": _("No balance is below its floor"),
    "a promoter is below zero by clawback only": _("A promoter is below zero by clawback only"),
    "an account is what the chart says of its code": _("Every account is what the chart says of its code"),
    "a transfer fits its journal and its accounts": _("Every transfer fits its journal and its accounts"),
    "a journal moves money": _("Every journal moves money"),
    "a journal is as it was booked": _("Every journal is as it was booked"),
    "payouts are what the books paid out": _("Payouts are what the books paid out"),
    "reasons give what payees' accounts moved by": _("Reasons give what payees' accounts moved by"),
    "statements follow from reasons, month upon month": _("Statements follow from reasons, month upon month"),
    "statements verify with their keys": _("Every closed statement verifies with its key"),
    "payout lines are what left the books and came back": _("Payout lines are what left the books and came back"),
    "a debt is written off by two": _("A debt is written off by two"),
    "winner_follows_from_clicks": _("Every winner follows from the log of clicks"),
    "parts_follow_from_snapshot": _("Every part follows from its snapshot and refunds"),
    "settled_parts_are_booked": _("What was settled is what was booked"),
    "each_order_pays_its_parts": _("What each order paid is what its parts are"),
    "one_part_a_line_and_role": _("A line pays nobody twice for one role"),
    "nothing_settled_is_pending": _("No order that is settled has a commission that still waits"),
    "no_sale_is_forgotten": _("Every order that a link brought and that is complete has its commission"),
    "funnel_is_conserved": _("What was created is pending, settled, taken back or void, in each shop and month"),
    "first_pieces_are_paid_once": _("Each of the first pieces is paid the higher rate once"),
    "nothing_held_is_settled": _("Nothing was settled while it was held, and what is void pays nothing"),
    "reversals_are_what_was_taken_back": _("What refunds took back is what stands in reversals"),
    "honours_follow_from_what_was_counted": _("Every award went to who had won it by what was counted"),
    "subsidies_are_within_budget": _("Subsidies are within their terms and budgets"),
    "disputes_are_what_the_books_hold": _("What is disputed is what disputes say"),
    "fees_are_what_bills_say": _("Providers’ fees are what their bills say"),
    "bill_lines_are_matched_or_open": _("Every line of a bill is what we hold, or was looked at"),
    "vouchers_are_within_their_number": _("No more vouchers are claimed than there are"),
    "vouchers_are_where_their_uses_say": _("Every voucher is where its uses say"),
    "coupons_are_within_their_budget": _("Coupons are within their budgets"),
    "packets_are_what_the_books_hold": _("Red packets are what the books hold for them"),
    "orders_cost_what_vouchers_say": _("Every order costs what its lines and vouchers say"),
    "orders_send_each_piece_once": _("Every piece of an order is sent once, paid back, or still to be sent"),
}
"""What each invariant promises; one that is not here shows by its name."""
UNITS: Final[dict[str, Text]] = {
    "accounts": _("accounts"),
    "summed accounts": _("summed accounts"),
    "transfers": _("transfers"),
    "journals": _("journals"),
    "conversions": _("conversions"),
    "plans": _("plans"),
    "rounds": _("months of awards"),
    "parts": _("parts"),
    "shops and months": _("shops and months"),
    "conversions and subsidies": _("conversions and subsidies"),
    "promotions": _("promotions"),
    "vouchers": _("vouchers"),
    "packets": _("red packets"),
    "orders": _("orders"),
    "lines": _("lines"),
}


@staff_only
@require_safe
def books(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("prove", "")
    proof = next((one for one in PROOFS if one.key == asked), None)
    if proof is None:
        return show(request, "books", "books", proofs=PROOFS)
    started = time.perf_counter()
    checks = tuple(_view(check) for check in proof.run())
    return show(
        request,
        "books",
        "books",
        proofs=PROOFS,
        proven=proof,
        checks=checks,
        broken_count=sum(not check.holds and not check.is_empty for check in checks),
        is_all_empty=all(check.is_empty for check in checks),
        row_count=sum(check.checked_count for check in checks),
        took_ms=round((time.perf_counter() - started) * 1000),
    )


def _view(check: InvariantCheck) -> CheckView:
    return CheckView(
        check.name,
        SENTENCES.get(check.name, check.name),
        UNITS.get(check.unit, check.unit),
        check.checked_count,
        check.breach_count,
        check.holds,
        check.is_empty,
        check.examples,
    )
