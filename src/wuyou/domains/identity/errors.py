"""What identity refuses."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class HandleTaken(DomainError):
    """Facts: handle."""

    code = "identity.handle_taken"
    kind = ErrorKind.CONFLICT


class HandleMalformed(DomainError):
    """A handle is 3 to 30 lower-case letters, digits and underscores, beginning with a letter. Facts: handle."""

    code = "identity.handle_malformed"


class NameMalformed(DomainError):
    """A display name is 1 to 40 characters."""

    code = "identity.name_malformed"


class PasswordTooWeak(DomainError):
    """Short or known from leaked lists."""

    code = "identity.password_too_weak"


class PersonNotFound(DomainError):
    """No such person, or none that you may see."""

    code = "identity.person_not_found"
    kind = ErrorKind.NOT_FOUND


class TooManySignIns(DomainError):
    """Too many tries for this name from this address; later again. Facts: minutes."""

    code = "identity.too_many_sign_ins"
    kind = ErrorKind.LIMIT


class ExportNotFound(DomainError):
    """No such copy, not one's own, not ready, or swept away."""

    code = "identity.export_not_found"
    kind = ErrorKind.NOT_FOUND


class TooManyExports(DomainError):
    """So many copies of one's data a day. Facts: most."""

    code = "identity.too_many_exports"
    kind = ErrorKind.LIMIT


class StillOpen(DomainError):
    """Orders or money are still to be brought to an end before somebody can leave. Facts: count."""

    code = "identity.still_open"
    kind = ErrorKind.CONFLICT
