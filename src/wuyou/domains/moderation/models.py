"""Rows of moderation: columns, constraints, indexes; no verbs."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from wuyou.domains.moderation.types import CaseState, Category, Outcome, SubjectKind, Verdict

_PERSON = settings.AUTH_USER_MODEL


def _one_of(column: str, kinds: type[SubjectKind | Category | Verdict | Outcome | CaseState]) -> Q:
    return Q((f"{column}__in", [kind.value for kind in kinds]))


class TermRule(models.Model):
    """A term and what becomes of what holds it. Rows never change but for being retired."""

    text = models.CharField(max_length=40)
    folded = models.CharField(max_length=200)
    """As the engine reads it: the same term is given once."""
    exceptions = ArrayField(models.CharField(max_length=40), default=list)
    verdict = models.CharField(max_length=6)
    category = models.CharField(max_length=12)
    valid_from = models.DateTimeField()
    made_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "moderation_term_rule"
        constraints = [
            models.UniqueConstraint(
                fields=["folded"], condition=Q(retired_at__isnull=True), name="one_rule_a_folded_term"
            ),
            models.CheckConstraint(condition=_one_of("verdict", Verdict), name="term_rule_verdict_is_known"),
            models.CheckConstraint(condition=_one_of("category", Category), name="term_rule_category_is_known"),
            models.CheckConstraint(condition=~Q(folded=""), name="term_rule_has_a_letter"),
        ]


class PictureRule(models.Model):
    """The look of a picture and what becomes of what looks like it. The picture itself is not kept."""

    phash = models.BigIntegerField()
    verdict = models.CharField(max_length=6)
    category = models.CharField(max_length=12)
    note = models.CharField(max_length=120)
    made_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "moderation_picture_rule"
        constraints = [
            models.UniqueConstraint(fields=["phash"], condition=Q(retired_at__isnull=True), name="one_rule_a_look"),
            models.CheckConstraint(condition=_one_of("verdict", Verdict), name="picture_rule_verdict_is_known"),
            models.CheckConstraint(condition=_one_of("category", Category), name="picture_rule_category_is_known"),
        ]


class Case(models.Model):
    """What waits for staff, or did: everything about one subject until it is decided."""

    subject_kind = models.CharField(max_length=10)
    subject_id = models.BigIntegerField()
    owner = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    """Null once they are gone."""
    state = models.CharField(max_length=8)
    is_held = models.BooleanField()
    category = models.CharField(max_length=12)
    """Of what opened it."""
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "moderation_case"
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="cases_of_a_subject"),
            models.Index(fields=["category", "id"], condition=Q(state="OPEN"), name="open_cases"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"], condition=Q(state="OPEN"), name="one_open_case_a_subject"
            ),
            models.CheckConstraint(condition=_one_of("subject_kind", SubjectKind), name="case_subject_is_known"),
            models.CheckConstraint(condition=_one_of("state", CaseState), name="case_state_is_known"),
            models.CheckConstraint(condition=_one_of("category", Category), name="case_category_is_known"),
        ]


class Hit(models.Model):
    """A rule that found something in a subject. What it found is not kept: it stands in the subject."""

    subject_kind = models.CharField(max_length=10)
    subject_id = models.BigIntegerField()
    term_rule = models.ForeignKey(TermRule, on_delete=models.PROTECT, related_name="+", null=True)
    picture_rule = models.ForeignKey(PictureRule, on_delete=models.PROTECT, related_name="+", null=True)
    found_at = models.DateTimeField()

    class Meta:
        db_table = "moderation_hit"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "term_rule", "picture_rule"],
                nulls_distinct=False,
                name="one_hit_a_subject_and_rule",
            ),
            models.CheckConstraint(
                condition=Q(term_rule__isnull=True) ^ Q(picture_rule__isnull=True), name="hit_is_of_one_rule"
            ),
        ]


class Report(models.Model):
    """What a member complained of."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    reporter = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    """Null once they are gone. Shown to nobody."""
    category = models.CharField(max_length=12)
    words = models.TextField()
    evidence = ArrayField(models.TextField())
    """What the reporter saw: it may be changed later, or was sent to them alone."""
    made_at = models.DateTimeField()

    class Meta:
        db_table = "moderation_report"
        constraints = [
            models.UniqueConstraint(fields=["case", "reporter"], name="one_report_a_case_and_member"),
            models.CheckConstraint(condition=_one_of("category", Category), name="report_category_is_known"),
        ]


class DailyReports(models.Model):
    """How many a member made on a day: there is a limit, which one statement holds."""

    person = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    count = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "moderation_daily_reports"
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="one_count_a_member_and_day")]


class Decision(models.Model):
    """What was decided, once a case, and once more where an appeal was granted."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=8)
    category = models.CharField(max_length=12)
    note = models.TextField()
    decided_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    is_of_appeal = models.BooleanField()
    remove_at = models.DateTimeField(null=True)
    """Of a removal: when its subject goes; null once it went, or will not."""

    class Meta:
        db_table = "moderation_decision"
        indexes = [
            models.Index(fields=["remove_at"], condition=Q(remove_at__isnull=False), name="due_removals"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "is_of_appeal"], name="one_decision_a_case_and_appeal"),
            models.CheckConstraint(condition=_one_of("outcome", Outcome), name="decision_outcome_is_known"),
            models.CheckConstraint(condition=_one_of("category", Category), name="decision_category_is_known"),
        ]


class Strike(models.Model):
    """A decision that counts against a person until it expires or is taken back."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    points = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "moderation_strike"


class Appeal(models.Model):
    """What somebody says against a decision, and how that was answered."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    words = models.TextField()
    made_at = models.DateTimeField()
    answered_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)
    is_granted = models.BooleanField(null=True)

    class Meta:
        db_table = "moderation_appeal"
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, is_granted__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, is_granted__isnull=False, answered_by__isnull=False),
                name="appeal_is_answered_as_a_whole",
            ),
        ]
