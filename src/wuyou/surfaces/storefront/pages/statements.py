"""What closed months owed somebody, line by line, as pages and as files; and where they are paid."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.errors import StatementUnknown
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.pages.earnings import earning_tabs
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.ui import statements as views
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Empty, Paging
from wuyou.surfaces.ui.statement_files import FORMATS
from wuyou.surfaces.ui.texts import in_language

PROVIDER = "sandbox"
PAGE = 24


@require_safe
@signed_in
def list_statements(request: HttpRequest) -> HttpResponse:
    """One's own closed months and payouts, and where one is paid. Cost: five queries."""
    return _list(request)


@require_safe
@signed_in
def show_statement(request: HttpRequest, number: str) -> HttpResponse:
    """A closed month with every line of it. Cost: five queries."""
    owners = _owners(request)
    document = statements.get_document(number, list(owners))
    context: dict[str, object] = {
        "number": number,
        "head": views.head_of(document, owners),
        "lines": views.lines_of(document),
        "proof": views.proof_of(document),
        "downloads": [(name.upper(), reverse("storefront:statement-file", args=[number, name])) for name in FORMATS],
    }
    return show(request, "statement.html", context, place="earnings")


@require_safe
@signed_in
def download(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """The statement as a file; `wuyou statement verify` proves the JSON and the table, the PDF has their hash."""
    if name not in FORMATS:
        raise Http404
    owners = _owners(request)
    document = statements.get_document(number, list(owners))
    write, media_type = FORMATS[name]
    answer = HttpResponse(write(document, owners), content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{number}.{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@signed_in
def name_payee(request: HttpRequest) -> HttpResponse:
    """Say where one is paid from now on."""
    owner, reference = request.POST.get("owner", ""), request.POST.get("reference", "").strip()
    if owner not in _owners(request):
        raise StatementUnknown()

    def effect(now: datetime) -> str:
        statements.name_payee(owner=owner, provider=PROVIDER, reference=reference, now=now)
        return reverse("storefront:statements")

    try:
        answer = once(request, actor_of(request), effect)
    except DomainError as refused:
        count_refusal(refused)
        return _list(request, refused, owner, reference)
    messages.success(request, _("From now on you are paid there"))
    return answer


def _list(
    request: HttpRequest, refused: DomainError | None = None, refused_owner: str = "", reference: str = ""
) -> HttpResponse:
    owners = _owners(request)
    page = statements.list_statements(list(owners), cursor=optional_id(request, "after"), limit=PAGE)
    payees = statements.payees_by_owner(list(owners))
    payouts = statements.list_lines(owners=list(owners), limit=PAGE).items
    context: dict[str, object] = {
        "tabs": earning_tabs("statements"),
        "statements": views.table_of(page.items, owners),
        "payouts": views.payouts_of(payouts, owners) if payouts else None,
        "payees": [
            (owner, name, reference if owner == refused_owner else payees[owner].reference if owner in payees else "")
            for owner, name in owners.items()
        ],
        "refusal": text_of(refused) if refused else "",
        "paging": Paging(next_href=f"?after={page.next_cursor}" if page.next_cursor else ""),
        "empty": Empty(
            _("No month is closed yet"),
            _("On the first of each month what you earned in the month before is closed into a statement."),
            "books",
        ),
    }
    status = status_of(refused) if refused else 200
    return show(request, "statements.html", context, place="earnings", status=status)


def _owners(request: HttpRequest) -> dict[str, str]:
    """Whose accounts the reader may see, and what they are called: one's own, and one's shops. Cost: two queries."""
    user_id = actor_of(request).person_id
    publisher = alliance.find_publisher(user_id)
    owners = {f"publisher:{publisher.id}": _("My commissions")} if publisher else {}
    return owners | {f"shop:{shop.id}": in_language(shop.name, shop.name_en) for shop in catalog.list_shops_of(user_id)}
