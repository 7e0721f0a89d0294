"""Rows of things."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from wuyou.domains.things.types import Cause, Condition, HoldingSource, HoldingState, ThingKind
from wuyou.infra.sight import Sighted


def _one_of(field: str, values: type) -> Q:
    return Q(**{f"{field}__in": [member.value for member in values]})  # type: ignore[attr-defined]


class Thing(models.Model):
    """A thing. One that was merged into another keeps its row, its code and its link, and redirects in one step."""

    kind = models.CharField(max_length=7)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    brand = models.CharField(max_length=200, blank=True)
    product = models.OneToOneField("catalog.Product", on_delete=models.PROTECT, null=True, related_name="+")
    variant = models.OneToOneField("catalog.Variant", on_delete=models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=60, null=True, unique=True)  # noqa: DJ001  (null: known by no code)
    """What an import knows it by: `isbn:…`, `name:…`."""
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        db_table = "things_thing"
        constraints = [
            models.CheckConstraint(condition=_one_of("kind", ThingKind), name="thing_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="FAMILY", parent__isnull=True)
                | Q(kind="MODEL")
                | Q(kind="VARIANT", parent__isnull=False),
                name="thing_has_its_place_in_the_tree",
            ),
            models.CheckConstraint(
                condition=(Q(product__isnull=True) | Q(kind="MODEL")) & (Q(variant__isnull=True) | Q(kind="VARIANT")),
                name="thing_is_linked_at_its_level",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="thing_is_not_merged_into_itself"
            ),
        ]


class Shelf(models.Model):
    """Copies that somebody put together, under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    position = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "things_shelf"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_shelf_a_name")]


class Holding(Sighted):
    """One person's copy of a thing. Whom it is open to stands in its columns of sight."""

    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=5)
    source = models.CharField(max_length=6)
    condition = models.CharField(max_length=6, blank=True)
    since_on = models.DateField(null=True)
    story = models.TextField(blank=True)
    rating = models.PositiveSmallIntegerField(null=True)
    fields = models.JSONField()
    shelf = models.ForeignKey(Shelf, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    position = models.BigIntegerField()
    import_key = models.CharField(max_length=60, null=True)  # noqa: DJ001  (null: not imported)
    """The code that its row of an import was known by, so that a second import finds it."""
    arrived_at = models.DateTimeField()

    class Meta(Sighted.Meta):
        db_table = "things_holding"
        indexes = [
            *Sighted.Meta.indexes,
            models.Index(fields=["owner", "-id"], name="holdings_of_an_owner"),
            # Whether this person has that thing, asked of many people and things at once.
            models.Index(fields=["owner", "thing"], name="holdings_of_an_owner_by_thing"),
            models.Index(fields=["thing", "-id"], name="holdings_of_a_thing"),
            models.Index(fields=["shelf", "position"], name="holdings_on_a_shelf", condition=Q(shelf__isnull=False)),
        ]
        constraints = [
            *Sighted.Meta.constraints,
            models.UniqueConstraint(fields=["owner", "import_key"], name="one_holding_an_imported_row"),
            models.CheckConstraint(condition=_one_of("state", HoldingState), name="holding_state_is_known"),
            models.CheckConstraint(condition=_one_of("source", HoldingSource), name="holding_source_is_known"),
            models.CheckConstraint(condition=_one_of("condition", Condition), name="holding_condition_is_known"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5), name="holding_rating_is_1_to_5"
            ),
        ]


class Unfound(models.Model):
    """Somebody who is not to be found by what they have, whatever of it is open."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    since = models.DateTimeField()

    class Meta:
        db_table = "things_unfound"


class Provenance(models.Model):
    """One line of a copy's history."""

    holding = models.ForeignKey(Holding, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=5)
    cause = models.CharField(max_length=8)
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    happened_at = models.DateTimeField()

    class Meta:
        db_table = "things_provenance"
        constraints = [
            models.CheckConstraint(condition=_one_of("state", HoldingState), name="provenance_state_is_known"),
            models.CheckConstraint(condition=_one_of("cause", Cause), name="provenance_cause_is_known"),
        ]


class HoldingLabel(models.Model):
    """A word that an owner put on a copy."""

    holding = models.ForeignKey(Holding, on_delete=models.CASCADE, related_name="+", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=30)

    class Meta:
        db_table = "things_holding_label"
        constraints = [models.UniqueConstraint(fields=["holding", "name"], name="one_label_a_copy_and_name")]
        indexes = [models.Index(fields=["owner", "name", "-holding"], name="holdings_under_a_label")]


class Arrival(models.Model):
    """An order line whose goods have come; it stays when the copy is taken off the record, so that none comes twice."""

    order_line_id = models.BigIntegerField(primary_key=True)
    """Of a higher domain, hence a number and not a key."""
    holding = models.ForeignKey(Holding, on_delete=models.SET_NULL, null=True, related_name="+")
    arrived_at = models.DateTimeField()

    class Meta:
        db_table = "things_arrival"
