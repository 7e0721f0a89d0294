"""What happened, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wuyou.domains.identity.types import Person
from wuyou.domains.moderation.types import Outcome
from wuyou.domains.notifications.types import Group, Kind
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import AppreciatedKind
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.accounts.texts import NOTED
from wuyou.surfaces.ui.names import name_of


@dataclass(frozen=True, slots=True)
class Told:
    """One group of notifications on the page."""

    text: str
    href: str
    is_read: bool
    happened_at: datetime


def people_in(viewer: Viewer, groups: Iterable[Group]) -> dict[int, Person]:
    """Who did what is told, by the face that they show to this reader. Cost: one query."""
    faces = social.faces_by_person(viewer, {actor for group in groups for actor in group.actor_ids})
    return {person_id: face.person for person_id, face in faces.items()}


def tell(group: Group, people: Mapping[int, Person]) -> Told:
    """A group as the page tells it."""
    names = [name_of(people[actor]) for actor in group.actor_ids if actor in people]
    return Told(
        sentence(group, _who(names)),
        _href(group),
        group.is_read,
        group.newest.happened_at,
    )


def sentence(group: Group, who: str) -> str:
    """What happened, said to the one whom it concerns."""
    changed = NOTED.get(str(group.newest.facts.get("what"))) if group.kind is Kind.WAYS_IN_CHANGED else None
    if group.kind is Kind.CASE_DECIDED:
        return _decided(group)
    if group.kind is Kind.PARCEL_SENT:
        return _sent_in_part(group)
    return f"{changed}." if changed else _SENTENCES[group.kind](who, len(group.notifications))


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
    place = _OWN_PLACES.get(group.kind)
    if place is not None and (href := place(group)):
        return href
    order_no = group.newest.facts.get("order_no")
    if isinstance(order_no, str):
        return reverse("storefront:order", args=[order_no])
    page, part = _PLACES[group.kind]
    return f"{reverse(f'storefront:{page}')}{part}"


def _conversation(group: Group) -> str:
    conversation = group.newest.facts.get("conversation")
    return reverse("storefront:conversation", args=[conversation]) if conversation else ""


def _thread(group: Group) -> str:
    thing_id = group.newest.facts.get("thing")
    return f"{reverse('storefront:thing', args=[thing_id])}#threads" if thing_id else ""


def _gift(group: Group) -> str:
    return reverse("storefront:gift", args=[group.newest.object_id]) if group.newest.object_id else ""


def _copies(group: Group) -> str:
    """One that arrived has a page; several lie together above one's shelves."""
    only = group.newest.object_id if len(group.notifications) == 1 else None
    return reverse("storefront:copy", args=[only]) if only else ""


def _thanked(group: Group) -> str:
    """What somebody was thanked for: a gift, or words of theirs at a thing."""
    facts = group.newest.facts
    what, source, thing_id = str(facts.get("what")), facts.get("source"), facts.get("thing")
    if what == AppreciatedKind.GIFT:
        return reverse("storefront:gift", args=[source])
    if what == AppreciatedKind.POST:
        return reverse("storefront:post", args=[source])
    return f"{reverse('storefront:thing', args=[thing_id])}#{what.lower()}-{source}" if thing_id else ""


def _complaint(group: Group) -> str:
    return reverse("storefront:complaint", args=[group.newest.object_id]) if group.newest.object_id else ""


def _claim(group: Group) -> str:
    return reverse("storefront:claim", args=[group.newest.object_id]) if group.newest.object_id else ""


def _hold(group: Group) -> str:
    return reverse("studio:hold", args=[group.newest.object_id]) if group.newest.object_id else ""


def _honour(group: Group) -> str:
    return reverse("studio:awards")


def _taken_back(group: Group) -> str:
    return reverse("studio:reversals")


def _collaboration(group: Group) -> str:
    shop, collaboration = (group.newest.facts.get(name) for name in ("shop", "collaboration"))
    return reverse("seller:collaboration", args=[shop, collaboration]) if shop else reverse("studio:collaborations")


def _enrolment(group: Group) -> str:
    return reverse("seller:activities", args=[group.newest.facts.get("shop")])


def _library(group: Group) -> str:
    return reverse("studio:library")


def _goods_for_me(group: Group) -> str:
    return f"{_library(group)}?origin=MINE"


