"""Rows of the parts of things. They name nobody: they are facts of a thing, and seen by whoever may know of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from wuyou.domains.things.models.tree import Thing, one_of
from wuyou.domains.things.part_types import FigureKind, Licence
from wuyou.domains.things.types import WHOLE


class NumericField(models.Field):  # type: ignore[type-arg]
    """An exact number that keeps the digits it was written with: 5.50 is no 5.5."""

    def db_type(self, connection: object) -> str:
        return "numeric"


class Part(models.Model):
    """A part of a model or a family. One that is retired stays for what was said of it."""

    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, related_name="+", db_index=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    number = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    quantity = models.PositiveIntegerField()
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "things_part"
        indexes = [models.Index(fields=["thing"], name="parts_of_a_thing")]
        constraints = [
            models.UniqueConstraint(
                fields=["thing", "number"], condition=Q(retired_at__isnull=True), name="one_part_a_thing_and_number"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="part_is_there_at_least_once"),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="part_is_not_in_itself"),
        ]


class Drawing(models.Model):
    """A version of a drawing. A later one supersedes it, and only one can."""

    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, related_name="+", db_index=False)
    file = models.OneToOneField("infra.StoredFile", on_delete=models.PROTECT, related_name="+", db_column="key")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    blurhash = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        db_table = "things_drawing"
        indexes = [models.Index(fields=["thing"], name="drawings_of_a_thing")]
        constraints = [
            models.UniqueConstraint(
                fields=["thing", "title"], condition=Q(supersedes__isnull=True), name="one_drawing_a_thing_and_title"
            ),
            models.CheckConstraint(condition=one_of("licence", Licence), name="drawing_licence_is_known"),
        ]


class PartMark(models.Model):
    """Where a part is on a drawing: a rectangle in hundredths of a percent of its sides."""

    drawing = models.ForeignKey(Drawing, on_delete=models.PROTECT, related_name="+", db_index=False)
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="+")
    left = models.PositiveSmallIntegerField()
    top = models.PositiveSmallIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "things_part_mark"
        constraints = [
            models.UniqueConstraint(
                fields=["drawing", "part", "left", "top", "width", "height"], name="one_mark_a_part_and_region"
            ),
            models.CheckConstraint(
                condition=Q(width__gt=0, height__gt=0) & Q(left__lte=WHOLE - F("width"), top__lte=WHOLE - F("height")),
                name="mark_lies_in_its_drawing",
            ),
        ]


class Figure(models.Model):
    """A version of a figure of a part, or of the whole thing. A later one supersedes it, and only one can."""

    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, related_name="+", db_index=False)
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=11)
    quantity = models.CharField(max_length=100)
    quantity_en = models.CharField(max_length=100, blank=True)
    condition = models.CharField(max_length=200, blank=True)
    condition_en = models.CharField(max_length=200, blank=True)
    value = NumericField()
    unit = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        db_table = "things_figure"
        indexes = [models.Index(fields=["thing"], name="figures_of_a_thing")]
        constraints = [
            models.UniqueConstraint(
                fields=["thing", "part", "kind", "quantity", "condition"],
                condition=Q(supersedes__isnull=True),
                nulls_distinct=False,
                name="one_figure_a_quantity_and_condition",
            ),
            models.CheckConstraint(condition=one_of("kind", FigureKind), name="figure_kind_is_known"),
            models.CheckConstraint(condition=one_of("licence", Licence), name="figure_licence_is_known"),
            models.CheckConstraint(condition=~Q(source=""), name="figure_names_its_source"),
        ]
