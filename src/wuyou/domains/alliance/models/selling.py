"""Rows of the alliance."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from wuyou.domains.alliance.types import (
    MAX_RATE_BPS,
    CommissionState,
    EnrolmentState,
    ParticipantState,
    PartyRole,
)
from wuyou.infra.sight import Sighted
from wuyou.kernel.money import BPS

SHARES_SUM_TO_ONE = Q(
    publisher_share_bps__gte=0,
    partner_share_bps__gte=0,
    platform_share_bps__gte=0,
    publisher_share_bps=BPS - F("partner_share_bps") - F("platform_share_bps"),
)


class Publisher(models.Model):
    """A person who spreads links."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    recruits_since = models.DateTimeField(null=True)
    """Since when the operator lets them recruit merchants."""
    is_findable = models.BooleanField(db_default=False)
    """Shops for which they may fit are shown them, because they want it."""

    class Meta:
        db_table = "alliance_publisher"


class Slot(models.Model):
    """A place where a publisher puts links. Whom it is shared with, and for how much, never changes."""

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    third = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True)
    """Who gets a share of what the publisher earns here."""
    third_share_bps = models.IntegerField(default=0)
    keyword_ids = ArrayField(models.BigIntegerField(), db_default=[])
    """Of the catalogue's keywords: what kind of place it is."""
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_slot"
        constraints = [
            models.UniqueConstraint(fields=["publisher", "name"], name="one_slot_a_publisher_and_name"),
            models.CheckConstraint(
                condition=Q(third__isnull=True, third_share_bps=0)
                | (Q(third_share_bps__gt=0, third_share_bps__lt=BPS) & ~Q(third=F("publisher"))),
                name="slot_is_shared_with_another",
            ),
        ]


class Promoting(models.Model):
    """Since when a publisher has had links to a shop: who gets notice of a lower rate."""

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        db_table = "alliance_promoting"
        constraints = [models.UniqueConstraint(fields=["publisher", "shop"], name="one_beginning_a_publisher_and_shop")]


class Collaboration(models.Model):
    """A circle of publishers whom a shop pays by plans of their own."""

    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    terms = models.TextField()
    """What the shop asks of who takes part, in its own words."""
    takes_applications = models.BooleanField()
    only = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True)
    """For whom alone it is: an exclusive library."""
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alliance_collaboration"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "name"], name="one_open_collaboration_a_name", condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(only__isnull=True) | Q(takes_applications=False), name="exclusive_library_takes_nobody_else"
            ),
        ]


class Participant(models.Model):
    """A publisher in a collaboration, or on the way there. Takes part during `[joined_at, ended_at)`."""

    collaboration = models.ForeignKey(Collaboration, on_delete=models.PROTECT, related_name="+", db_index=False)
    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8)
    words = models.TextField()
    """With which one applied, or was invited."""
    asked_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alliance_participant"
        constraints = [
            models.UniqueConstraint(
                fields=["collaboration", "publisher"],
                name="one_open_participation",
                condition=Q(state__in=["APPLIED", "INVITED", "JOINED"]),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ParticipantState]), name="participant_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="JOINED", joined_at__isnull=False, ended_at__isnull=True)
                | Q(state__in=["APPLIED", "INVITED"], joined_at__isnull=True, ended_at__isnull=True)
                | Q(state__in=["REFUSED", "ENDED"], ended_at__isnull=False),
                name="participant_has_the_times_of_its_state",
            ),
        ]


