"""Who may do what in the alliance."""

from __future__ import annotations

from collections.abc import Collection

from wuyou.domains.alliance import errors
from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def may_set_plan(actor: Actor, shop_id: int) -> bool:
    """The shop's owner and staff. Raises catalog's `ShopNotFound`."""
    return catalog_policies.may(actor, catalog.get_shop(shop_id), Permission.MARKETING)


def require_plan_setter(actor: Actor, shop_id: int) -> None:
    """Raises catalog's `ShopNotFound`, also for everyone who may not set plans there."""
    catalog_policies.require(actor, catalog.get_shop(shop_id), Permission.MARKETING)


def require_staff(actor: Actor) -> None:
    """The operator's staff, or the platform itself. Raises `StaffOnly`."""
    if actor.user_id is not None and not actor.is_staff:
        raise errors.StaffOnly()


def require_no_side(actor: Actor, people: Collection[int]) -> None:
    """Nobody decides of a sale of their own. Raises `SecondPersonNeeded`."""
    if actor.person_id in people:
        raise errors.SecondPersonNeeded()


def may_host(actor: Actor, recruiter_user_id: int | None) -> bool:
    """The recruiter of an activity; staff for the platform's own, which has no recruiter."""
    if actor.user_id is None or recruiter_user_id is None:
        return actor.user_id is None or actor.is_staff
    return recruiter_user_id == actor.user_id


def may_publish_as(actor: Actor, user_id: int) -> bool:
    """Only oneself: no person, staff included, makes another a publisher. The platform acts for its own flows."""
    return actor.user_id in (None, user_id)


def require_oneself(actor: Actor, user_id: int) -> None:
    """Raises `NotYourself`."""
    if not may_publish_as(actor, user_id):
        raise errors.NotYourself()


PERSON_COLUMNS = PersonColumns(
    erased=("alliance_click.user_id", "alliance_selection.owner_id", "alliance_slot.keyword_ids"),
    kept={
        "alliance_activity.keyword_ids": "for what goods were called, by the site's own words: nobody is named",
        "alliance_publisher.user_id": "to whom commissions were booked, under a pseudonym; names of places are gone",
        "alliance_conversion.buyer_id": "the sale that a commission stands on, under a pseudonym",
        "alliance_hold.decided_by_id": "which member of staff held or let go of a commission, under a pseudonym",
        "alliance_hold.answered_by_id": "which member of staff answered an appeal, under a pseudonym",
    },
)
