"""Rows of threads on things: what somebody points at, and what others answer."""

from __future__ import annotations

from django.db import models
from django.db.models import BooleanField, F, Q
from django.db.models.expressions import RawSQL

from wuyou.domains.things.models.copies import Photo
from wuyou.domains.things.models.parts import Drawing, Figure, Part
from wuyou.domains.things.models.reviews import ReviewPicture
from wuyou.domains.things.models.tree import Thing, one_of
from wuyou.domains.things.types import WHOLE, Purpose
from wuyou.infra.sight import Sighted


class Annotation(Sighted):
    """What somebody says at a thing, a part or figure of it, a picture, photo or drawing of it, or a region of these.

    The thread of its answers hangs on it.
    """

    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, related_name="+", db_index=False)
    picture = models.ForeignKey(ReviewPicture, on_delete=models.CASCADE, null=True, related_name="+")
    """What it points into. Who does not see the picture's review sees neither."""
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, null=True, related_name="+")
    """Of a copy. Who does not see the copy sees neither."""
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True, related_name="+")
    drawing = models.ForeignKey(Drawing, on_delete=models.PROTECT, null=True, related_name="+")
    figure = models.ForeignKey(Figure, on_delete=models.PROTECT, null=True, related_name="+")
    """What else it may point at, and none of these for the thing as a whole."""
    left = models.PositiveSmallIntegerField(null=True)
    top = models.PositiveSmallIntegerField(null=True)
    width = models.PositiveSmallIntegerField(null=True)
    height = models.PositiveSmallIntegerField(null=True)
    purpose = models.CharField(max_length=8)
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta(Sighted.Meta):
        db_table = "things_annotation"
        indexes = [
            *Sighted.Meta.indexes,
            models.Index(fields=["thing", "-id"], name="annotations_of_a_thing"),
        ]
        constraints = [
            *Sighted.Meta.constraints,
            models.CheckConstraint(condition=one_of("purpose", Purpose), name="annotation_purpose_is_known"),
            models.CheckConstraint(
                condition=Q(left__isnull=True, top__isnull=True, width__isnull=True, height__isnull=True)
                | (
                    (Q(picture__isnull=False) | Q(photo__isnull=False) | Q(drawing__isnull=False))
                    & Q(width__gt=0, height__gt=0)
                    & Q(left__lte=WHOLE - F("width"), top__lte=WHOLE - F("height"))
                ),
                name="annotation_region_lies_in_its_picture",
            ),
            models.CheckConstraint(
                condition=RawSQL(
                    "num_nonnulls(picture_id, photo_id, part_id, drawing_id, figure_id) <= 1",
                    (),
                    output_field=BooleanField(),
                ),
                name="annotation_points_at_one",
            ),
        ]


class Reply(Sighted):
    """An answer in a thread. It is open to whom its annotation is, and closed across a block of its writer."""

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="+", db_index=False)
    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta(Sighted.Meta):
        db_table = "things_reply"
        indexes = [*Sighted.Meta.indexes, models.Index(fields=["annotation", "id"], name="replies_of_a_thread")]
        constraints = [*Sighted.Meta.constraints]
