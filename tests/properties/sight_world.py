"""A world of relations in plain sets, the oracle over it, and a table whose rows are seen by rules.

The oracle is written from the text of the rule (docs/adr/0011), not from the code: it knows no tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, models

from wuyou.infra.sight import Sighted
from wuyou.kernel.sight import Audience, AudienceRule, Subject


class Piece(Sighted):
    """The smallest thing that can be seen: it has an owner and a rule, and nothing else."""

    class Meta(Sighted.Meta):
        app_label = "sight_world"
        db_table = "test_piece"


class Remark(models.Model):
    """What hangs on a piece, and is seen through it."""

    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "sight_world"
        db_table = "test_remark"


@contextmanager
def table_of_pieces() -> Iterator[None]:
    """The tables are there for as long as the block."""
    with connection.schema_editor() as editor:
        editor.create_model(Piece)
        editor.create_model(Remark)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Remark)
            editor.delete_model(Piece)


@dataclass
class World:
    """What is true, as sets of pairs."""

    follows: set[tuple[int, int]] = field(default_factory=set)
    friends: set[frozenset[int]] = field(default_factory=set)
    blocks: set[frozenset[int]] = field(default_factory=set)
    labelled: set[tuple[int, int]] = field(default_factory=set)
    """Label and person."""
    retired: set[int] = field(default_factory=set)
    holds: set[tuple[int, int]] = field(default_factory=set)
    """Person and thing."""
    circles: set[tuple[int, int]] = field(default_factory=set)
    """Person and circle."""
    averse: set[tuple[int, Subject]] = field(default_factory=set)
    """Person and what they want to see nothing about."""


def oracle(world: World, owner: int, rule: AudienceRule, about: frozenset[Subject], viewer: int | None) -> bool:
    """Whether this viewer may see that object."""

    def names(audience: Audience, labels: frozenset[int]) -> bool:
        return audience.everyone or (
            viewer is not None
            and (
                (audience.followers and (viewer, owner) in world.follows)
                or (audience.friends and frozenset((viewer, owner)) in world.friends)
                or viewer in audience.persons
                or any((label, viewer) in world.labelled for label in labels)
                or any((viewer, thing) in world.holds for thing in audience.holders)
                or any((viewer, circle) in world.circles for circle in audience.circles)
            )
        )

    if viewer == owner:
        return True
    if frozenset((viewer, owner)) in world.blocks or any((viewer, subject) in world.averse for subject in about):
        return False
    return names(rule.to, rule.to.labels - world.retired) and not names(rule.minus, rule.minus.labels)
