"""What insight refuses."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class ReportNotFound(DomainError):
    """There is no such report, or it counts no people and is staff's alone."""

    code = "insight.report_not_found"
    kind = ErrorKind.NOT_FOUND


class RangeMalformed(DomainError):
    """The days end before they begin, or are too many. Facts: most."""

    code = "insight.range_malformed"
    kind = ErrorKind.INVALID
