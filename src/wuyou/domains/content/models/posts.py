"""Rows of posts and of what stands in them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import BooleanField, F, Q
from django.db.models.expressions import RawSQL

from wuyou.domains.content.types import WHOLE, PostKind
from wuyou.infra.fulltext import VectorField
from wuyou.infra.sight import Sighted


class Series(models.Model):
    """Posts of one author, to be read in an order. It is seen by whoever sees one of them."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=60)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "content_series"
        constraints = [models.UniqueConstraint(fields=["owner", "title"], name="one_series_a_title")]


class Post(Sighted):
    """Something published, or about to be. Until then, and under review, it is withheld (`infra.sight`)."""

    kind = models.CharField(max_length=7)
    title = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    """Made of the text of an article when it is written; clean."""
    words = VectorField()
    """By which it is found."""
    earns = models.BooleanField()
    """Whether its author takes commissions by its tags."""
    is_ad = models.BooleanField()
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    origin = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    """What a repost passes on; who does not see it sees no repost of it."""
    via = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    """The repost through which its author came by it."""
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    publish_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    """Since when it is under review, or taken down."""

    class Meta(Sighted.Meta):
        db_table = "content_post"
        indexes = [
            *Sighted.Meta.indexes,
            # What somebody published, newest first: a timeline asks it of each whom its reader follows.
            models.Index(fields=["owner", "-published_at", "-id"], name="posts_of_an_owner",
                         condition=Q(published_at__isnull=False)),
            models.Index(fields=["owner", "-id"], name="unpublished_posts", condition=Q(published_at__isnull=True)),
            models.Index(fields=["-published_at", "-id"], name="posts_newest", condition=Q(published_at__isnull=False)),
            models.Index(fields=["publish_at"], name="posts_due",
                         condition=Q(publish_at__isnull=False, published_at__isnull=True)),
            models.Index(fields=["series", "published_at"], name="posts_of_a_series",
                         condition=Q(series__isnull=False)),
            models.Index(fields=["origin", "-id"], name="reposts_of_a_post", condition=Q(origin__isnull=False)),
            GinIndex(fields=["words"], name="posts_by_words", fastupdate=False),
        ]  # fmt: skip
        constraints = [
            *Sighted.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in PostKind]), name="post_kind_is_known"),
            models.CheckConstraint(
                condition=RawSQL(
                    "(published_at IS NOT NULL AND held_at IS NULL) <> (sight_closes @> ARRAY[864691128455135232])",
                    (),
                    output_field=BooleanField(),
                ),
                name="post_is_withheld_until_published_and_while_held",
            ),
            models.CheckConstraint(
                condition=Q(origin__isnull=True) | ~Q(origin=F("id")), name="post_passes_on_another"
            ),
            models.CheckConstraint(condition=Q(via__isnull=True) | Q(origin__isnull=False), name="via_needs_an_origin"),
        ]


class Untold(models.Model):
    """A published post that was held before anybody saw it: it is told when it is let go."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="+", primary_key=True)

    class Meta:
        db_table = "content_untold"


class PostPhoto(models.Model):
    """A picture of a post. Who sees the post sees it, and nobody else."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    file = models.OneToOneField("infra.StoredFile", on_delete=models.PROTECT, related_name="+", db_column="key")
    position = models.BigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    blurhash = models.CharField(max_length=80)
    phash = models.BigIntegerField()

    class Meta:
        db_table = "content_photo"
        indexes = [models.Index(fields=["post", "position"], name="photos_of_a_post")]


class PostVideo(models.Model):
    """The film of a post, and the picture that stands for it. Who sees the post sees it, and nobody else."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="+")
    file = models.OneToOneField("infra.StoredFile", on_delete=models.PROTECT, related_name="+", db_column="key")
    poster = models.OneToOneField(PostPhoto, on_delete=models.PROTECT, related_name="+")
    duration_ms = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    has_stream = models.BooleanField()

    class Meta:
        db_table = "content_video"
        constraints = [models.CheckConstraint(condition=Q(duration_ms__gt=0), name="video_has_a_length")]


class Tag(models.Model):
    """A thing that a post points at: on a picture, at a moment of its film, or as a whole."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    thing = models.ForeignKey("things.Thing", on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, null=True, related_name="+")
    """What it leads to buying."""
    photo = models.ForeignKey(PostPhoto, on_delete=models.CASCADE, null=True, related_name="+")
    x = models.PositiveSmallIntegerField(null=True)
    y = models.PositiveSmallIntegerField(null=True)
    from_ms = models.PositiveIntegerField(null=True)
    until_ms = models.PositiveIntegerField(null=True)
    words = models.CharField(max_length=30, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "content_tag"
        indexes = [
            models.Index(fields=["post", "position"], name="tags_of_a_post"),
            models.Index(fields=["thing", "-post"], name="posts_tagged_with_a_thing"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(x__isnull=True, y__isnull=True)
                | Q(photo__isnull=False, x__gte=0, x__lte=WHOLE, y__gte=0, y__lte=WHOLE),
                name="tag_lies_on_its_photo",
            ),
            models.CheckConstraint(
                condition=Q(until_ms__isnull=True) | Q(from_ms__isnull=False, until_ms__gt=F("from_ms")),
                name="tag_ends_after_it_begins",
            ),
        ]


class Topic(models.Model):
    """A word by which authors say what their posts are about. It is shown where a post of it is."""

    key = models.CharField(max_length=60, unique=True)
    """What it is known by, however it is written."""
    name = models.CharField(max_length=30)

    class Meta:
        db_table = "content_topic"


class PostTopic(models.Model):
    """A topic of a post."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "content_post_topic"
        constraints = [models.UniqueConstraint(fields=["post", "topic"], name="one_topic_a_post_once")]
        indexes = [models.Index(fields=["topic", "-post"], name="posts_of_a_topic")]


class Revision(models.Model):
    """What a published post said before it was edited. It never changes; who sees the post sees it."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    is_ad = models.BooleanField()
    said_until = models.DateTimeField()

    class Meta:
        db_table = "content_revision"
        constraints = [models.UniqueConstraint(fields=["post", "version"], name="one_revision_a_version")]
