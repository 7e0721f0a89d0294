"""Rows of identity, by noun."""

from wuyou.domains.identity.models.leaving import DataExport, Leaving, RetiredHandle
from wuyou.domains.identity.models.people import User, UserManager
from wuyou.domains.identity.models.sign_in import AccessToken, SignInTry

__all__ = [
    "AccessToken",
    "DataExport",
    "Leaving",
    "RetiredHandle",
    "SignInTry",
    "User",
    "UserManager",
]
