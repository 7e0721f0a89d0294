"""Who may do what with things. A person's copies and shelves are theirs alone to change."""

from __future__ import annotations

from wuyou.domains.things import errors, events
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def require_curator(actor: Actor) -> None:
    """Staff says which things are one. Raises `NotYours` for everyone else."""
    if not actor.is_staff:
        raise errors.NotYours()


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
    },
)
