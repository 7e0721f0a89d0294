"""What do my posts bring, from being seen to being paid for it?"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import CommissionState, PostResult
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import Post
from wuyou.domains.insight import queries as insight
from wuyou.domains.insight.policies import LEAST_PEOPLE
from wuyou.domains.insight.types import Sums
from wuyou.infra.behaviour import ObjectKind
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.studio.access import Desk, signed_in
from wuyou.surfaces.studio.viewmodels import show
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Column, Figure

DAYS = 28
PAGE_SIZE = 24
_MAX_WORDS = 28
_NOTHING = Money(0, Currency.CNY)
_STATES = (CommissionState.ESTIMATED, CommissionState.CONFIRMED, CommissionState.SETTLED)


@signed_in
@require_safe
def posts(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The way of one's posts in four weeks: shown, looked at, pressed, ordered, paid for. Cost: six queries."""
    me = desk.actor.person_id
    page = content.list_of_owner(get_viewer(me), me, cursor=optional_id(request, "after"), limit=PAGE_SIZE)
    own = [post for post in page.items if post.origin_id is None]
    ids, today = [post.id for post in own], business_date(utc_now())
    since = today - timedelta(days=DAYS - 1)
    # Asked as a reader and not as staff: no figure here is of fewer than twenty people.
    seen = insight.sums_by_object(
        ObjectKind.POST.value, ids, actor=Actor(me), begins=since, until=today + timedelta(days=1)
    )
    brought = queries.results_by_post(me, ids, since=since)
    return show(
        request,
        desk,
        "posts",
        "posts",
        steps=_steps([seen[key] for key in ids if key in seen], list(brought.values())),
        table=_table(own, seen, brought),
        least=LEAST_PEOPLE,
        next_href=f"?after={page.next_cursor}" if page.next_cursor else "",
        empty=parts.Empty(
            _("Nothing published yet"),
            _("Show what you have, and say what it is like to live with it."),
            "camera",
            parts.Action(_("Write something"), reverse("storefront:new-post"), "primary", "pencil"),
        ),
    )


def _steps(seen: list[Sums], brought: list[PostResult]) -> tuple[Figure, ...]:
    """Each step of the way, over the posts of the page."""
    few = _("Days with fewer than %(n)s readers are left out.") % {"n": LEAST_PEOPLE}
    paid = sum((sum_of(each) for each in brought), start=_NOTHING)
    return (
        Figure(
            _("Shown"),
            sum(each.exposures for each in seen),
            f"{_('Half of it was on a screen for a second.')} {few}",
        ),
        Figure(
            _("Looked at, hours"),
            round(sum(each.dwell_s for each in seen) / 3600),
            f"{_('While the page was in front of somebody.')} {few}",
        ),
        Figure(_("Pressed"), sum(each.onward for each in seen), f"{_('What it points at was opened from it.')} {few}"),
        Figure(
            _("Orders"),
            sum(each.order_count for each in brought),
            _("Paid after what it points at was opened from it, and not given back."),
        ),
        Figure(_("Commission"), paid, _("Yours, booked or still expected; a return takes it back.")),
    )


def sum_of(result: PostResult) -> Money:
    """All that a post brought, in whatever state."""
    return sum((result.by_state.get(state, _NOTHING) for state in _STATES), start=_NOTHING)


def _table(own: list[Post], seen: dict[int, Sums], brought: dict[int, PostResult]) -> parts.Table:
    nothing, none = Sums(0, 0, 0), PostResult(0, {})
    rows = []
    for post in own:
        looks, result = seen.get(post.id, nothing), brought.get(post.id, none)
        rows.append(
            parts.Row(
                (
                    _name(post),
                    looks.exposures,
                    _minutes(looks.dwell_s),
                    looks.onward,
                    result.order_count,
                    *(result.by_state.get(state, _NOTHING) for state in _STATES),
                ),
                reverse("storefront:post-figures", args=[post.id]),
            )
        )
    names = (
        _("Post"), _("Shown"), _("Looked at, minutes"), _("Pressed"), _("Orders"), _("Estimated"), _("Confirmed"),
        _("Settled"),
    )  # fmt: skip
    columns = tuple(Column(name, numeric=place > 0) for place, name in enumerate(names))
    return parts.Table(_("My posts"), columns, tuple(rows))


def _minutes(seconds: int) -> int:
    return (seconds + 30) // 60


def _name(post: Post) -> str:
    words = " ".join((post.title or post.text).split()) or _("A picture")
    return words if len(words) <= _MAX_WORDS else f"{words[: _MAX_WORDS - 1]}…"
