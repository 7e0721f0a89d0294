"""What the pages about one's account show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wuyou.domains.identity import queries
from wuyou.domains.identity.providers import senders
from wuyou.domains.identity.types import ContactKind, OwnContact, OwnToken, ProvenAge, RealNameLevel, RealNameProof
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import actor_of
from wuyou.surfaces.storefront.accounts import devices


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that one holds."""

    id: int
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A place where one is signed in."""

    id: int
    device: str
    icon: str
    address: str
    since: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class RealName:
    """How far it is proven who one is."""

    level: str | Promise
    age: str | Promise
    proof: RealNameProof


@dataclass(frozen=True, slots=True)
class Account:
    """The overview."""

    emails: tuple[OwnContact, ...]
    phone: OwnContact | None
    can_add_email: bool
    can_add_phone: bool
    has_password: bool
    passkeys: tuple[Passkey, ...]
    has_app: bool
    codes_left: int | None
    """Unused recovery codes; None when there are none to have."""
    sessions: tuple[Session, ...]
    tokens: tuple[OwnToken, ...]
    real_name: RealName | None


_LEVELS: dict[RealNameLevel, str | Promise] = {
    RealNameLevel.DOCUMENT: _("Document checked"),
    RealNameLevel.PERSON: _("Person checked"),
}
_AGES: dict[ProvenAge, str | Promise] = {ProvenAge.UNDER_18: _("Under 18"), ProvenAge.ADULT: _("18 or older")}


def account_of(request: HttpRequest) -> Account:
    """One's own account."""
    user_id = actor_of(request).person_id
    contacts = queries.contacts_of(user_id)
    emails = tuple(own for own in contacts if own.contact.kind is ContactKind.EMAIL)
    phones = [own for own in contacts if own.contact.kind is ContactKind.PHONE]
    factors = list(Authenticator.objects.filter(user_id=user_id).order_by("id"))
    kinds = {factor.type: factor for factor in factors}
    recovery = kinds.get(Authenticator.Type.RECOVERY_CODES)
    return Account(
        emails=emails,
        phone=phones[0] if phones else None,
        can_add_email=senders.can_send(ContactKind.EMAIL) and len(emails) < settings.ACCOUNT_MAX_EMAIL_ADDRESSES,
        can_add_phone=senders.can_send(ContactKind.PHONE),
        has_password=request.user.is_authenticated and request.user.has_usable_password(),
        passkeys=tuple(
            Passkey(factor.pk, factor.wrap().name, factor.created_at, factor.last_used_at)
            for factor in factors
            if factor.type == Authenticator.Type.WEBAUTHN
        ),
        has_app=Authenticator.Type.TOTP in kinds,
        codes_left=len(recovery.wrap().get_unused_codes()) if recovery else None,
        sessions=_sessions(request),
        tokens=queries.list_access_tokens(user_id),
        real_name=real_name_of(user_id),
    )


def real_name_of(user_id: int) -> RealName | None:
    """One's own proof in words."""
    proof = queries.find_real_name_proof(user_id)
    return RealName(_LEVELS[proof.level], _AGES[proof.age_band], proof) if proof else None


def _sessions(request: HttpRequest) -> tuple[Session, ...]:
    """The one in hand first, then by when they were last seen."""
    sessions = [
        Session(
            own.id,
            devices.name_of(own.user_agent),
            "device-mobile" if devices.is_phone(own.user_agent) else "device-desktop",
            own.address,
            own.created_at,
            own.last_seen_at,
            own.key == request.session.session_key,
        )
        for own in queries.list_sessions(actor_of(request).person_id, now=utc_now())
    ]
    return tuple(sorted(sessions, key=lambda session: not session.is_this))