class Activity(models.Model):
    """A call to merchants to bring goods at a rate, by a recruiter or by the platform."""

    recruiter = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True)
    """Empty: the platform recruits."""
    title = models.CharField(max_length=80)
    brief = models.TextField()
    keyword_ids = ArrayField(models.BigIntegerField(), db_default=[])
    """Of the catalogue's keywords: the occasion, the industry, for which places."""
    only = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True)
    """For whom alone the goods are: a recruiter's exclusive library."""
    least_rate_bps = models.IntegerField()
    service_bps = models.IntegerField()
    """What the shop pays the recruiter on top, of each sale."""
    enrols_until = models.DateTimeField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    """Since when nobody enrols any more; what was accepted goes on."""
    told_at = models.DateTimeField(null=True)
    """When the publisher for whom alone it is was told of it."""

    class Meta:
        db_table = "alliance_activity"
        indexes = [
            models.Index(
                fields=["from_at"], name="activities_to_tell_of", condition=Q(only__isnull=False, told_at__isnull=True)
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    least_rate_bps__gt=0, service_bps__gte=0, least_rate_bps__lte=MAX_RATE_BPS - F("service_bps")
                ),
                name="activity_rates_are_in_range",
            ),
            models.CheckConstraint(
                condition=Q(until_at__gt=F("from_at"), enrols_until__lte=F("until_at")),
                name="activity_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(only__isnull=True) | (Q(recruiter__isnull=False) & ~Q(only=F("recruiter"))),
                name="activity_for_one_is_a_recruiters_for_another",
            ),
        ]


class Enrolment(models.Model):
    """Goods that a shop brings to an activity, and what became of it."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    rate_bps = models.IntegerField()
    first_rate_bps = models.IntegerField(null=True)
    first_count = models.IntegerField(default=0)
    state = models.CharField(max_length=9)
    words = models.TextField()
    """Why it was refused; empty otherwise."""
    enrolled_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alliance_enrolment"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "product"],
                name="one_open_enrolment_of_a_product",
                condition=Q(state__in=["WAITING", "ACCEPTED"]),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in EnrolmentState]), name="enrolment_state_is_known"
            ),
        ]


class Plan(models.Model):
    """What a shop pays from a moment on. A row never changes but for how many of the first pieces are sold, and for
    `superseded_at`, after which it cannot hold for anybody.
    """

    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    """Empty means everything in the shop that has no plan of its own."""
    collaboration = models.ForeignKey(Collaboration, on_delete=models.PROTECT, related_name="+", null=True)
    """Only for who takes part in it."""
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+", null=True)
    """What was enrolled in an activity."""
    only = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    """For whom alone the activity was."""
    rate_bps = models.IntegerField()
    publisher_share_bps = models.IntegerField()
    partner_share_bps = models.IntegerField()
    platform_share_bps = models.IntegerField()
    service_bps = models.IntegerField(default=0)
    """Of the sale, on top, to the recruiter."""
    special_bps = models.IntegerField(default=0)
    """Of the sale, on top, to the platform for a special service."""
    first_rate_bps = models.IntegerField(null=True)
    """Instead of the rate, for the first pieces."""
    first_count = models.IntegerField(default=0)
    first_sold = models.IntegerField(default=0)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    notice_before = models.DateTimeField(null=True)
    """Who promoted the shop before this moment has this plan from `notice_until` on only, because it pays less."""
    notice_until = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)
    """The shop has promised not to pay less before."""
    superseded_at = models.DateTimeField(null=True)
    recruiter = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True)
    set_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_plan"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    rate_bps__gte=0,
                    service_bps__gte=0,
                    special_bps__gte=0,
                    rate_bps__lte=MAX_RATE_BPS - F("service_bps") - F("special_bps"),
                ),
                name="plan_rate_is_in_range",
            ),
            models.CheckConstraint(condition=SHARES_SUM_TO_ONE, name="plan_shares_sum_to_one"),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")), name="plan_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(notice_before__isnull=True, notice_until__isnull=True)
                | Q(notice_before__lte=F("set_at"), notice_until__gte=F("from_at")),
                name="plan_gives_notice_of_what_is_announced",
            ),
            models.CheckConstraint(
                condition=Q(first_rate_bps__isnull=True, first_count=0)
                | Q(
                    first_rate_bps__gt=F("rate_bps"),
                    first_rate_bps__lte=MAX_RATE_BPS - F("service_bps") - F("special_bps"),
                    first_count__gt=0,
                ),
                name="plan_pays_more_for_the_first",
            ),
            models.CheckConstraint(
                condition=Q(first_sold__gte=0, first_sold__lte=F("first_count")),
                name="plan_first_pieces_are_not_overdrawn",
            ),
            models.CheckConstraint(
                condition=Q(service_bps=0) | Q(recruiter__isnull=False), name="plan_service_fee_has_a_recruiter"
            ),
            models.CheckConstraint(
                condition=Q(collaboration__isnull=True) | Q(enrolment__isnull=True), name="plan_has_one_origin"
            ),
            models.CheckConstraint(
                condition=Q(only__isnull=True) | Q(enrolment__isnull=False), name="plan_for_one_was_enrolled"
            ),
        ]
        indexes = [
            models.Index(fields=["product", "from_at"], name="plans_of_a_product", condition=Q(product__isnull=False))
        ]


class Subsidy(models.Model):
    """What the platform adds to the commission of a sale, up to a cap a line and to a budget in all."""

    name = models.CharField(max_length=80)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+", null=True)
    """Empty: of all shops."""
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    rate_bps = models.IntegerField()
    cap_minor = models.BigIntegerField()
    """At most, for one line."""
    currency = models.CharField(max_length=3)
    budget_minor = models.BigIntegerField()
    spent_minor = models.BigIntegerField(default=0)
    """Of the budget, promised or booked; what refunds took back is free again."""
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    set_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_subsidy"
        constraints = [
            models.CheckConstraint(
                condition=Q(rate_bps__gt=0, rate_bps__lte=BPS, cap_minor__gt=0), name="subsidy_rate_is_in_range"
            ),
            models.CheckConstraint(
                condition=Q(spent_minor__gte=0, spent_minor__lte=F("budget_minor")), name="subsidy_is_never_overdrawn"
            ),
            models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="subsidy_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(product__isnull=True) | Q(shop__isnull=False), name="subsidy_of_a_product_names_its_shop"
            ),
        ]


class Link(models.Model):
    """A publisher's link to a product."""

    token = models.TextField()
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = models.CharField(max_length=200)
    partner = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    """Whose tool served the link."""
    made_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_link"
        constraints = [
            models.UniqueConstraint(fields=["token"], name="one_link_a_token"),
            models.UniqueConstraint(
                fields=["slot", "product", "path", "partner"], name="one_link_a_slot_and_target", nulls_distinct=False
            ),
        ]


