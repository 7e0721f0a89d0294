"""Who has won what, month by month, and how winners are found."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.awards import queries
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import business_date, utc_now
from wuyou.surfaces.storefront.access import viewer_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import awards
from wuyou.surfaces.ui import awards as words
from wuyou.surfaces.ui.parts import Empty


@require_safe
def show_awards(request: HttpRequest) -> HttpResponse:
    """The awards of a month with those winners who show them, and what is honoured now; `month` chooses."""
    viewer, months = get_viewer(viewer_id(request)), queries.list_months()
    chosen = words.chosen_month(request, months)
    context: dict[str, object] = {
        "tabs": words.month_tabs(months, chosen),
        "given": awards.given_in(viewer, chosen) if chosen else (),
        "running": awards.running(queries.list_awards(), business_date(utc_now()).replace(day=1)),
        "empty": Empty(_("No awards yet"), _("As soon as something is honoured here, it is told here."), "gift"),
    }
    return show(request, "awards.html", context, place="home")
