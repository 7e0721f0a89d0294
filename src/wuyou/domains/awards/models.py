"""Rows of awards: columns, constraints, indexes; no verbs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from wuyou.domains.awards.types import MOST_WINNERS, HonourState, Rule


class Award(models.Model):
    """What the operator honours. What it asks never changes: another award asks otherwise."""

    title = models.CharField(max_length=30)
    title_en = models.CharField(max_length=30)
    rule = models.CharField(max_length=13)
    least = models.BigIntegerField()
    least_reads = models.BigIntegerField()
    winner_count = models.PositiveSmallIntegerField()
    first_month = models.DateField()
    last_month = models.DateField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "awards_award"
        constraints = [
            models.CheckConstraint(condition=Q(rule__in=[rule.value for rule in Rule]), name="award_rule_is_known"),
            models.CheckConstraint(
                condition=Q(winner_count__gte=1, winner_count__lte=MOST_WINNERS), name="award_has_winners"
            ),
            models.CheckConstraint(condition=Q(least__gte=1, least_reads__gte=0), name="award_asks_for_something"),
            models.CheckConstraint(
                condition=Q(last_month__isnull=True) | Q(last_month__gte=F("first_month")),
                name="award_ends_after_it_begins",
            ),
        ]


class Round(models.Model):
    """An award in one month: given once, with what it asked then. Never changed."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    rule = models.CharField(max_length=13)
    rule_version = models.PositiveSmallIntegerField()
    least = models.BigIntegerField()
    least_reads = models.BigIntegerField()
    winner_count = models.PositiveSmallIntegerField()
    given_at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "awards_round"
        constraints = [models.UniqueConstraint(fields=["award", "month"], name="one_round_an_award_and_month")]
        indexes = [models.Index(fields=["-month", "award"], name="rounds_by_month")]


class Candidate(models.Model):
    """Whom a round counted, and how much. Never changed."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    figure = models.BigIntegerField()
    reads = models.BigIntegerField()

    class Meta:
        db_table = "awards_candidate"
        constraints = [models.UniqueConstraint(fields=["round", "person"], name="one_candidate_a_round")]


class Honour(models.Model):
    """What somebody won. Person and place never change."""

    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9)
    is_shown = models.BooleanField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    reason = models.TextField()
    """Why staff withdrew it, for its winner to read."""

    class Meta:
        db_table = "awards_honour"
        constraints = [
            models.UniqueConstraint(fields=["round", "place"], name="one_honour_a_place"),
            models.CheckConstraint(
                condition=Q(state="GIVEN", ended_at__isnull=True, ended_by__isnull=True)
                | Q(state__in=[HonourState.DECLINED.value, HonourState.WITHDRAWN.value], ended_at__isnull=False),
                name="honour_ends_once",
            ),
            models.CheckConstraint(condition=Q(is_shown=False) | Q(state="GIVEN"), name="ended_honour_is_not_shown"),
        ]
