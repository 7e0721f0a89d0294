"""What awards refuse."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class AwardMalformed(DomainError):
    """A title in both languages of 1 to 30 characters, something to count, 1 to 20 winners, a month that is not over.
    Facts: field.
    """

    code = "awards.award_malformed"
    kind = ErrorKind.INVALID


class AwardNotFound(DomainError):
    """There is no such award."""

    code = "awards.award_not_found"
    kind = ErrorKind.NOT_FOUND


class NotDue(DomainError):
    """The award is not given for this month, or not yet."""

    code = "awards.not_due"
    kind = ErrorKind.CONFLICT


class HonourNotFound(DomainError):
    """There is no such honour, or it is somebody else's."""

    code = "awards.honour_not_found"
    kind = ErrorKind.NOT_FOUND


class HonourEnded(DomainError):
    """It was declined or withdrawn, for good."""

    code = "awards.honour_ended"
    kind = ErrorKind.CONFLICT


class ReasonMissing(DomainError):
    """Who withdraws an honour says why, in at most 500 characters, for its winner to read."""

    code = "awards.reason_missing"
    kind = ErrorKind.INVALID


class StaffOnly(DomainError):
    """Only the operator's staff name awards, and withdraw honours of others."""

    code = "awards.staff_only"
    kind = ErrorKind.FORBIDDEN
