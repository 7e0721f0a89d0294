"""What waits for me today, and how does it go?"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from wuyou.domains.orders import queries as orders
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.seller.access import Desk, owners_only
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui.lists import Attention


@owners_only
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """What waits, with its clock."""
    counts = orders.count_of_shop(desk.shop.id, utc_now())
    waiting = []
    if counts.ready:
        title = ngettext("%(count)d order to send", "%(count)d orders to send", counts.ready) % {"count": counts.ready}
        text = ngettext(
            "%(count)d of them should be on its way already.",
            "%(count)d of them should be on their way already.",
            counts.late,
        ) % {"count": counts.late}
        tone = "accent" if counts.late else "amber"
        waiting.append(
            Attention(
                "package",
                tone,  # type: ignore[arg-type]
                title,
                text if counts.late else _("Within 48 hours of the payment."),
                desk.href("orders"),
            )
        )
    return show(request, desk, "overview", "overview", attention=tuple(waiting))
