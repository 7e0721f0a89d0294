"""Rows of identity, by noun."""

from wuyou.domains.identity.models.accounts import CodeTry, PhoneNumber, Rate, RealNameProof
from wuyou.domains.identity.models.leaving import DataExport, Leaving, RetiredHandle
from wuyou.domains.identity.models.people import User, UserManager
from wuyou.domains.identity.models.sign_in import AccessToken, SignInTry

__all__ = [
    "AccessToken",
    "CodeTry",
    "DataExport",
    "Leaving",
    "PhoneNumber",
    "Rate",
    "RealNameProof",
    "RetiredHandle",
    "SignInTry",
    "User",
    "UserManager",
]
