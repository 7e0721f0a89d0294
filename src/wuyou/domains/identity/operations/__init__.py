"""Every write of identity."""

from wuyou.domains.identity.operations.erasure import erase_person
from wuyou.domains.identity.operations.exports import ask_for_export, begin_export, finish_export, sweep_export
from wuyou.domains.identity.operations.leaving import ask_to_leave, come_back, erase_leaver
from wuyou.domains.identity.operations.people import register
from wuyou.domains.identity.operations.sign_ins import count_sign_in, forget_sign_ins
from wuyou.domains.identity.operations.tokens import issue_access_token, revoke_access_token, revoke_own_token

__all__ = [
    "ask_for_export",
    "ask_to_leave",
    "begin_export",
    "come_back",
    "count_sign_in",
    "erase_leaver",
    "erase_person",
    "finish_export",
    "forget_sign_ins",
    "issue_access_token",
    "register",
    "revoke_access_token",
    "revoke_own_token",
    "sweep_export",
]
