"""Who may do what with things. A person's copies and shelves are theirs alone to change."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from wuyou.domains.catalog.policies import may
from wuyou.domains.catalog.types import Permission, Shop
from wuyou.domains.things import errors, events, rules
from wuyou.domains.things.types import HoldingState
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def require_curator(actor: Actor) -> None:
    """Staff says which things are one. Raises `NotYours` for everyone else."""
    if not actor.is_staff:
        raise errors.NotYours()


def may_describe(actor: Actor, sellers: Iterable[Shop]) -> bool:
    """Parts, drawings and figures are published by a shop that sells the thing, and by staff."""
    return actor.is_staff or any(may(actor, shop, Permission.GOODS) for shop in sellers)


def moves_for_all(states: Collection[HoldingState]) -> tuple[HoldingState, ...]:
    """Where copies that stand so can all go at once; one that is there already does not hinder the others."""
    return tuple(
        to
        for to in HoldingState
        if any(state is not to for state in states)
        and all(state is to or rules.may_move(state, to) for state in states)
    )


PERSON_COLUMNS = PersonColumns(
    erased=(
        "things_holding.owner_id",
        "things_holding_label.owner_id",
        "things_provenance.other_id",
        "things_annotation.owner_id",
        "things_reply.owner_id",
        "things_review.owner_id",
        "things_shelf.owner_id",
        "things_unfound.person_id",
    ),
    erased_events={
        events.FindingChanged: ("person_id",),
        events.HoldingAdded: ("owner_id",),
        events.HoldingChanged: ("owner_id",),
        events.HoldingRemoved: ("owner_id",),
        events.HoldingsImported: ("owner_id",),
    },
)
