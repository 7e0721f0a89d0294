"""Who may do what with awards."""

from __future__ import annotations

from wuyou.domains.awards import errors
from wuyou.domains.awards.rules import told_least
from wuyou.domains.awards.types import Award
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def require_staff(actor: Actor) -> None:
    """The operator's staff, or the platform itself. Raises `StaffOnly`."""
    if actor.user_id is not None and not actor.is_staff:
        raise errors.StaffOnly()


def least_shown(award: Award) -> int:
    """What everybody may know of what an award asks at least; 0 where nothing is said of it."""
    return told_least(award)


PERSON_COLUMNS = PersonColumns(
    erased=("awards_honour.reason",),
    kept={
        "awards_candidate.person_id": "by what a round was decided, under a pseudonym: numbers alone",
        "awards_honour.ended_by_id": "which member of staff withdrew it, or who declined it, under a pseudonym",
    },
)
