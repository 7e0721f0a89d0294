"""Rows of copies and of what people do with them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from wuyou.domains.things.models.tree import Thing, one_of
from wuyou.domains.things.types import Cause, Condition, HoldingSource, HoldingState
from wuyou.infra.sight import Sighted


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
    is_new = models.BooleanField(db_default=False)
    """It came by itself, with an order or as a gift, and its owner has not said yet whom it is open to."""

    class Meta(Sighted.Meta):
        db_table = "things_holding"
        indexes = [
            *Sighted.Meta.indexes,
            models.Index(fields=["owner", "-id"], name="holdings_of_an_owner"),
            # Whether this person has that thing, asked of many people and things at once.
            models.Index(fields=["owner", "thing"], name="holdings_of_an_owner_by_thing"),
            models.Index(fields=["thing", "-id"], name="holdings_of_a_thing"),
            models.Index(fields=["shelf", "position"], name="holdings_on_a_shelf", condition=Q(shelf__isnull=False)),
            models.Index(fields=["owner", "-id"], name="holdings_just_arrived", condition=Q(is_new=True)),
        ]
        constraints = [
            *Sighted.Meta.constraints,
            models.UniqueConstraint(fields=["owner", "import_key"], name="one_holding_an_imported_row"),
            models.CheckConstraint(condition=one_of("state", HoldingState), name="holding_state_is_known"),
            models.CheckConstraint(condition=one_of("source", HoldingSource), name="holding_source_is_known"),
            models.CheckConstraint(condition=one_of("condition", Condition), name="holding_condition_is_known"),
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
            models.CheckConstraint(condition=one_of("state", HoldingState), name="provenance_state_is_known"),
            models.CheckConstraint(condition=one_of("cause", Cause), name="provenance_cause_is_known"),
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


class Photo(models.Model):
    """A photo of a copy. Who sees the copy sees it, and nobody else."""

    holding = models.ForeignKey(Holding, on_delete=models.CASCADE, related_name="+", db_index=False)
    file = models.OneToOneField("infra.StoredFile", on_delete=models.PROTECT, related_name="+", db_column="key")
    position = models.BigIntegerField()
    """Its place among the photos of its copy; the first one stands for the copy."""
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    blurhash = models.CharField(max_length=80)
    phash = models.BigIntegerField()
    """64 bits; pictures that look alike differ in few of them."""
    bands = ArrayField(models.IntegerField())
    """The same bits in four parts, each with its place, so that an index finds what looks alike (`rules.bands_of`)."""
    added_at = models.DateTimeField()

    class Meta:
        db_table = "things_photo"
        indexes = [
            models.Index(fields=["holding", "position"], name="photos_of_a_copy"),
            GinIndex(fields=["bands"], name="photos_by_look", fastupdate=False),
        ]
