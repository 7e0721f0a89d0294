"""Rows of relations: one a fact, there while it is true. All of them point at people of `identity`."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from wuyou.domains.social.types import AppreciatedKind, Correction, GiftKind, GiftsFrom, RequestState, TieKind
from wuyou.kernel.sight import SubjectKind


class Follow(models.Model):
    """Somebody follows a person."""

    follower = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    followed = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        db_table = "social_follow"
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="one_follow_a_pair"),
            models.CheckConstraint(condition=~Q(follower=F("followed")), name="nobody_follows_themselves"),
        ]


class FriendRequest(models.Model):
    """Somebody asks another to be friends. Answered requests stay: they say how a friendship came about."""

    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "social_friend_request"
        constraints = [
            models.UniqueConstraint(
                Least("sender", "receiver"),
                Greatest("sender", "receiver"),
                condition=Q(state="PENDING"),
                name="one_pending_request_a_pair",
            ),
            models.CheckConstraint(condition=~Q(sender=F("receiver")), name="nobody_asks_themselves"),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in RequestState]), name="friend_request_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="PENDING", answered_at__isnull=True)
                | (~Q(state="PENDING") & Q(answered_at__isnull=False)),
                name="friend_request_is_answered_once",
            ),
        ]


class Friendship(models.Model):
    """Two people are friends; the lower id stands first."""

    low = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    high = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        db_table = "social_friendship"
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="one_friendship_a_pair"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="friends_stand_in_order"),
        ]


class Block(models.Model):
    """Somebody keeps a person away: neither sees the other."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        db_table = "social_block"
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="one_block_a_pair_and_way"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="nobody_blocks_themselves"),
        ]


class Mute(models.Model):
    """Somebody does not want to hear of a person; that person may still see and be seen."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    muted = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()

    class Meta:
        db_table = "social_mute"
        constraints = [
            models.UniqueConstraint(fields=["owner", "muted"], name="one_mute_a_pair"),
            models.CheckConstraint(condition=~Q(owner=F("muted")), name="nobody_mutes_themselves"),
        ]


class SubjectBlock(models.Model):
    """Somebody wants to see nothing about a thing or a brand, which live in higher domains and are named by id."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.PositiveSmallIntegerField()
    subject_id = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        db_table = "social_subject_block"
        constraints = [
            models.UniqueConstraint(fields=["owner", "kind", "subject_id"], name="one_block_a_subject"),
            models.CheckConstraint(
                condition=Q(kind__in=[int(kind) for kind in SubjectKind]), name="subject_kind_is_known"
            ),
        ]


class Label(models.Model):
    """A person's own class of people."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=20)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    """Given up. Its members stay, because rules may exclude them by it."""

    class Meta:
        db_table = "social_label"
        indexes = [models.Index(fields=["owner"], name="labels_of_a_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(retired_at__isnull=True), name="one_label_a_name"
            )
        ]


class LabelMember(models.Model):
    """A label is on a person."""

    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="members", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        db_table = "social_label_member"
        constraints = [models.UniqueConstraint(fields=["label", "person"], name="one_label_once_a_person")]


class Note(models.Model):
    """What somebody notes about a person, for their own eyes."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=200)
    written_at = models.DateTimeField()

    class Meta:
        db_table = "social_note"
        constraints = [
            models.UniqueConstraint(fields=["owner", "about"], name="one_note_a_pair"),
            models.CheckConstraint(condition=~Q(owner=F("about")), name="nobody_notes_themselves"),
        ]


class Tie(models.Model):
    """What has been between two people, the lower id first; the same for both, and shown to each of them alone."""

    low = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    high = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    weight = models.DecimalField(max_digits=60, decimal_places=0, default=0)
    """The sum of what was counted, each act grown by its month: `rules.weight_of`."""
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    """When something composed was first and last between them; null while there were clicks and trade alone."""

    class Meta:
        db_table = "social_tie"
        indexes = [models.Index(fields=["last_on"], name="ties_by_silence")]
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="one_tie_a_pair"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="tied_stand_in_order"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="tie_is_not_negative"),
        ]


class TieFact(models.Model):
    """One thing that was counted between two people."""

    tie = models.ForeignKey(Tie, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8)
    key = models.CharField(max_length=80)
    """Names the fact in the domain that knows it, so that it counts once."""
    side = models.PositiveSmallIntegerField()
    """Who acted: 1 the lower, 2 the higher, 3 both."""
    happened_on = models.DateField()

    class Meta:
        db_table = "social_tie_fact"
        indexes = [
            models.Index(fields=["tie", "happened_on"], name="facts_of_a_day"),
            models.Index(fields=["happened_on"], name="facts_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tie", "kind", "key"], name="one_fact_counts_once"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in TieKind]), name="tie_fact_kind_is_known"),
            models.CheckConstraint(condition=Q(side__in=[1, 2, 3]), name="tie_fact_has_a_side"),
        ]


