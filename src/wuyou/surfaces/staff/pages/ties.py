"""Do people grow closer?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.social import queries as social
from wuyou.domains.social.types import WeekOfTies
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.viewmodels import show
from wuyou.surfaces.ui import parts

WEEKS = 12


@staff_only
@require_safe
def ties(request: HttpRequest) -> HttpResponse:
    """This week in figures, and the weeks before it. Cost: three queries."""
    weeks = social.list_weeks_of_ties(now=utc_now(), count=WEEKS)
    return show(request, "ties", "ties", figures=_figures(weeks[0], weeks[1]), table=_table(weeks))


def _figures(this: WeekOfTies, last: WeekOfTies) -> tuple[parts.Figure, ...]:
    def figure(label: str, count: int, before: int, definition: str) -> parts.Figure:
        return parts.Figure(label, count, definition, note=_("%(count)d last week") % {"count": before})

    return (
        figure(
            _("New ties"),
            this.formed,
            last.formed,
            _("Pairs of people who wrote, gave or lived through something together for the first time."),
        ),
        figure(
            _("Stronger ties"),
            this.strengthened,
            last.strengthened,
            _("Pairs who did so again. One click counts for neither."),
        ),
        figure(_("Gave"), this.gift_links, last.gift_links, _("Pairs of whom one gave the other something.")),
        figure(
            _("Traded"),
            this.trade_links,
            last.trade_links,
            _("Pairs of whom one bought of the other; never added to those who gave."),
        ),
    )


def _table(weeks: tuple[WeekOfTies, ...]) -> parts.Table:
    columns = (
        parts.Column(_("Week of")),
        *(parts.Column(label, numeric=True) for label in (_("New ties"), _("Stronger ties"), _("Gave"), _("Traded"))),
    )
    rows = tuple(
        parts.Row((date_format(week.week), week.formed, week.strengthened, week.gift_links, week.trade_links))
        for week in weeks
    )
    return parts.Table(_("Ties by week"), columns, rows)
