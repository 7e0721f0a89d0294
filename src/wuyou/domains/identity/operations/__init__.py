"""Every write of identity."""

from wuyou.domains.identity.operations.bulk import register_nameless
from wuyou.domains.identity.operations.codes import count_code_try, use_code
from wuyou.domains.identity.operations.contacts import (
    confirm_contact,
    erase_ways_in,
    forget_contact,
    forget_passkey,
    hash_password,
    set_password,
)
from wuyou.domains.identity.operations.erasure import erase_person
from wuyou.domains.identity.operations.expiry import forget_expired
from wuyou.domains.identity.operations.exports import ask_for_export, begin_export, finish_export, sweep_export
from wuyou.domains.identity.operations.leaving import ask_to_leave, come_back, erase_leaver
from wuyou.domains.identity.operations.people import clean_names, register
from wuyou.domains.identity.operations.real_names import check_real_name, keep_real_name_proof
from wuyou.domains.identity.operations.sessions import end_session, end_sessions
from wuyou.domains.identity.operations.sign_ins import (
    count_sign_in,
    forget_sign_ins,
    note_new_browser,
    note_ways_in,
)
from wuyou.domains.identity.operations.tokens import issue_access_token, revoke_access_token, revoke_own_token

__all__ = [
    "ask_for_export",
    "ask_to_leave",
    "begin_export",
    "check_real_name",
    "clean_names",
    "come_back",
    "confirm_contact",
    "count_code_try",
    "count_sign_in",
    "end_session",
    "end_sessions",
    "erase_leaver",
    "erase_person",
    "erase_ways_in",
    "finish_export",
    "forget_contact",
    "forget_expired",
    "forget_passkey",
    "forget_sign_ins",
    "hash_password",
    "issue_access_token",
    "keep_real_name_proof",
    "note_new_browser",
    "note_ways_in",
    "register",
    "register_nameless",
    "revoke_access_token",
    "revoke_own_token",
    "set_password",
    "sweep_export",
    "use_code",
]
