"""Figures of a thing and its parts. A published version never changes: a new one supersedes it.

Locks: the thing.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.things import describing, errors, queries, rules
from wuyou.domains.things.part_types import FigureDraft, FigureValue
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor


@db.requires_transaction
def add_figure(*, actor: Actor, thing_id: int, draft: FigureDraft, now: datetime) -> int:
    """Publish the first version of a figure of a thing that the actor may describe; returns its id. Locks: the thing.

    Raises: `ThingNotFound`, `NotTheMaker`, `TreeMalformed`, `TextMalformed`, `FigureMalformed`, `PartNotFound`,
    `FigureTaken`, `TooMany`.
    """
    said = rules.check_value(draft.said)
    quantity = rules.clean_line(draft.quantity, "quantity", rules.MAX_QUANTITY)
    quantity_en = rules.clean_line(draft.quantity_en, "quantity_en", rules.MAX_QUANTITY, may_be_empty=True)
    condition = rules.clean_line(draft.condition, "condition", rules.MAX_CONDITION, may_be_empty=True)
    condition_en = rules.clean_line(draft.condition_en, "condition_en", rules.MAX_CONDITION, may_be_empty=True)
    thing_id = describing.lock_described(actor, thing_id)
    if draft.part_id is not None:
        part = queries.get_part_for(sight.get_viewer(actor.user_id), draft.part_id)
        if part.is_retired or part.thing_id != thing_id:
            raise errors.PartNotFound()
    describing.check_room("things_figure", thing_id, rules.MAX_FIGURES)
    made = db.row(
        """
        INSERT INTO things_figure (thing_id, part_id, kind, quantity, quantity_en, condition, condition_en, value, unit,
                                   source, licence, version, published_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, %s)
        ON CONFLICT (thing_id, part_id, kind, quantity, condition) WHERE supersedes_id IS NULL DO NOTHING RETURNING id
        """,
        [thing_id, draft.part_id, draft.kind.value, quantity, quantity_en, condition, condition_en, said.value,
         said.unit, said.source, said.licence.value, now],
    )  # fmt: skip
    if made is None:
        raise errors.FigureTaken(quantity=quantity)
    return int(made[0])


@db.requires_transaction
def renew_figure(*, actor: Actor, figure_id: int, said: FigureValue, now: datetime) -> int:
    """Publish a new version of a figure, which supersedes this one; returns its id.

    Of two who renew the same version at once, one is refused. Locks: the thing, shared.
    Raises: `FigureNotFound`, `NotTheMaker`, `VersionSuperseded`, `TextMalformed`, `FigureMalformed`, `TooMany`.
    """
    said = rules.check_value(said)
    figure = queries.get_figure_for(sight.get_viewer(actor.user_id), figure_id)
    describing.check_room("things_figure", describing.keep_described(actor, figure.thing_id), rules.MAX_FIGURES)
    made = db.row(
        """
        INSERT INTO things_figure (thing_id, part_id, kind, quantity, quantity_en, condition, condition_en, value, unit,
                                   source, licence, version, supersedes_id, published_at)
        SELECT thing_id, part_id, kind, quantity, quantity_en, condition, condition_en, %s, %s, %s, %s, version + 1, id,
               %s
        FROM things_figure WHERE id = %s ON CONFLICT (supersedes_id) DO NOTHING RETURNING id
        """,
        [said.value, said.unit, said.source, said.licence.value, now, figure_id],
    )
    if made is None:
        raise errors.VersionSuperseded()
    return int(made[0])
