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


class ContactMalformed(DomainError):
    """Neither an e-mail address nor a phone number that can exist."""

    code = "identity.contact_malformed"


class ContactTaken(DomainError):
    """Somebody else has confirmed this address or number. Told only to who has proven that it is theirs."""

    code = "identity.contact_taken"
    kind = ErrorKind.CONFLICT


class WayInMissing(DomainError):
    """Without a password a person needs an address or a number to get codes."""

    code = "identity.way_in_missing"


class LastWayIn(DomainError):
    """Without this nobody could sign in to the account any more."""

    code = "identity.last_way_in"
    kind = ErrorKind.CONFLICT


class SessionNotFound(DomainError):
    """You are not signed in there, or no longer."""

    code = "identity.session_not_found"
    kind = ErrorKind.NOT_FOUND


class CodeWrong(DomainError):
    """Not the code that was sent, or it was used before."""

    code = "identity.code_wrong"


class TooManyCodeTries(DomainError):
    """Too many wrong codes; a new one has to be asked for."""

    code = "identity.too_many_code_tries"
    kind = ErrorKind.LIMIT


class SecondFactorNeeded(DomainError):
    """The password alone is not enough for this person."""

    code = "identity.second_factor_needed"
    kind = ErrorKind.FORBIDDEN


class SenderUnavailable(DomainError):
    """The message could not be handed over for sending; nothing was changed. Facts: sender."""

    code = "identity.sender_unavailable"
    kind = ErrorKind.UNAVAILABLE


class DocumentMalformed(DomainError):
    """Not a resident identity number by GB 11643, or not this provider's document."""

    code = "identity.document_malformed"


class DocumentTaken(DomainError):
    """The document already proves another account."""

    code = "identity.document_taken"
    kind = ErrorKind.CONFLICT


class TooYoung(DomainError):
    """Younger than a real-name proof is made for. Facts: years."""

    code = "identity.too_young"


class AlreadyProven(DomainError):
    """This account has a proof of this level already."""

    code = "identity.already_proven"
    kind = ErrorKind.CONFLICT
