"""What one's own posts brought: the list, and one post day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.content import errors as content_errors
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import Post
from wuyou.domains.insight import queries as insight
from wuyou.domains.insight.policies import LEAST_PEOPLE
from wuyou.infra.behaviour import ObjectKind
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.pages.post_lists import own_tabs
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import post_cards, post_figures
from wuyou.surfaces.storefront.viewmodels.post_figures import Day
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Action, Column, Empty, Row, Table

PAGE_SIZE = 24


@require_safe
@signed_in
def show_figures(request: HttpRequest) -> HttpResponse:
    """What the last four weeks brought each of one's posts, newest first. Cost: nine queries beside the shell's."""
    actor = actor_of(request)
    viewer, today = get_viewer(actor.person_id), business_date(utc_now())
    page = content.list_of_owner(viewer, actor.person_id, cursor=optional_id(request, "after"), limit=PAGE_SIZE)
    own = [post for post in page.items if post.origin_id is None]
    days = _days(actor, viewer, own, today)
    here = reverse("storefront:posts-figures")
    context: dict[str, object] = {
        "tabs": own_tabs("storefront:posts-figures"),
        "figures": post_figures.totals(list(days.values())),
        "rows": [post_figures.row(post, days[post.id]) for post in own],
        "next_href": post_cards.more_href(here, page.next_cursor),
        "empty": Empty(
            _("Nothing published yet"),
            _("Show what you have, and say what it is like to live with it."),
            "camera",
            Action(_("Write something"), reverse("storefront:new-post"), "primary", "pencil"),
        ),
    }
    return show(request, "posts_figures.html", context, place="me")


@require_safe
@signed_in
def show_post_figures(request: HttpRequest, post_id: int) -> HttpResponse:
    """One post of one's own, day by day. Raises `PostNotFound` for everything else."""
    actor = actor_of(request)
    viewer, today = get_viewer(actor.person_id), business_date(utc_now())
    post = content.get_post_for(viewer, post_id)
    if post.owner_id != actor.person_id or post.published_at is None or post.origin_id is not None:
        raise content_errors.PostNotFound()
    days = _days(actor, viewer, [post], today)[post_id]
    context: dict[str, object] = {
        "row": post_figures.row(post, days),
        "post_href": post_cards.href_of(post_id),
        "figures": (*post_figures.totals([days]), post_figures.median_dwell(days)),
        "table": _table(days),
        "least": LEAST_PEOPLE,
    }
    return show(request, "post_figures.html", context, place="me")


def _days(actor: Actor, viewer: Viewer, posts: Sequence[Post], today: date) -> dict[int, tuple[Day, ...]]:
    """The days of each post. Cost: four queries; none for no posts."""
    if not posts:
        return {}
    ids, since = [post.id for post in posts], post_figures.begins(today)
    # Asked as a reader and not as staff: no figure here is of fewer than twenty people.
    asker = Actor(actor.person_id)
    seen = insight.figures_by_object(
        ObjectKind.POST.value, ids, actor=asker, begins=since, until=today + timedelta(days=1)
    )
    reactions = content.reactions_by_day(viewer, ids, since=since)
    sales = alliance.sales_by_post(actor.person_id, ids, since=since)
    return {
        post_id: post_figures.days_of(today, seen.get(post_id, ()), reactions.get(post_id, {}), sales.get(post_id, ()))
        for post_id in ids
    }


def _table(days: Sequence[Day]) -> Table:
    def hidden(value: int | None) -> object:
        return post_figures.HIDDEN if value is None else value

    columns = tuple(
        Column(label, numeric=number > 0)
        for number, label in enumerate(
            (
                _("Day"), _("Readers"), _("Shown"), _("Looked at, seconds"), _("Pressed"), _("Reactions"), _("Orders"),
                _("Commission"),
            )
        )
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                day.on,
                hidden(day.readers),
                hidden(day.exposures),
                hidden(day.dwell_median_s),
                hidden(day.presses),
                day.reactions,
                day.orders,
                day.commission,
            )
        )
        for day in reversed(days)
        if not day.is_empty
    )
    return Table(_("Day by day"), columns, rows)
