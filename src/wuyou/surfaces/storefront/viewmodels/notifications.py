"""What happened, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wuyou.domains.identity.types import Person
from wuyou.domains.notifications.types import Group, Kind
from wuyou.surfaces.storefront.viewmodels.people import name_of


@dataclass(frozen=True, slots=True)
class Told:
    """One group of notifications on the page."""

    text: str
    href: str
    is_read: bool
    happened_at: datetime


def tell(group: Group, people: Mapping[int, Person]) -> Told:
    """A group as the page tells it."""
    names = [name_of(people[actor]) for actor in group.actor_ids if actor in people]
    return Told(
        _SENTENCES[group.kind](_who(names), len(group.notifications)),
        _href(group),
        group.is_read,
        group.newest.happened_at,
    )


def _who(names: list[str]) -> str:
    if not names:
        return _("Somebody")
    if len(names) == 1:
        return names[0]
    if len(names) == 2:
        return _("%(first)s and %(second)s") % {"first": names[0], "second": names[1]}
    others = len(names) - 2
    text = ngettext("%(first)s, %(second)s and %(n)s other", "%(first)s, %(second)s and %(n)s others", others)
    return text % {"first": names[0], "second": names[1], "n": others}


def _href(group: Group) -> str:
    thing_id = group.newest.facts.get("thing")
    if group.kind is Kind.THREAD_REPLIED and isinstance(thing_id, int):
        return f"{reverse('storefront:thing', args=[thing_id])}#threads"
    order_no = group.newest.facts.get("order_no")
    if isinstance(order_no, str):
        return reverse("storefront:order", args=[order_no])
    conversation = group.newest.facts.get("conversation")
    if isinstance(conversation, int):
        return reverse("storefront:conversation", args=[conversation])
    page, part = _PLACES.get(group.kind, ("", ""))
    return f"{reverse(f'storefront:{page}')}{part}" if page else ""


def _arrived(who: str, count: int) -> str:
    text = ngettext(
        "%(n)s thing that you bought is on your shelf.", "%(n)s things that you bought are on your shelf.", count
    )
    return text % {"n": count}


_PLACES: Mapping[Kind, tuple[str, str]] = {
    Kind.FOLLOWED: ("friends", "?view=followers"),
    Kind.FRIEND_REQUESTED: ("friends", ""),
    Kind.FRIENDSHIP_BEGAN: ("friends", ""),
    Kind.TIE_FADING: ("friends", ""),
    Kind.GIFT_RECEIVED: ("gifts", ""),
    Kind.GOODS_ARRIVED: ("my-things", ""),
    Kind.TEAM_FORMED: ("orders", ""),
    Kind.TEAM_ENDED: ("orders", ""),
    Kind.EXPORT_READY: ("privacy", "#data"),
    Kind.SIGNED_IN_ANEW: ("account", ""),
}
"""Where a kind leads that tells of no conversation, order or thing of its own: a page, and what of it."""
_SENTENCES: Mapping[Kind, Callable[[str, int], str]] = {
    Kind.FOLLOWED: lambda who, count: ngettext("%(who)s follows you.", "%(who)s follow you.", count) % {"who": who},
    Kind.FRIEND_REQUESTED: lambda who, count: (
        ngettext("%(who)s would like to be friends.", "%(who)s would like to be your friends.", count) % {"who": who}
    ),
    Kind.FRIENDSHIP_BEGAN: lambda who, count: _("You and %(who)s are friends now.") % {"who": who},
    Kind.GIFT_RECEIVED: lambda who, count: _("You have a gift from %(who)s.") % {"who": who},
    Kind.APPRECIATED: lambda who, count: _("You were thanked by %(who)s.") % {"who": who},
    Kind.TIE_FADING: lambda who, count: _("You have not been in touch for a while: %(who)s.") % {"who": who},
    Kind.MESSAGE: lambda who, count: _("There is a message from %(who)s.") % {"who": who},
    Kind.CALLED_OUT: lambda who, count: _("You were greeted by %(who)s.") % {"who": who},
    Kind.THREAD_REPLIED: lambda who, count: _("There is an answer from %(who)s.") % {"who": who},
    Kind.GOODS_ARRIVED: _arrived,
    Kind.TEAM_FORMED: lambda who, count: _("Your team is complete; the goods will be sent."),
    Kind.TEAM_ENDED: lambda who, count: _("Your team did not fill up; your money is on its way back."),
    Kind.REFUND_RETURNED: lambda who, count: _("Your refund has arrived."),
    Kind.ORDER_SHIPPED: lambda who, count: _("Your order is on its way."),
    Kind.EXPORT_READY: lambda who, count: _("The copy of your data is ready."),
    Kind.SIGNED_IN_ANEW: lambda who, count: _("Somebody signed in to your account on a new device."),
}
