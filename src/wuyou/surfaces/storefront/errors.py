"""What the storefront itself refuses, before any domain is asked."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class FormMalformed(DomainError):
    """What was sent cannot be understood."""

    code = "surface.form_malformed"


class AudienceEmpty(DomainError):
    """Chosen people, and nobody chosen."""

    code = "surface.audience_empty"


class NobodyCalled(DomainError):
    """A name that nobody has, or whose owner is not to be found; which of the two is not told. Facts: handle."""

    code = "surface.nobody_called"


class SignInFirst(DomainError):
    """Only somebody who is signed in may do this."""

    code = "surface.sign_in_first"
    kind = ErrorKind.FORBIDDEN


class SignInFailed(DomainError):
    """No such name, or not its password; which of the two is not told."""

    code = "surface.sign_in_failed"


class PriceChanged(DomainError):
    """The order would cost something else than the page showed."""

    code = "surface.price_changed"
    kind = ErrorKind.CONFLICT


class PasswordWrong(DomainError):
    """Not the password of who is signed in."""

    code = "surface.password_wrong"


class NoFile(DomainError):
    """A form that needs a file came without one."""

    code = "surface.no_file"


class NothingChosen(DomainError):
    """Something is to be done with things that were ticked, and none was."""

    code = "surface.nothing_chosen"
