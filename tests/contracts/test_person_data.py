"""Every place where a person can stand is known: a new table, column or event that forgets them fails here."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

import wuyou.domains
from wuyou.infra import person_data
from wuyou.infra.person_data import PersonColumns

DECLARED: list[PersonColumns] = [source.columns for source in person_data.sources()]
ERASED = {column for columns in DECLARED for column in columns.erased}
KEPT = {column: why for columns in DECLARED for column, why in columns.kept.items()}

NUMBERS_OF_OTHER_KINDS = {
    "channels_hand.post_id": "a post, which may be gone",
    "channels_judged.post_id": "a post; its author stands beside it",
    "channels_placement.post_id": "a post, which may be gone",
    "messaging_change.conversation_id": "a conversation",
    "messaging_change.message_id": "a message",
    "messaging_thing.holding_id": "a copy, which may be gone",
    "moderation_hit.subject_id": "something written or sold",
    "notifications_notification.object_id": "what it is about: a person is its actor as well",
    "promotions_promotion.publisher_id": "a publisher of the alliance, where their row loses its name",
    "social_appreciation.source_id": "a gift, or something written",
    "social_appreciation.subject_id": "a thing or a brand",
    "social_gift.copy_id": "a copy of a thing",
    "social_gift.subject_id": "a thing or a brand",
    "social_subject_block.subject_id": "a thing or a brand",
    "things_arrival.order_line_id": "a line of an order",
}
"""Columns that look like the id of somebody and are not."""

NOT_PEOPLE = frozenset(
    {
        "activity",
        "appreciation",
        "campaign",
        "collaboration",
        "comment",
        "conversation",
        "conversion",
        "enrolment",
        "export",
        "gift",
        "hold",
        "holding",
        "into",
        "line",
        "link",
        "order",
        "origin",
        "participant",
        "post",
        "product",
        "publisher",
        "request",
        "shop",
        "source",
        "subject",
        "team",
        "thing",
    }
)
"""What else events name by id. Anything that stands not here is a person until somebody says otherwise."""


def columns_of_people() -> Iterator[str]:
    """Columns that point at a person, or may: whole numbers called an id that point at no other table."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            name = f"{model._meta.db_table}.{field.column}"
            if field.related_model is not None:
                if field.related_model._meta.label == settings.AUTH_USER_MODEL:
                    yield name
            elif isinstance(field, ArrayField):
                if field.column.endswith("_ids"):
                    yield name
            elif isinstance(field, models.IntegerField) and field.column.endswith("_id"):
                yield name


def kinds_of_events() -> Iterator[type[person_data.DomainEvent]]:
    for domain in pkgutil.iter_modules(wuyou.domains.__path__):
        if importlib.util.find_spec(f"wuyou.domains.{domain.name}.events"):
            module = importlib.import_module(f"wuyou.domains.{domain.name}.events")
            yield from (kind for kind in vars(module).values() if getattr(kind, "__module__", "") == module.__name__)


def people_in(kind: type[person_data.DomainEvent]) -> set[str]:
    stems = {name: re.sub(r"_ids?$", "", name) for name in kind.__dataclass_fields__ if re.search(r"_ids?$", name)}
    return {name for name, stem in stems.items() if stem not in NOT_PEOPLE}


@pytest.mark.parametrize("column", sorted(set(columns_of_people()) - NUMBERS_OF_OTHER_KINDS.keys()))
def test_what_becomes_of_every_column_of_people_is_said(column: str) -> None:
    assert (column in ERASED) != (column in KEPT), f"{column}: erased, or kept and why? See infra/person_data.py."


def test_what_is_said_is_of_columns_that_are_there() -> None:
    there = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
    }
    assert sorted((ERASED | KEPT.keys() | NUMBERS_OF_OTHER_KINDS.keys()) - there) == []
    assert [column for column, why in KEPT.items() if len(why) < 20] == []


@pytest.mark.parametrize("kind", sorted(kinds_of_events(), key=lambda kind: kind.name), ids=lambda kind: kind.name)
def test_what_becomes_of_every_event_about_people_is_said(kind: type[person_data.DomainEvent]) -> None:
    erased = [set(columns.erased_events[kind]) for columns in DECLARED if kind in columns.erased_events]
    kept = [kind for columns in DECLARED if kind in columns.kept_events]
    if people_in(kind):
        assert len(erased) + len(kept) == 1
        assert erased in ([], [people_in(kind)])
    else:
        assert not erased
        assert not kept


def test_domains_stand_in_the_order_of_the_ladder() -> None:
    # Whoever points at a row goes before it: a lower domain never comes earlier than one that may call it.
    rungs = ["groupbuy", "alliance", "orders", "messaging", "payments", "things", "catalog", "social", "notifications"]
    rungs += ["ledger", "identity"]
    places = [rungs.index(source.domain) for source in person_data.sources() if source.domain in rungs]
    assert places == sorted(places)