class Selection(Sighted):
    """Goods that somebody put together, under a name, for themselves or to show."""

    name = models.CharField(max_length=60)
    token = models.TextField()
    made_at = models.DateTimeField()

    class Meta(Sighted.Meta):
        db_table = "alliance_selection"
        indexes = [*Sighted.Meta.indexes]
        constraints = [
            *Sighted.Meta.constraints,
            models.UniqueConstraint(fields=["owner", "name"], name="one_selection_a_name"),
            models.UniqueConstraint(fields=["token"], name="one_selection_a_token"),
        ]


class Pick(models.Model):
    """A product in a selection."""

    selection = models.ForeignKey(Selection, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    words = models.CharField(max_length=120)
    """What its owner says of it."""
    picked_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_pick"
        constraints = [models.UniqueConstraint(fields=["selection", "product"], name="one_pick_a_product")]


class Click(models.Model):
    """One visit by a link. No address is kept, only the visitor's own random token."""

    link = models.ForeignKey(Link, on_delete=models.PROTECT, related_name="+")
    visitor = models.TextField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    clicked_at = models.DateTimeField()
    known_at = models.DateTimeField(null=True)
    """When the visitor was first known to be `user`."""

    class Meta:
        db_table = "alliance_click"
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, known_at__isnull=True)
                | Q(user__isnull=False, known_at__gte=F("clicked_at")),
                name="click_is_known_after_it_was_made",
            )
        ]
        indexes = [
            models.Index(fields=["user", "clicked_at"], name="clicks_of_a_buyer", condition=Q(user__isnull=False)),
            models.Index(fields=["visitor"], name="clicks_of_unknown_visitors", condition=Q(user__isnull=True)),
        ]


