"""Proofs of real names. The document passes through memory once; no row, log or fact of an error holds it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError
from django.views.decorators.debug import sensitive_variables

from wuyou.domains.identity import errors, models
from wuyou.domains.identity.providers.real_names import get_provider
from wuyou.domains.identity.providers.real_names.gb11643 import age_on
from wuyou.domains.identity.types import ProvenAge, RealNameLevel
from wuyou.infra import db

MIN_AGE = 14
"""Who is younger needs a guardian, whom no proof of ours asks. Source: PIPL, article 31."""

_LAWFUL_DAY = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Proven:
    """What is left of a checked document when the document itself is forgotten."""

    level: RealNameLevel
    provider: str
    reference: str
    checked_on: date
    age_band: ProvenAge


@db.outside_transaction
@sensitive_variables()
def check_real_name(*, name: str, number: str, now: datetime) -> Proven:
    """Ask the provider, and forget the document again. Before the transaction, because a provider may take long.

    Raises: `DocumentMalformed`, `TooYoung`.
    """
    today = now.astimezone(_LAWFUL_DAY).date()
    checked = get_provider().check(name=name, number=number, today=today)
    age = age_on(checked.born_on, today)
    if age < MIN_AGE:
        raise errors.TooYoung(years=MIN_AGE)
    # There are few enough numbers to try them all: who ever learns the salt as well has to pay for each.
    reference = hashlib.scrypt(
        checked.number.encode(), salt=settings.REAL_NAME_SALT.encode(), n=2**14, r=8, p=1, dklen=32
    ).hex()
    return Proven(
        checked.level, checked.provider, reference, today, ProvenAge.ADULT if age >= 18 else ProvenAge.UNDER_18
    )


@db.requires_transaction
def keep_real_name_proof(*, user_id: int, proven: Proven) -> None:
    """Keep that somebody is proven. One document proves one account, and an account is proven once.

    Raises: `DocumentTaken`, `AlreadyProven`. Cost: one statement, which decides the race.
    """
    try:
        with db.savepoint():
            models.RealNameProof.objects.create(
                user_id=user_id,
                level=proven.level.value,
                provider=proven.provider,
                reference=proven.reference,
                checked_on=proven.checked_on,
                age_band=proven.age_band.value,
            )
    except IntegrityError as refused:
        if models.RealNameProof.objects.filter(user_id=user_id).exists():
            raise errors.AlreadyProven() from refused
        raise errors.DocumentTaken() from refused
