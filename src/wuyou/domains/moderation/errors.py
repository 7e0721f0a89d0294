"""What moderation refuses."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class WordsRefused(DomainError):
    """A rule does not let these words be published. Facts: words (as they were written), category."""

    code = "moderation.words_refused"


class PictureRefused(DomainError):
    """A picture looks like one that may not be published. Facts: category."""

    code = "moderation.picture_refused"


class Paused(DomainError):
    """Too many strikes: nothing may be published for a while. Facts: until (a moment)."""

    code = "moderation.paused"
    kind = ErrorKind.FORBIDDEN


class SubjectNotFound(DomainError):
    """No such thing, or none that one may see."""

    code = "moderation.subject_not_found"
    kind = ErrorKind.NOT_FOUND


class OwnSubject(DomainError):
    """One's own is taken back and not reported."""

    code = "moderation.own_subject"


class TooManyReports(DomainError):
    """So many a day. Facts: most."""

    code = "moderation.too_many_reports"
    kind = ErrorKind.LIMIT


class TextMalformed(DomainError):
    """Empty, too long, or not printable. Facts: field, longest."""

    code = "moderation.text_malformed"


class CaseNotFound(DomainError):
    """No such case, or none of one's own."""

    code = "moderation.case_not_found"
    kind = ErrorKind.NOT_FOUND


class DecisionNotFound(DomainError):
    """No such decision, or none of one's own."""

    code = "moderation.decision_not_found"
    kind = ErrorKind.NOT_FOUND


class AlreadyDecided(DomainError):
    """Somebody else was faster; what they decided stands."""

    code = "moderation.already_decided"
    kind = ErrorKind.CONFLICT


class OutcomeImpossible(DomainError):
    """This cannot be done with such a subject. Facts: outcome, kind."""

    code = "moderation.outcome_impossible"


class AppealTooLate(DomainError):
    """The time to appeal is over, or nothing was taken from anybody."""

    code = "moderation.appeal_too_late"
    kind = ErrorKind.CONFLICT


class AppealedAlready(DomainError):
    """One appeal a decision."""

    code = "moderation.appealed_already"
    kind = ErrorKind.CONFLICT


class AppealNotFound(DomainError):
    """No such appeal."""

    code = "moderation.appeal_not_found"
    kind = ErrorKind.NOT_FOUND


class SameStaff(DomainError):
    """Who decided does not decide on the appeal against it."""

    code = "moderation.same_staff"
    kind = ErrorKind.FORBIDDEN


class StaffOnly(DomainError):
    """Only staff decide."""

    code = "moderation.staff_only"
    kind = ErrorKind.FORBIDDEN


class RuleNotFound(DomainError):
    """No such rule, or it is retired."""

    code = "moderation.rule_not_found"
    kind = ErrorKind.NOT_FOUND


class RuleMalformed(DomainError):
    """A row of a file of rules cannot be read. Facts: line."""

    code = "moderation.rule_malformed"


class TooManyRules(DomainError):
    """So many at once. Facts: most."""

    code = "moderation.too_many_rules"