class Conversion(models.Model):
    """A paid line that a link brought: a frozen snapshot, its state, and the refunds of its order so far."""

    line = models.OneToOneField("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    order_no = models.CharField(max_length=20)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    click = models.ForeignKey(Click, on_delete=models.PROTECT, related_name="+", db_index=False)
    link = models.ForeignKey(Link, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_direct = models.BooleanField()
    rule_version = models.PositiveSmallIntegerField()
    rate_bps = models.IntegerField()
    publisher_share_bps = models.IntegerField()
    partner_share_bps = models.IntegerField()
    platform_share_bps = models.IntegerField()
    third_share_bps = models.IntegerField(default=0)
    service_bps = models.IntegerField(default=0)
    special_bps = models.IntegerField(default=0)
    subsidies = models.JSONField(default=list)
    """Granted when it was paid: a list of `{"id", "rate_bps", "cap_minor"}`."""
    quantity = models.IntegerField(default=1)
    first_position = models.IntegerField(null=True)
    """Which of the plan's first pieces these are, from 0, when they are paid the higher rate."""
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    """The line as paid, without shipping."""
    line_amounts_minor = ArrayField(models.BigIntegerField())
    """All lines of the order, so that its refunds are spread the same way at any later time."""
    line_position = models.PositiveSmallIntegerField()
    """Which of them this is, from 0."""
    order_total_minor = models.BigIntegerField()
    order_refunded_minor = models.BigIntegerField(default=0)
    """Refunds of the whole order so far."""
    refunded_minor = models.BigIntegerField(default=0)
    """What of them falls on this line."""
    state = models.CharField(max_length=9)
    is_held = models.BooleanField(db_default=False)
    """Nothing of it is settled while it is (`Hold`)."""
    is_void = models.BooleanField(db_default=False)
    """Found to be no sale, for good: nobody is paid for it."""
    kept_minor = models.BigIntegerField(db_default=0)
    """What the shop pays for it and lies in escrow, once its order was completed while it was held."""
    completed_at = models.DateTimeField(null=True)
    """When the order was completed while this was held; empty otherwise."""
    clicked_at = models.DateTimeField()
    placed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alliance_conversion"
        constraints = [
            models.CheckConstraint(condition=SHARES_SUM_TO_ONE, name="conversion_shares_sum_to_one"),
            models.CheckConstraint(
                condition=Q(rate_bps__gt=0, rate_bps__lte=MAX_RATE_BPS), name="conversion_rate_is_in_range"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CommissionState]), name="conversion_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gte=0,
                    refunded_minor__gte=0,
                    refunded_minor__lte=F("amount_minor"),
                    order_refunded_minor__gte=0,
                    order_refunded_minor__lte=F("order_total_minor"),
                ),
                name="conversion_refunds_are_within_amounts",
            ),
            models.CheckConstraint(
                condition=Q(clicked_at__lte=F("placed_at")), name="conversion_click_is_not_after_the_order"
            ),
            models.CheckConstraint(
                condition=Q(state="SETTLED", settled_at__isnull=False)
                | (~Q(state="SETTLED") & Q(settled_at__isnull=True)),
                name="conversion_is_settled_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(kept_minor=0) | Q(kept_minor__gt=0, is_held=True, completed_at__isnull=False),
                name="conversion_keeps_only_what_is_held",
            ),
        ]


class Commission(models.Model):
    """One party's part of what a conversion pays."""

    conversion = models.ForeignKey(Conversion, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=13)
    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    estimated_minor = models.BigIntegerField()
    """The party's, expected; after settlement, as booked then."""
    settled_minor = models.BigIntegerField(default=0)
    """The party's, in the books now."""

    class Meta:
        db_table = "alliance_commission"
        constraints = [
            models.UniqueConstraint(fields=["conversion", "role"], name="one_part_a_conversion_and_role"),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in PartyRole if role.is_platforms], publisher__isnull=True)
                | Q(role__in=[role.value for role in PartyRole if not role.is_platforms], publisher__isnull=False),
                name="commission_belongs_to_its_party",
            ),
            models.CheckConstraint(
                condition=Q(estimated_minor__gte=0, settled_minor__gte=0), name="commission_is_not_negative"
            ),
        ]
        indexes = [
            models.Index(
                fields=["publisher", "-conversion"],
                name="commissions_of_a_publisher",
                condition=Q(publisher__isnull=False),
            )
        ]
