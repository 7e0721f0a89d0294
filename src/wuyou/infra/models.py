"""Tables of the plumbing: the event log, its readers, the behaviour log, answers to repeated requests, and files."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now


class XidField(models.Field):  # type: ignore[type-arg]
    """A transaction's 64-bit number, given by the server on insert."""

    def db_type(self, connection: object) -> str:
        return "xid8"


class TransactionNumber(models.Func):
    """The number of the transaction that writes the row."""

    function = "pg_current_xact_id"
    template = "%(function)s()"
    output_field = XidField()


class Event(models.Model):
    """One thing that happened, written in the transaction that made it true."""

    seq = models.BigAutoField(primary_key=True)
    xid = XidField(db_default=TransactionNumber())
    """Readers go by (xid, seq): `seq` alone is given before the commit and would skip late committers."""
    name = models.TextField()
    version = models.SmallIntegerField()
    payload = models.JSONField()
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "event"
        indexes = [
            # Tells at once that a subscriber has nothing to do, however far the log went on without it. No index offers
            # the order of all kinds: a planner that knows one kind only would walk along it through the whole log.
            models.Index(fields=["name", "xid", "seq"], name="event_by_name"),
            # The log grows with time: a few pages say where a day of it lies.
            BrinIndex(fields=["occurred_at"], name="event_by_day"),
        ]


class EventCursor(models.Model):
    """How far one subscriber has read."""

    subscriber = models.TextField(primary_key=True)
    names = models.JSONField(default=list)
    """Names of the events it reads, so that one query can tell who has something to do."""
    xid = XidField()
    seq = models.BigIntegerField(default=0)
    blocked_until = models.DateTimeField(null=True)
    """Set while the next event waits for another attempt; order is kept."""

    class Meta:
        db_table = "event_cursor"


class DeadLetter(models.Model):
    """An event that a subscriber could not handle. While `died_at` is empty it is still being tried."""

    subscriber = models.TextField()
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField()
    failed_at = models.DateTimeField()
    died_at = models.DateTimeField(null=True)
    """When the subscriber gave up and went on with the next event."""
    resolved_at = models.DateTimeField(null=True)
    """When a later attempt, asked for by staff, succeeded."""

    class Meta:
        db_table = "event_dead_letter"
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "event"], name="one_letter_a_subscriber_and_event")
        ]


class IdempotencyKey(models.Model):
    """The answer once given to a request, for those who ask the same again."""

    owner = models.TextField()
    """Whose key it is: keys of different people never meet."""
    key = models.TextField()
    request_hash = models.TextField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(null=True)  # noqa: DJ001  (no answer yet is not an empty answer)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_key"
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_answer_an_idempotency_key")]
        indexes = [models.Index(fields=["expires_at"], name="idempotency_key_by_expiry")]


class StoredFile(models.Model):
    """Files under one key. Tables that need them have a foreign key to it, which keeps the row."""

    key = models.CharField(max_length=60, primary_key=True)
    names = ArrayField(models.CharField(max_length=60))
    stored_at = models.DateTimeField(db_default=Now())
    kept_at = models.DateTimeField(null=True)
    """When something began to refer to them; until then they are swept away after a day."""

    class Meta:
        db_table = "stored_file"
        indexes = [
            models.Index(fields=["stored_at"], condition=models.Q(kept_at__isnull=True), name="stored_file_waiting")
        ]


class DiscardedFile(models.Model):
    """Files that nothing refers to any more, and that a task will delete."""

    key = models.CharField(max_length=60, primary_key=True)
    names = ArrayField(models.CharField(max_length=60))
    discarded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "discarded_file"


class BehaviourEvent(models.Model):
    """What somebody saw or did: one row an event, in a partition a day. Written by `infra.behaviour` alone.

    It points at nobody by a foreign key: checking one would cost as much as the row, and nothing here holds anybody
    back. Times are milliseconds since 1970, as every engine counts them that reads the lake.
    """

    pk = models.CompositePrimaryKey("event_id", "day")
    event_id = models.UUIDField()
    day = models.DateField()
    """The day on which it came, in UTC: the partition."""
    received_at_ms = models.BigIntegerField()
    happened_at_ms = models.BigIntegerField()
    kind = models.TextField()
    source = models.TextField()
    person_id = models.BigIntegerField(null=True)
    visitor = models.UUIDField(null=True)
    session = models.UUIDField(null=True)
    outlet_id = models.BigIntegerField(null=True)
    object_kind = models.TextField(null=True)  # noqa: DJ001  (an event about nothing is not one about "")
    object_id = models.BigIntegerField(null=True)
    surface = models.TextField(null=True)  # noqa: DJ001
    list = models.TextField(null=True)  # noqa: DJ001
    position = models.SmallIntegerField(null=True)
    origin_kind = models.TextField(null=True)  # noqa: DJ001
    origin_id = models.BigIntegerField(null=True)
    value = models.BigIntegerField(null=True)
    mark = models.TextField(null=True)  # noqa: DJ001
    """Why it is not counted; empty for almost all."""

    class Meta:
        db_table = "behaviour_event"


class LakeDay(models.Model):
    """What was found in a table when the file of a day was last written, and how much of it went there."""

    pk = models.CompositePrimaryKey("stream", "day")
    stream = models.TextField()
    day = models.DateField()
    table_rows = models.BigIntegerField()
    file_rows = models.BigIntegerField()
    """Fewer where a row is in an earlier day's file."""
    compacted_at = models.DateTimeField()

    class Meta:
        db_table = "lake_day"


class LakeReach(models.Model):
    """Up to which transaction a stream without days of its own has been looked through."""

    stream = models.TextField(primary_key=True)
    xid = XidField()

    class Meta:
        db_table = "lake_reach"


class LakeErasure(models.Model):
    """Somebody who is erased and may still stand in files; the row goes once they are written anew."""

    person_id = models.BigIntegerField(primary_key=True)
    visitors = ArrayField(models.UUIDField())
    """Browsers that are known to be theirs."""
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "lake_erasure"
