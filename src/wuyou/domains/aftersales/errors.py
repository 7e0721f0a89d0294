"""What aftersales refuses."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class ClaimNotFound(DomainError):
    """No such claim, or none of yours."""

    code = "aftersales.claim_not_found"
    kind = ErrorKind.NOT_FOUND


class PhotoNotFound(DomainError):
    """No such picture, or none that you may see."""

    code = "aftersales.photo_not_found"
    kind = ErrorKind.NOT_FOUND


class NotClaimable(DomainError):
    """Money is asked back for what may be sent, is on its way or has come; goods once sent. Facts: order_no."""

    code = "aftersales.not_claimable"
    kind = ErrorKind.CONFLICT


class AlreadyRunning(DomainError):
    """A claim about this order runs already. Facts: claim_id."""

    code = "aftersales.already_running"
    kind = ErrorKind.CONFLICT


class LinesMalformed(DomainError):
    """A claim names lines of the order, each once, with 1 to as many pieces as were not given back before."""

    code = "aftersales.lines_malformed"


class AmountOutOfRange(DomainError):
    """At least one of the smallest unit, at most what the lines cost and is left. Facts: most_minor."""

    code = "aftersales.amount_out_of_range"


class WrongState(DomainError):
    """Whose turn it is has changed. Facts: state."""

    code = "aftersales.wrong_state"
    kind = ErrorKind.CONFLICT


class TextMalformed(DomainError):
    """Words of 1 to 2,000 characters; where they may be missing, at most so many."""

    code = "aftersales.text_malformed"


class TooManyPhotos(DomainError):
    """Facts: most."""

    code = "aftersales.too_many_photos"


class StaffOnly(DomainError):
    """Only staff decide, and never about their own."""

    code = "aftersales.staff_only"
    kind = ErrorKind.FORBIDDEN
