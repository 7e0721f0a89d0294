"""The provider that comes with Wuyou: it looks at the number alone, and asks nobody."""

from __future__ import annotations

from datetime import date

from wuyou.domains.identity import errors
from wuyou.domains.identity.providers.real_names import gb11643
from wuyou.domains.identity.providers.real_names.base import Checked
from wuyou.domains.identity.types import RealNameLevel
from wuyou.infra import db


class SandboxRegister:
    """Says that a number can exist, never whose it is; so it proves no more than `RealNameLevel.DOCUMENT`."""

    name = "sandbox"

    @db.outside_transaction
    def check(self, *, name: str, number: str, today: date) -> Checked:
        """Check structure and check digit. Raises `DocumentMalformed`."""
        number = gb11643.canonical(number)
        born = gb11643.birth_of(number, today)
        if born is None or not 1 < len(name.strip()) <= 60 or not name.strip().isprintable():
            raise errors.DocumentMalformed()
        return Checked(RealNameLevel.DOCUMENT, self.name, number, born)
