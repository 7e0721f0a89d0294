"""Who may do what with things. A person's copies and shelves are theirs alone to change."""

from __future__ import annotations

from wuyou.domains.things import errors
from wuyou.kernel.actor import Actor


def require_curator(actor: Actor) -> None:
    """Staff says which things are one. Raises `NotYours` for everyone else."""
    if not actor.is_staff:
        raise errors.NotYours()
