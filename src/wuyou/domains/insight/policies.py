"""Who sees what, and what becomes of figures about a person who leaves."""

from __future__ import annotations

from wuyou.domains.insight import rules
from wuyou.domains.insight.types import Figures, Table
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor

LEAST_PEOPLE = rules.LEAST_PEOPLE
step_down, cells_shown, classes_shown = rules.step_down, rules.cells_shown, rules.classes_shown
cells_shown_of = rules.cells_shown_of


def shown_to(actor: Actor, table: Table) -> Table | None:
    """What of an answer somebody sees: staff all of it, others nothing of few people. None: nothing at all."""
    return table if actor.is_staff else rules.shown_to_anybody(table)


def figures_shown_to(actor: Actor, figures: Figures) -> Figures:
    """The same for one day of an object. Nothing and a little look alike to others."""
    if actor.is_staff or (figures.people or 0) >= LEAST_PEOPLE:
        return figures
    return Figures(figures.day, None, None, None, None, None, None)


PERSON_COLUMNS = PersonColumns(erased=("insight_daily_figure.object_id",))
"""The object is a person where its kind says so."""
