"""Rows of what people say of things."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from wuyou.domains.things.models.tree import Thing
from wuyou.infra.sight import Sighted


class Review(Sighted):
    """What somebody says of a thing. One may say more after a year: the latest stars count."""

    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.TextField()
    rating = models.PositiveSmallIntegerField(null=True)
    shows_proof = models.BooleanField()
    """Whether its readers are told that the writer has or had the thing, as long as a copy of theirs proves it."""
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta(Sighted.Meta):
        db_table = "things_review"
        indexes = [
            *Sighted.Meta.indexes,
            models.Index(fields=["thing", "-id"], name="reviews_of_a_thing"),
        ]
        constraints = [
            *Sighted.Meta.constraints,
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5), name="review_rating_is_1_to_5"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="review_says_something"),
        ]


class ReviewPicture(models.Model):
    """A picture of a review. Who sees the review sees it, and nobody else."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="+", db_index=False)
    file = models.OneToOneField("infra.StoredFile", on_delete=models.PROTECT, related_name="+", db_column="key")
    position = models.PositiveSmallIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    blurhash = models.CharField(max_length=80)

    class Meta:
        db_table = "things_review_picture"
        indexes = [models.Index(fields=["review", "position"], name="pictures_of_a_review")]