def _invitations(group: Group) -> str:
    return reverse("seller:invitations")


def _parcel(group: Group) -> str:
    order = reverse("storefront:order", args=[group.newest.facts.get("order_no")])
    return f"{order}#parcel-{group.newest.object_id}"


def _sent_in_part(group: Group) -> str:
    """How much of an order is on its way; the page that it leads to shows what."""
    sent, left = (int(group.newest.facts.get(name, 0)) for name in ("sent", "left"))
    text = ngettext(
        "%(n)s piece of your order is on its way, and %(left)s still to be sent.",
        "%(n)s pieces of your order are on their way, and %(left)s still to be sent.",
        sent,
    )
    return text % {"n": sent, "left": left}


def _team_words(group: Group) -> str:
    token = group.newest.facts.get("team")
    return reverse("storefront:team-words", args=[token]) if token else ""


def _post(group: Group) -> str:
    post_id = group.newest.facts.get("post")
    return reverse("storefront:post", args=[post_id]) if post_id else ""


def _comment(group: Group) -> str:
    post = _post(group)
    return f"{post}#comment-{group.newest.object_id}" if post else ""


def _arrived(who: str, count: int) -> str:
    text = ngettext(
        "%(n)s thing that you bought is on your shelf.", "%(n)s things that you bought are on your shelf.", count
    )
    return text % {"n": count}


def _decision(group: Group) -> str:
    return reverse("storefront:decision", args=[group.newest.object_id]) if group.newest.object_id else ""


def _decided(group: Group) -> str:
    """What became of something of one's own; the page of the decision says why."""
    outcome = group.newest.facts.get("outcome")
    known = next((each for each in Outcome if each.value == outcome), None)
    return DECIDED[known]() if known else _SENTENCES[Kind.CASE_DECIDED]("", 1)


