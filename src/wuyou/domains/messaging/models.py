"""Rows of conversations: who takes part, what was said, and what each person's screens have not heard yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from wuyou.domains.messaging.types import ChangeKind, ConversationKind, MessageKind, Standing, SystemLine


def _one_of(field: str, values: type) -> Q:
    return Q(**{f"{field}__in": [member.value for member in values]})  # type: ignore[attr-defined]


class Conversation(models.Model):
    """A conversation. Its row is the lock under which messages get their numbers and members come and go."""

    kind = models.CharField(max_length=5)
    name = models.CharField(max_length=40, blank=True)
    low = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    high = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    last_seq = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "messaging_conversation"
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="one_conversation_a_pair"),
            models.CheckConstraint(
                condition=Q(kind="PAIR", low__isnull=False, high__isnull=False, low__lt=F("high"), name="")
                | (Q(kind="GROUP", low__isnull=True, high__isnull=True) & ~Q(name="")),
                name="conversation_is_of_two_or_a_named_group",
            ),
            models.CheckConstraint(condition=_one_of("kind", ConversationKind), name="conversation_kind_is_known"),
        ]


class Participant(models.Model):
    """A person in a conversation, from which message on, and how far they have seen."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    standing = models.CharField(max_length=8)
    is_admin = models.BooleanField(default=False)
    joined_seq = models.BigIntegerField()
    seen_up_to = models.BigIntegerField()
    notified_up_to = models.BigIntegerField()
    """The message of which they were notified last; of the next once they have seen this one."""
    is_muted = models.BooleanField(default=False)
    since = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    """When somebody they did not know wrote or called last."""
    declined_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messaging_participant"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "person"], name="one_participant_a_person"),
            models.CheckConstraint(condition=_one_of("standing", Standing), name="standing_is_known"),
            models.CheckConstraint(condition=Q(seen_up_to__gte=F("joined_seq")), name="seen_from_where_they_came"),
            models.CheckConstraint(
                condition=~Q(standing="DECLINED") | Q(declined_at__isnull=False), name="declined_at_some_moment"
            ),
        ]
        indexes = [models.Index(fields=["person", "standing"], name="conversations_of_a_person")]


class Message(models.Model):
    """What somebody said. Its number is dense within the conversation; content that was taken back is gone from it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    client_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)
    text = models.TextField(blank=True)
    line = models.CharField(max_length=8, blank=True)
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    earns = models.BooleanField(db_default=False)
    """Whether its author takes a commission from whoever buys by this card."""
    reply_to_seq = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messaging_message"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="one_message_a_number"),
            models.UniqueConstraint(fields=["author", "client_id"], name="one_message_a_client_id"),
            models.CheckConstraint(condition=_one_of("kind", MessageKind), name="message_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="SYSTEM", line__in=[line.value for line in SystemLine])
                | (~Q(kind="SYSTEM") & Q(line="")),
                name="message_is_said_or_a_line_about_the_group",
            ),
            models.CheckConstraint(
                condition=(Q(withdrawn_at__isnull=True) & Q(erased_at__isnull=True)) | Q(text=""),
                name="message_taken_back_says_nothing",
            ),
            models.CheckConstraint(condition=Q(seq__gt=0), name="message_number_is_positive"),
            models.CheckConstraint(
                condition=Q(earns=False) | Q(product__isnull=False), name="message_earns_by_a_product"
            ),
        ]


class MessagePhoto(models.Model):
    """A photo of a message; the file is the pictures' matter."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()
    key = models.OneToOneField("infra.StoredFile", on_delete=models.PROTECT, related_name="+", db_column="key")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    blurhash = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "messaging_photo"
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="one_photo_a_place")]


class MessageThing(models.Model):
    """A thing that a message shows: itself, somebody's copy of it, or one that two people have in common."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()
    thing = models.ForeignKey("things.Thing", on_delete=models.PROTECT, related_name="+", db_index=False)
    holding_id = models.BigIntegerField(null=True)
    """Of a copy that may be taken off the record later; the card is then closed."""

    class Meta:
        db_table = "messaging_thing"
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="one_thing_a_place")]


class Inbox(models.Model):
    """How many changes a person's screens have been told of: the counter that numbers them in the order of commits."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    last_number = models.BigIntegerField()

    class Meta:
        db_table = "messaging_inbox"


class Change(models.Model):
    """One line of what a person's screens should look at again; kept for a week."""

    pk = models.CompositePrimaryKey("person_id", "number")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    conversation_id = models.BigIntegerField()
    message_id = models.BigIntegerField(null=True)
    seen_by_id = models.BigIntegerField(null=True)
    seen_up_to = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "messaging_change"
        indexes = [models.Index(fields=["at"], name="changes_by_age")]
        constraints = [models.CheckConstraint(condition=_one_of("kind", ChangeKind), name="change_kind_is_known")]


class DoorSetting(models.Model):
    """Whom a person lets in, when they chose otherwise than the defaults."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    write = models.CharField(max_length=8)
    call = models.CharField(max_length=8)

    class Meta:
        db_table = "messaging_door"


class DailyUse(models.Model):
    """How often a person did something today that has a limit."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    what = models.CharField(max_length=10)
    day = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        db_table = "messaging_daily_use"
        constraints = [models.UniqueConstraint(fields=["person", "what", "day"], name="one_count_a_day")]
