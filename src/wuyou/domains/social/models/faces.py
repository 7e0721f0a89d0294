"""Rows of what people show of themselves: faces, and what they say. Each is seen by whom its own rule names."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from wuyou.domains.social.types import TraitKind
from wuyou.infra.sight import Sighted


class Face(Sighted):
    """How a person shows themselves to some; of the main face, which all see, what it says beside name and picture."""

    is_main = models.BooleanField()
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    """Empty for the main one: it is the person's."""
    avatar = models.CharField(max_length=40)
    """Empty for the person's."""
    words = models.CharField(max_length=200)
    roles = ArrayField(models.TextField())

    class Meta(Sighted.Meta):
        db_table = "social_face"
        indexes = [
            *Sighted.Meta.indexes,
            models.Index(fields=["owner", "is_main", "position"], name="faces_of_a_person"),
            GinIndex(fields=["roles"], name="faces_by_role", fastupdate=False),
        ]
        constraints = [
            *Sighted.Meta.constraints,
            models.UniqueConstraint(fields=["owner"], condition=Q(is_main=True), name="one_main_face_a_person"),
            models.CheckConstraint(
                condition=Q(is_main=True, name="", avatar="") | (Q(is_main=False) & ~Q(name="")),
                name="further_faces_have_names",
            ),
        ]


class Trait(Sighted):
    """Something that a person says of themselves."""

    kind = models.CharField(max_length=5)
    key = models.TextField()
    """What makes it the same as another: of one's own, each is said once."""
    words = ArrayField(models.TextField())
    """As people say it."""
    terms = ArrayField(models.TextField())
    """By which it is found."""
    first_year = models.PositiveSmallIntegerField(null=True)
    years = models.PositiveSmallIntegerField(null=True)
    """Of an age that its owner states; null where a real-name proof says it."""

    class Meta(Sighted.Meta):
        db_table = "social_trait"
        indexes = [
            *Sighted.Meta.indexes,
            GinIndex(fields=["terms"], name="traits_by_term", fastupdate=False),
        ]
        constraints = [
            *Sighted.Meta.constraints,
            models.UniqueConstraint(fields=["owner", "kind", "key"], name="one_trait_is_said_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in TraitKind]), name="trait_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(first_year__isnull=True, years__isnull=True)
                | Q(kind="AGE", first_year__isnull=False, years__in=[5, 10]),
                name="trait_has_a_whole_age_band",
            ),
        ]
