"""What waits for me today, and how does it go?"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from wuyou.domains.aftersales import queries as aftersales
from wuyou.domains.aftersales.types import ClaimState
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
    claims = aftersales.count_of_shop(desk.shop.id)
    asked, coming = claims[ClaimState.ASKED], claims[ClaimState.SENT]
    if asked:
        title = ngettext("%(count)d refund or return to answer", "%(count)d refunds or returns to answer", asked)
        text = _("Within 48 hours: who says nothing has agreed.")
        waiting.append(Attention("arrow-back-up", "accent", title % {"count": asked}, text, desk.href("claims")))
    if coming:
        title = ngettext("%(count)d parcel is coming back", "%(count)d parcels are coming back", coming)
        text = _("Say when it is there: after ten days it counts as arrived.")
        href = f"{desk.href('claims')}?state=arrive"
        waiting.append(Attention("package", "amber", title % {"count": coming}, text, href))
    return show(request, desk, "overview", "overview", attention=tuple(waiting))
