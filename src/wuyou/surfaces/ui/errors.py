"""Errors at the edge: kind → status, code → sentence. The only place that knows both."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _, gettext_lazy
from prometheus_client import Counter

from wuyou.kernel.errors import DomainError, ErrorKind

STATUS = {
    ErrorKind.INVALID: 422,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.LIMIT: 429,
    ErrorKind.UNAVAILABLE: 503,
}

TEXTS: dict[str, object] = {
    "idempotency.key_malformed": gettext_lazy("The idempotency key must be 1 to 200 printable ASCII characters."),
    "idempotency.key_reused": gettext_lazy("This idempotency key was used before for another request."),
    "identity.handle_malformed": gettext_lazy(
        "A name to sign in with has 3 to 30 lower-case letters, digits or underscores and begins with a letter."
    ),
    "identity.handle_taken": gettext_lazy("Somebody already has the name “%(handle)s”."),
    "identity.name_malformed": gettext_lazy("Please give a name of 1 to 40 characters."),
    "identity.password_too_weak": gettext_lazy("This password is too easy to guess. Use at least 10 characters."),
    "identity.person_not_found": gettext_lazy("We could not find this person."),
    "catalog.product_not_found": gettext_lazy("We could not find this product. It may have been taken off the shelf."),
    "catalog.variant_not_found": gettext_lazy("This choice is no longer sold."),
    "catalog.shop_not_found": gettext_lazy("We could not find this shop."),
    "catalog.text_malformed": gettext_lazy("Please give a text of 1 to 120 characters."),
    "catalog.price_out_of_range": gettext_lazy("The team price must be below the price alone, and both above zero."),
    "inventory.out_of_stock": gettext_lazy("Sold out: fewer are left than you asked for."),
    "inventory.quantity_out_of_range": gettext_lazy("Please choose a quantity between 1 and 1,000,000."),
    "orders.order_not_found": gettext_lazy("We could not find this order."),
    "orders.lines_malformed": gettext_lazy("Please choose 1 to 50 different goods of one shop, 1 to 999 pieces each."),
    "orders.not_sold_in_teams": gettext_lazy("This choice is not sold to teams."),
    "orders.amount_out_of_range": gettext_lazy("This order costs more than any order may."),
    "orders.wrong_state": gettext_lazy("The order has moved on, so this is no longer possible."),
    "orders.refund_out_of_range": gettext_lazy("A refund must be above zero and at most what is left of the order."),
    "orders.cart_full": gettext_lazy("Your cart is full: it holds 50 different goods."),
    "groupbuy.campaign_not_found": gettext_lazy("This product is not sold to teams."),
    "groupbuy.campaign_malformed": gettext_lazy("Please check the campaign: “%(field)s” is out of range."),
    "groupbuy.campaign_overlaps": gettext_lazy("This product is already sold to teams at that time."),
    "groupbuy.campaign_closed": gettext_lazy("This group buy is not open now."),
    "groupbuy.team_not_found": gettext_lazy("We could not find this team. Its leader may not have paid yet."),
    "groupbuy.team_full": gettext_lazy("This team is full. Join another one, or open your own."),
    "groupbuy.team_closed": gettext_lazy("This team has already ended. Join another one, or open your own."),
    "groupbuy.already_member": gettext_lazy("You are already in this team."),
    "groupbuy.too_many_pieces": gettext_lazy("At most %(most)s in one team order."),
    "groupbuy.person_limit_reached": gettext_lazy("At most %(most)s for one person in this group buy."),
    "groupbuy.campaign_sold_out": gettext_lazy("This group buy is sold out."),
    "groupbuy.new_buyers_only": gettext_lazy("Only who buys here for the first time may join this team."),
    "groupbuy.wrong_product": gettext_lazy("This team buys another product."),
    "surface.form_malformed": gettext_lazy("Please check what you entered."),
    "surface.sign_in_first": gettext_lazy("Please sign in first."),
    "surface.sign_in_failed": gettext_lazy("This name and password do not belong together."),
    "surface.not_allowed": gettext_lazy("You are not allowed to do this."),
}
"""A sentence for every code. A code without one fails the suite."""

_FALLBACK = gettext_lazy("This is not possible.")

_REFUSALS = Counter("wuyou_refusals_total", "Anticipated refusals", ["code"])


def text_of(error: DomainError) -> str:
    """The sentence for a refusal, in the reader's language, with its facts."""
    text = text_of_code(error.code)
    return text % error.facts if "%(" in text else text


def text_of_code(code: str) -> str:
    """The sentence for a code, in the reader's language."""
    return str(TEXTS.get(code, _FALLBACK))


def status_of(error: DomainError) -> int:
    """The HTTP status for a refusal."""
    return STATUS[error.kind]


def count_refusal(error: DomainError) -> None:
    """Show in the metrics that this was refused."""
    _REFUSALS.labels(error.code).inc()


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A page that says what is not possible and where to go on."""
    count_refusal(error)
    return _page(request, status_of(error), text_of(error))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _page(request, 400, _("We could not understand this request."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _page(request, 403, _("You are not allowed to do this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return _page(request, 403, _("This form is too old. Please go back, reload the page and send it again."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _page(request, 404, _("There is nothing here, or nothing that you may see."))


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, _("Something went wrong on our side. Nothing was charged twice; please try again."))


def _page(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    return render(request, "ui/refusal.html", {"status": status, "sentence": sentence}, status=status)
