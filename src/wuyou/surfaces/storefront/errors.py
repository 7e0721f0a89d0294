"""What the storefront itself refuses, before any domain is asked."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind
from wuyou.surfaces.ui.refusals import FormMalformed as FormMalformed
from wuyou.surfaces.ui.refusals import NoFile as NoFile
from wuyou.surfaces.ui.refusals import NothingChosen as NothingChosen
from wuyou.surfaces.ui.refusals import SignInFirst as SignInFirst


class AudienceEmpty(DomainError):
    """Chosen people, and nobody chosen."""

    code = "surface.audience_empty"


class NobodyCalled(DomainError):
    """A name that nobody has, or whose owner is not to be found; which of the two is not told. Facts: handle."""

    code = "surface.nobody_called"


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
