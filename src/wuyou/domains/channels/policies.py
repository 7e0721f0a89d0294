"""Who may do what, and what becomes of what channels hold of a person who leaves."""

from __future__ import annotations

from wuyou.domains.channels import errors
from wuyou.infra import db
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def may_edit(actor: Actor) -> bool:
    """Whether somebody defines channels and places posts: staff, and whom they made an editor. Cost: one query."""
    if actor.user_id is None:
        return False
    return actor.is_staff or bool(db.rows("SELECT FROM channels_editor WHERE person_id = %s", [actor.user_id]))


def require_editor(actor: Actor) -> int:
    """The id of the editor who acts. Raises `EditorsOnly`; the platform itself edits nothing."""
    if not may_edit(actor):
        raise errors.EditorsOnly()
    return actor.person_id


def require_staff(actor: Actor) -> int:
    """The id of the member of staff who acts. Raises `StaffOnly`."""
    if not actor.is_staff or actor.user_id is None:
        raise errors.StaffOnly()
    return actor.user_id


_WHO_EDITED = "who defined a channel or placed a post is answered for, and is shown to editors alone"

PERSON_COLUMNS = PersonColumns(
    erased=("channels_editor.person_id", "channels_judged.owner_id"),
    kept={
        "channels_channel.made_by_id": _WHO_EDITED,
        "channels_editor.appointed_by_id": _WHO_EDITED,
        "channels_hand.ended_by_id": _WHO_EDITED,
        "channels_hand.placed_by_id": _WHO_EDITED,
        "channels_rule.saved_by_id": _WHO_EDITED,
    },
)
