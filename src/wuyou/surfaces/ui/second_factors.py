"""The second factor that is typed: a code of an app, or a recovery code."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator

from wuyou.domains.identity import errors
from wuyou.domains.identity import operations as identity
from wuyou.infra import db
from wuyou.kernel.clock import utc_now


class UsedOnce:
    """A code of an app is good for as long as its neighbours; it is taken once all the same."""

    user: Any
    authenticator: Authenticator
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """The code as it was typed. Raises Django's `ValidationError`."""
        code = str(super().clean_code())  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP:
            sent = {"session": f"totp {self.user.pk}", "code": "".join(filter(str.isdigit, code))}
            now = utc_now()

            def use() -> None:
                identity.count_code_try(**sent, now=now)
                identity.use_code(**sent)

            try:
                db.in_transaction(use)
            except (errors.TooManyCodeTries, errors.CodeWrong) as refused:
                raise get_adapter().validation_error("incorrect_code") from refused
        return code


class _CodeForm(UsedOnce, AuthenticateForm):  # type: ignore[misc]
    """What came with a request of a program."""


def prove(user: Any, code: str) -> None:
    """Go on when somebody has no second factor, or this is a code of theirs. Wrong ones are counted against them.

    Raises: `SecondFactorNeeded` without a code, `CodeWrong`, `TooManyCodeTries`. Needs a request under way.
    """
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    if not Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists():
        return
    if not code:
        raise errors.SecondFactorNeeded()
    form = _CodeForm({"code": code}, user=user)
    if not form.is_valid():
        reasons = {reason.code for reason in form.errors.as_data().get("code", [])}
        raise errors.TooManyCodeTries() if "too_many_login_attempts" in reasons else errors.CodeWrong()
