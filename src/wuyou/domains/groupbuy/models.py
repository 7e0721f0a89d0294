"""Rows of group buying."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from wuyou.domains.groupbuy.types import SeatState, TeamState


class Campaign(models.Model):
    """How a product is sold to teams."""

    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    size = models.PositiveSmallIntegerField()
    team_ttl_s = models.PositiveIntegerField()
    max_per_order = models.PositiveSmallIntegerField()
    max_per_person = models.PositiveIntegerField(null=True)
    total_limit = models.PositiveIntegerField(null=True)
    taken = models.PositiveIntegerField(default=0)
    """Pieces held, paid or shipped; counted only where there is a total limit."""
    new_buyers_only = models.BooleanField(default=False)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "groupbuy_campaign"
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=2), name="a_team_is_at_least_two"),
            models.CheckConstraint(
                condition=Q(total_limit__isnull=True) | Q(taken__lte=F("total_limit")),
                name="campaign_stays_within_its_limit",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="campaign_closes_after_it_opens",
            ),
        ]


class CampaignUse(models.Model):
    """Pieces that one person holds, has paid or has got in one campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.IntegerField()

    class Meta:
        db_table = "groupbuy_campaign_use"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "user"], name="one_use_a_campaign_and_person"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="use_is_not_negative"),
        ]


class Team(models.Model):
    """A team. `taken` counts seats held or paid, `paid` those paid; both are moved with the seats."""

    token = models.CharField(max_length=32, unique=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    leader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    size = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField()
    paid = models.PositiveSmallIntegerField(db_default=0)
    state = models.CharField(max_length=9)
    was_waived = models.BooleanField(db_default=False)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    link_token = models.CharField(max_length=40, null=True)  # noqa: DJ001  (no link yet is not an empty link)

    class Meta:
        db_table = "groupbuy_team"
        indexes = [
            models.Index(
                fields=["product", "expires_at"], name="teams_open_of_a_product", condition=Q(state="FORMING")
            ),
            models.Index(fields=["expires_at"], name="teams_to_expire", condition=Q(state="FORMING")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in TeamState]), name="team_state_is_known"),
            models.CheckConstraint(condition=Q(taken__lte=F("size")), name="team_is_never_over_full"),
            models.CheckConstraint(condition=Q(paid__lte=F("taken")), name="team_paid_seats_are_taken"),
            models.CheckConstraint(
                condition=~Q(state="FORMED") | Q(paid=F("size")) | Q(was_waived=True),
                name="formed_team_is_full_or_waived",
            ),
            models.CheckConstraint(condition=~Q(state="FORMING") | Q(paid__lt=F("size")), name="full_team_has_formed"),
        ]


class Seat(models.Model):
    """One order's place in a team."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="+")
    order_no = models.CharField(max_length=20)
    is_leader = models.BooleanField()
    state = models.CharField(max_length=10)
    held_until = models.DateTimeField()
    quantity = models.PositiveSmallIntegerField()
    accepts_reroute = models.BooleanField()
    """The buyer agreed to another team of the campaign when the money comes too late for this one."""
    rerouted_from = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "groupbuy_seat"
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"],
                condition=Q(state__in=["HELD", "PAID", "CONFIRMED"]),
                name="one_seat_a_person_and_team",
            ),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in SeatState]), name="seat_state_is_known"),
        ]
