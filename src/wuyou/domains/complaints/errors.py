"""What complaints refuse."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class ComplaintNotFound(DomainError):
    """No such complaint, or none of yours."""

    code = "complaints.complaint_not_found"
    kind = ErrorKind.NOT_FOUND


class PhotoNotFound(DomainError):
    """No such picture, or none that you may see."""

    code = "complaints.photo_not_found"
    kind = ErrorKind.NOT_FOUND


class NotComplainable(DomainError):
    """One complains about what was paid, was not wholly given back, and is not older than 180 days. Facts: order_no."""

    code = "complaints.not_complainable"
    kind = ErrorKind.CONFLICT


class AlreadyRunning(DomainError):
    """A complaint about this order runs already. Facts: complaint_id."""

    code = "complaints.already_running"
    kind = ErrorKind.CONFLICT


class AlreadyDecided(DomainError):
    """Staff have decided about this order already."""

    code = "complaints.already_decided"
    kind = ErrorKind.CONFLICT


class WrongState(DomainError):
    """Whose turn it is has changed. Facts: state."""

    code = "complaints.wrong_state"
    kind = ErrorKind.CONFLICT


class TextMalformed(DomainError):
    """Words of 1 to 2,000 characters."""

    code = "complaints.text_malformed"


class TooManyPhotos(DomainError):
    """Facts: most."""

    code = "complaints.too_many_photos"


class StaffOnly(DomainError):
    """Only staff decide."""

    code = "complaints.staff_only"
    kind = ErrorKind.FORBIDDEN
