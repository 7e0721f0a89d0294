"""Every write of identity."""

from wuyou.domains.identity.operations.erasure import erase_person
from wuyou.domains.identity.operations.people import register
from wuyou.domains.identity.operations.sign_ins import count_sign_in, forget_sign_ins
from wuyou.domains.identity.operations.tokens import issue_access_token, revoke_access_token, revoke_own_token

__all__ = [
    "count_sign_in",
    "erase_person",
    "forget_sign_ins",
    "issue_access_token",
    "register",
    "revoke_access_token",
    "revoke_own_token",
]