class TieMonth(models.Model):
    """How many facts of one kind one month had, from each side."""

    tie = models.ForeignKey(Tie, on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)
    from_low = models.PositiveIntegerField()
    from_high = models.PositiveIntegerField()

    class Meta:
        db_table = "social_tie_month"
        constraints = [models.UniqueConstraint(fields=["tie", "month", "kind"], name="one_sum_a_month_and_kind")]


class TieCorrection(models.Model):
    """What a person says of their own side of a tie."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    said = models.CharField(max_length=8)
    said_at = models.DateTimeField()

    class Meta:
        db_table = "social_tie_correction"
        constraints = [
            models.UniqueConstraint(fields=["owner", "about"], name="one_correction_a_side"),
            models.CheckConstraint(condition=~Q(owner=F("about")), name="nobody_corrects_themselves"),
            models.CheckConstraint(condition=Q(said__in=[c.value for c in Correction]), name="correction_is_known"),
        ]


class Preference(models.Model):
    """What a person has set about gifts and reminders."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", primary_key=True)
    gifts_from = models.CharField(max_length=8)
    is_reminded = models.BooleanField()

    class Meta:
        db_table = "social_preference"
        constraints = [
            models.CheckConstraint(condition=Q(gifts_from__in=[g.value for g in GiftsFrom]), name="gifts_from_is_known")
        ]


class Reminder(models.Model):
    """Somebody was reminded of a tie that fades."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "social_reminder"
        indexes = [models.Index(fields=["owner", "-made_at"], name="reminders_of_a_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "about"], condition=Q(closed_at__isnull=True), name="one_open_reminder_a_pair"
            )
        ]


class Gift(models.Model):
    """Somebody gives something. There is no price, nor a place for one."""

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=9)
    what = models.CharField(max_length=120)
    words = models.TextField(blank=True)
    subject_kind = models.PositiveSmallIntegerField(null=True)
    subject_id = models.BigIntegerField(null=True)
    copy_id = models.BigIntegerField(null=True)
    """The giver's copy, of a higher domain, hence a number and not a key."""
    in_return_for = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    given_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "social_gift"
        indexes = [
            models.Index(fields=["giver", "-id"], name="gifts_of_a_giver"),
            models.Index(fields=["receiver", "-id"], name="gifts_of_a_receiver"),
            models.Index(fields=["in_return_for"], name="gifts_in_return", condition=Q(in_return_for__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="nobody_gives_to_themselves"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in GiftKind]), name="gift_kind_is_known"),
            models.CheckConstraint(
                condition=Q(state="OFFERED", answered_at__isnull=True, given_at__isnull=True)
                | Q(state__in=["ACCEPTED", "DECLINED", "WITHDRAWN"], answered_at__isnull=False, given_at__isnull=True)
                | Q(state="GIVEN", answered_at__isnull=False, given_at__isnull=False),
                name="gift_times_fit_its_state",
            ),
            models.CheckConstraint(
                condition=Q(kind="THING", copy_id__isnull=False) | (~Q(kind="THING") & Q(copy_id__isnull=True)),
                name="a_thing_is_given_by_its_copy",
            ),
            models.CheckConstraint(
                condition=Q(subject_kind__isnull=True, subject_id__isnull=True)
                | Q(subject_kind__isnull=False, subject_id__isnull=False),
                name="gift_is_about_a_whole_subject",
            ),
            models.UniqueConstraint(
                fields=["copy_id"], condition=Q(state__in=["OFFERED", "ACCEPTED"]), name="one_open_offer_a_copy"
            ),
        ]


class Appreciation(models.Model):
    """Somebody thanks a person, once for each thing."""

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10)
    source_id = models.BigIntegerField()
    """The gift, or what was written, which lives in a higher domain."""
    subject_kind = models.PositiveSmallIntegerField(null=True)
    subject_id = models.BigIntegerField(null=True)
    words = models.CharField(max_length=500, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        db_table = "social_appreciation"
        indexes = [
            models.Index(fields=["receiver", "giver"], name="appreciation_received"),
            models.Index(fields=["kind", "source_id"], name="appreciation_of_a_source"),
            models.Index(
                fields=["subject_kind", "subject_id", "receiver", "giver"],
                name="appreciation_about",
                condition=Q(subject_id__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["giver", "kind", "source_id"], name="one_appreciation_a_source"),
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="nobody_thanks_themselves"),
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in AppreciatedKind]), name="appreciated_kind_is_known"
            ),
        ]
