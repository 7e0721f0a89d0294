"""What pages themselves refuse, before any domain is asked."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class FormMalformed(DomainError):
    """What was sent cannot be understood."""

    code = "surface.form_malformed"


class SignInFirst(DomainError):
    """Only somebody who is signed in may do this."""

    code = "surface.sign_in_first"
    kind = ErrorKind.FORBIDDEN


class NoFile(DomainError):
    """A form that needs a file came without one."""

    code = "surface.no_file"


class NothingChosen(DomainError):
    """Something is to be done with what was ticked, and nothing was."""

    code = "surface.nothing_chosen"
