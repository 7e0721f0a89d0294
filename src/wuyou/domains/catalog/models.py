"""Rows of the catalogue."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from wuyou.domains.catalog.types import KeywordKind, Role
from wuyou.infra.fulltext import VectorField


class Shop(models.Model):
    """A merchant's shop."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    return_window_s = models.PositiveIntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_shop"


class Product(models.Model):
    """A product; `*_en` texts are shown to readers of English."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="products")
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    brief = models.TextField(blank=True)
    brief_en = models.TextField(blank=True)
    picture = models.CharField(max_length=60)
    """Name of a picture in the interface's set."""
    is_listed = models.BooleanField(default=True)
    is_withheld = models.BooleanField(db_default=False)
    """Moderation took it off the shelves, and puts it back when it lets it go; one that is unlisted stays off."""
    added_at = models.DateTimeField()
    words = VectorField()
    """By which it is found: both titles."""
    keyword_ids = ArrayField(models.BigIntegerField(), db_default=[])
    """Of keywords, which are never deleted."""

    class Meta:
        db_table = "catalog_product"
        indexes = [
            models.Index(fields=["-id"], name="product_listed_newest", condition=Q(is_listed=True)),
            GinIndex(fields=["words"], name="products_by_words", fastupdate=False),
            GinIndex(fields=["keyword_ids"], name="products_by_keywords", fastupdate=False),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(is_listed=True, is_withheld=True), name="withheld_product_is_not_listed"
            )
        ]


class Keyword(models.Model):
    """A word of the operator's for goods and for what is around them. It is retired, never deleted: rows name it."""

    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=20)
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "catalog_keyword"
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="one_keyword_a_kind_and_name"),
            models.UniqueConstraint(fields=["kind", "name_en"], name="one_keyword_a_kind_and_english_name"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in KeywordKind]), name="keyword_kind_is_known"
            ),
        ]


class Variant(models.Model):
    """One buyable form of a product. Prices are what the buyer pays, in the currency's smallest unit."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants")
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    price_minor = models.BigIntegerField()
    team_price_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)

    class Meta:
        db_table = "catalog_variant"
        constraints = [
            models.CheckConstraint(
                condition=Q(price_minor__gt=0) & Q(price_minor__lte=10**12),
                name="variant_price_is_positive_and_bounded",
            ),
            models.CheckConstraint(
                condition=Q(team_price_minor__isnull=True)
                | (Q(team_price_minor__gt=0) & Q(team_price_minor__lt=F("price_minor"))),
                name="variant_team_price_is_below_price_alone",
            ),
        ]


class Photo(models.Model):
    """A shop's own photograph of what it sells, or one put aside that belongs to no product yet."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """The one form that it shows, where it shows one."""
    file = models.OneToOneField("infra.StoredFile", on_delete=models.PROTECT, related_name="+", db_column="key")
    name = models.CharField(max_length=80)
    """What its file was called: lists of goods name it so."""
    alt = models.CharField(max_length=200, blank=True)
    alt_en = models.CharField(max_length=200, blank=True)
    """What is to be seen on it, for who does not see it."""
    position = models.BigIntegerField()
    """Its place among the photographs of its product; the first one is the cover."""
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    blurhash = models.CharField(max_length=80)
    phash = models.BigIntegerField()
    """64 bits; pictures that look alike differ in few of them."""
    added_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_photo"
        indexes = [
            models.Index(fields=["product", "position"], name="photos_of_a_product"),
            models.Index(
                fields=["variant", "position"], name="photos_of_a_variant", condition=Q(variant__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["shop", "name"], name="one_photo_a_name_and_shop"),
            models.CheckConstraint(
                condition=Q(variant__isnull=True) | Q(product__isnull=False),
                name="photo_of_a_variant_is_of_its_product",
            ),
        ]


class Clerk(models.Model):
    """Somebody who works in a shop that is not theirs, was asked to, or did once."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=9)
    invited_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """Declined, left, or was sent away."""

    class Meta:
        db_table = "catalog_clerk"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "person"], condition=Q(ended_at__isnull=True), name="one_clerk_a_shop_and_person"
            ),
            models.CheckConstraint(condition=Q(role__in=[role.value for role in Role]), name="clerk_role_is_known"),
        ]


class Act(models.Model):
    """What somebody did in a shop. It is never changed."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=40)
    about = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "catalog_act"
        indexes = [models.Index(fields=["shop", "-id"], name="acts_of_a_shop")]