DECIDED: Mapping[Outcome, Callable[[], str]] = {
    Outcome.KEEP: lambda: _("We looked at what you published, and it stays."),
    Outcome.WARN: lambda: _("You have a warning about what you published. It stays."),
    Outcome.WITHHOLD: lambda: _("What you published is withheld: only you see it. You can appeal."),
    Outcome.REMOVE: lambda: _("What you published will be removed. You can appeal."),
}
_OWN_PLACES: Mapping[Kind, Callable[[Group], str]] = {
    Kind.MESSAGE: _conversation,
    Kind.CALLED_OUT: _conversation,
    Kind.THREAD_REPLIED: _thread,
    Kind.POST_COMMENTED: _comment,
    Kind.COMMENT_ANSWERED: _comment,
    Kind.POST_REACTED: _post,
    Kind.POST_REPOSTED: _post,
    Kind.GIFT_OFFERED: _gift,
    Kind.GIFT_ACCEPTED: _gift,
    Kind.GIFT_RECEIVED: _gift,
    Kind.APPRECIATED: _thanked,
    Kind.GOODS_ARRIVED: _copies,
    Kind.EXPERIENCE_ASKED: _team_words,
    Kind.CASE_DECIDED: _decision,
    Kind.APPEAL_ANSWERED: _decision,
    Kind.COMPLAINT_MADE: _complaint,
    Kind.COMPLAINT_MOVED: _complaint,
    Kind.CLAIM_MADE: _claim,
    Kind.CLAIM_MOVED: _claim,
    Kind.PLAN_APPLIED: _collaboration,
    Kind.PLAN_ANSWERED: _collaboration,
    Kind.PLAN_ENDED: _collaboration,
    Kind.PARCEL_SENT: _parcel,
    Kind.CLERK_INVITED: _invitations,
    Kind.PLAN_INVITED: _collaboration,
    Kind.ENROLMENT_DECIDED: _enrolment,
    Kind.ACTIVITY_FOR_ONE: _goods_for_me,
    Kind.RATE_CUT: _library,
    Kind.COMMISSION_HELD: _hold,
    Kind.COMMISSION_REVERSED: _taken_back,
    Kind.COMMISSION_DECIDED: _hold,
    Kind.COMMISSION_ANSWERED: _hold,
    Kind.AWARD_GIVEN: _honour,
    Kind.AWARD_WITHDRAWN: _honour,
}
"""What leads to the very thing that it tells of."""
_PLACES: Mapping[Kind, tuple[str, str]] = {
    Kind.MESSAGE: ("talk", ""),
    Kind.CALLED_OUT: ("talk", ""),
    Kind.THREAD_REPLIED: ("my-things", ""),
    Kind.POST_COMMENTED: ("me", ""),
    Kind.COMMENT_ANSWERED: ("me", ""),
    Kind.POST_REACTED: ("me", ""),
    Kind.POST_REPOSTED: ("me", ""),
    Kind.GIFT_OFFERED: ("gifts", ""),
    Kind.GIFT_ACCEPTED: ("gifts", "?view=given"),
    Kind.APPRECIATED: ("me", ""),
    Kind.REFUND_RETURNED: ("orders", ""),
    Kind.ORDER_SHIPPED: ("orders", ""),
    Kind.PARCEL_SENT: ("orders", ""),
    Kind.FOLLOWED: ("friends", "?view=followers"),
    Kind.FRIEND_REQUESTED: ("friends", ""),
    Kind.FRIENDSHIP_BEGAN: ("friends", ""),
    Kind.TIE_FADING: ("friends", ""),
    Kind.GIFT_RECEIVED: ("gifts", ""),
    Kind.GOODS_ARRIVED: ("my-things", "#arrivals"),
    Kind.TEAM_FORMED: ("orders", ""),
    Kind.TEAM_ENDED: ("orders", ""),
    Kind.EXPERIENCE_ASKED: ("orders", ""),
    Kind.COMPLAINT_MADE: ("complaints", ""),
    Kind.COMPLAINT_MOVED: ("complaints", ""),
    Kind.CLAIM_MADE: ("claims", ""),
    Kind.CLAIM_MOVED: ("claims", ""),
    Kind.EXPORT_READY: ("privacy", "#data"),
    Kind.SIGNED_IN_ANEW: ("account", ""),
    Kind.WAYS_IN_CHANGED: ("account", ""),
    Kind.CASE_DECIDED: ("decisions", ""),
    Kind.APPEAL_ANSWERED: ("decisions", ""),
    Kind.REPORT_ANSWERED: ("reports", ""),
    Kind.CLERK_INVITED: ("me", ""),
    Kind.PLAN_INVITED: ("earnings", ""),
    Kind.PLAN_APPLIED: ("earnings", ""),
    Kind.PLAN_ANSWERED: ("earnings", ""),
    Kind.PLAN_ENDED: ("earnings", ""),
    Kind.ENROLMENT_DECIDED: ("earnings", ""),
    Kind.ACTIVITY_FOR_ONE: ("earnings", ""),
    Kind.RATE_CUT: ("earnings", ""),
    Kind.PAYOUT_PAID: ("statements", ""),
    Kind.PAYOUT_FAILED: ("statements", ""),
    Kind.COMMISSION_HELD: ("earnings", ""),
    Kind.COMMISSION_REVERSED: ("earnings", ""),
    Kind.COMMISSION_DECIDED: ("earnings", ""),
    Kind.COMMISSION_ANSWERED: ("earnings", ""),
    Kind.AWARD_GIVEN: ("awards", ""),
    Kind.AWARD_WITHDRAWN: ("awards", ""),
}
"""Where a kind leads that tells of nothing with an address of its own: a page, and what of it."""
_SENTENCES: Mapping[Kind, Callable[[str, int], str]] = {
    Kind.FOLLOWED: lambda who, count: ngettext("%(who)s follows you.", "%(who)s follow you.", count) % {"who": who},
    Kind.FRIEND_REQUESTED: lambda who, count: (
        ngettext("%(who)s would like to be friends.", "%(who)s would like to be your friends.", count) % {"who": who}
    ),
    Kind.FRIENDSHIP_BEGAN: lambda who, count: _("You and %(who)s are friends now.") % {"who": who},
    Kind.GIFT_OFFERED: lambda who, count: _("A gift is offered to you by %(who)s.") % {"who": who},
    Kind.GIFT_ACCEPTED: lambda who, count: _("Your gift is welcome: %(who)s will gladly have it.") % {"who": who},
    Kind.GIFT_RECEIVED: lambda who, count: _("You have a gift from %(who)s.") % {"who": who},
    Kind.APPRECIATED: lambda who, count: _("You were thanked by %(who)s.") % {"who": who},
    Kind.TIE_FADING: lambda who, count: _("You have not been in touch for a while: %(who)s.") % {"who": who},
    Kind.MESSAGE: lambda who, count: _("There is a message from %(who)s.") % {"who": who},
    Kind.CALLED_OUT: lambda who, count: _("You were greeted by %(who)s.") % {"who": who},
    Kind.THREAD_REPLIED: lambda who, count: _("There is an answer from %(who)s.") % {"who": who},
    Kind.POST_COMMENTED: lambda who, count: _("There is a comment from %(who)s on your post.") % {"who": who},
    Kind.COMMENT_ANSWERED: lambda who, count: _("Your comment has an answer from %(who)s.") % {"who": who},
    Kind.POST_REACTED: lambda who, count: _("Your post has a reaction from %(who)s.") % {"who": who},
    Kind.POST_REPOSTED: lambda who, count: _("Your post was passed on by %(who)s.") % {"who": who},
    Kind.GOODS_ARRIVED: _arrived,
    Kind.TEAM_FORMED: lambda who, count: _("Your team is complete; the goods will be sent."),
    Kind.EXPERIENCE_ASKED: lambda who, count: _("It has arrived: tell your team what it is like."),
    Kind.TEAM_ENDED: lambda who, count: _("Your team did not fill up; your money is on its way back."),
    Kind.REFUND_RETURNED: lambda who, count: _("Your refund has arrived."),
    Kind.ORDER_SHIPPED: lambda who, count: _("Your order is on its way."),
    Kind.PARCEL_SENT: lambda who, count: _("A part of your order is on its way."),
    Kind.COMPLAINT_MADE: lambda who, count: _("A buyer has complained; please answer within 48 hours."),
    Kind.COMPLAINT_MOVED: lambda who, count: _("There is news in a complaint."),
    Kind.CLAIM_MADE: lambda who, count: _("A buyer asks for money back; who says nothing for 48 hours has agreed."),
    Kind.CLAIM_MOVED: lambda who, count: _("There is news about a refund or return."),
    Kind.EXPORT_READY: lambda who, count: _("The copy of your data is ready."),
    Kind.SIGNED_IN_ANEW: lambda who, count: _("Somebody signed in to your account on a new device."),
    Kind.WAYS_IN_CHANGED: lambda who, count: _("What you sign in with was changed."),
    Kind.CASE_DECIDED: lambda who, count: _("We have decided about something that you published."),
    Kind.APPEAL_ANSWERED: lambda who, count: _("Your appeal is answered."),
    Kind.REPORT_ANSWERED: lambda who, count: _("We looked at what you reported. Thank you."),
    Kind.CLERK_INVITED: lambda who, count: _("You are asked to work in a shop by %(who)s.") % {"who": who},
    Kind.PLAN_INVITED: lambda who, count: _("A shop invites you to promote it by a plan of its own."),
    Kind.PLAN_APPLIED: lambda who, count: _("A publisher would like to join a plan of your shop."),
    Kind.PLAN_ANSWERED: lambda who, count: _("Your invitation or application to a plan is answered."),
    Kind.PLAN_ENDED: lambda who, count: _("Somebody has left a plan, or ends it."),
    Kind.ENROLMENT_DECIDED: lambda who, count: _("It is decided whether your goods join the activity."),
    Kind.ACTIVITY_FOR_ONE: lambda who, count: _("Goods for you alone are called for by %(who)s.") % {"who": who},
    Kind.RATE_CUT: lambda who, count: _("A shop that you promote lowers a rate; you keep yours for 30 days."),
    Kind.PAYOUT_PAID: lambda who, count: _("You were paid what a closed month owed you."),
    Kind.PAYOUT_FAILED: lambda who, count: _("A payout failed; the money is back on your balance."),
    Kind.COMMISSION_HELD: lambda who, count: _("A commission of yours waits: we look at the sale first."),
    Kind.COMMISSION_REVERSED: lambda who, count: _("A refund took a commission of yours back."),
    Kind.COMMISSION_DECIDED: lambda who, count: _("We have decided about a commission that waited."),
    Kind.COMMISSION_ANSWERED: lambda who, count: _("Your appeal about a commission is answered."),
    Kind.AWARD_GIVEN: lambda who, count: _("You have won an award. You decide whether others see it."),
    Kind.AWARD_WITHDRAWN: lambda who, count: _("An award of yours was withdrawn; we say why."),
}
