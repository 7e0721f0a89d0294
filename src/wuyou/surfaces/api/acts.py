"""Who did what in a shop, when they did it by a program."""

from __future__ import annotations

from wuyou.domains.catalog import operations
from wuyou.surfaces.api.entry import Call


def note(call: Call, shop_id: int, what: str, about: object = "") -> None:
    """Write it down in the transaction that does it.

    Args: what: the page of the workbench on which the same is done.
    """
    operations.note_act(actor=call.actor, shop_id=shop_id, what=what, about=str(about), now=call.now)
