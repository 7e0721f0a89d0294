"""How does it go, and what waits for me?"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import ParticipantState
from wuyou.surfaces.studio.access import Desk, signed_in
from wuyou.surfaces.studio.viewmodels import show
from wuyou.surfaces.ui.lists import Attention
from wuyou.surfaces.ui.parts import Figure


@signed_in
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """What is earned by state, and what waits to be answered."""
    sums = queries.earnings_of(desk.actor.person_id)
    return show(
        request,
        desk,
        "overview",
        "overview",
        figures=(
            Figure(_("Balance"), sums.balance, _("Settled, less reversed, less what was paid out to you.")),
            Figure(_("Confirmed"), sums.confirmed, _("The buyer has the goods, and may still return them.")),
            Figure(_("Estimated"), sums.estimated, _("Paid by the buyer. It is yours only if they keep the goods.")),
        ),
        attention=_waiting(desk),
    )


def _waiting(desk: Desk) -> tuple[Attention, ...]:
    if desk.publisher is None:
        return ()
    invited = sum(one.state is ParticipantState.INVITED for one in queries.list_participations(desk.publisher.id))
    waiting = []
    if invited:
        title = ngettext("%(count)d invitation", "%(count)d invitations", invited) % {"count": invited}
        text = _("A shop would pay you by a plan of its own.")
        waiting.append(Attention("mail", "amber", title, text, reverse("studio:collaborations")))
    activities = queries.list_activities(desk.publisher.id) if desk.recruits else ()
    counts = queries.waiting_by_activity({activity.id for activity in activities})
    for activity in activities:
        if count := counts.get(activity.id):
            title = ngettext("%(count)d enrolment to decide", "%(count)d enrolments to decide", count) % {
                "count": count
            }
            href = reverse("studio:activity", args=[activity.id])
            waiting.append(Attention("speakerphone", "amber", title, activity.title, href))
    return tuple(waiting)
