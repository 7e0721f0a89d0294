"""Rows of the tree of things."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from wuyou.domains.things.types import ThingKind
from wuyou.infra.fulltext import VectorField

BRAND_KEY = "('x' || substr(md5(nullif(lower(trim(brand)), '')), 1, 13))::bit(52)::bigint"
"""A brand is known by its name alone: 52 bits of a digest fit into a token and into JSON's numbers."""


def one_of(field: str, values: type) -> Q:
    """The condition that a column holds the value of a member."""
    return Q(**{f"{field}__in": [member.value for member in values]})  # type: ignore[attr-defined]


class Thing(models.Model):
    """A thing. One that was merged into another keeps its row, its code and its link, and redirects in one step."""

    kind = models.CharField(max_length=7)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    brand = models.CharField(max_length=200, blank=True)
    brand_key = models.GeneratedField(
        expression=RawSQL(BRAND_KEY, ()),  # noqa: S611  (nobody's input)
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    """Its brand's number, however it is written: what a person blocks who wants to see nothing of the brand."""
    product = models.OneToOneField("catalog.Product", on_delete=models.PROTECT, null=True, related_name="+")
    variant = models.OneToOneField("catalog.Variant", on_delete=models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=60, null=True, unique=True)  # noqa: DJ001  (null: known by no code)
    """What an import knows it by: `isbn:…`, `name:…`."""
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    words = VectorField()
    """By which it is found: its names, and who makes it (`naming.words_of`)."""

    class Meta:
        db_table = "things_thing"
        indexes = [
            models.Index(fields=["brand_key"], name="things_by_brand", condition=Q(brand_key__isnull=False)),
            GinIndex(fields=["words"], name="things_by_words", fastupdate=False),
        ]
        constraints = [
            models.CheckConstraint(condition=one_of("kind", ThingKind), name="thing_kind_is_known"),
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
