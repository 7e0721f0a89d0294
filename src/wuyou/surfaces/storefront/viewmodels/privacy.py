"""What the privacy centre shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wuyou.domains.identity.types import DataExport, Person
from wuyou.domains.social.types import Tied
from wuyou.domains.things.openness import Opened
from wuyou.domains.things.types import Thing
from wuyou.infra.person_data import Obstacle
from wuyou.kernel import tokens
from wuyou.kernel.sight import AudienceRule
from wuyou.surfaces.storefront import audience
from wuyou.surfaces.storefront.viewmodels import covers, people
from wuyou.surfaces.ui import parts


@dataclass(frozen=True, slots=True)
class Openness:
    """Copies that are open to the same people, as one row."""

    chip: parts.AudienceChip
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy of one's data."""

    is_ready: bool
    asked_at: datetime
    expires_at: datetime | None
    size: str
    href: str


@dataclass(frozen=True, slots=True)
class Shut:
    """Somebody who is blocked or muted."""

    person: parts.Person
    since: datetime | None
    undo_href: str


@dataclass(frozen=True, slots=True)
class BlockedSubject:
    """A thing or a brand of which one sees nothing."""

    kind: str
    id: int
    name: str
    note: str
    icon: str


def rule_key(rule: AudienceRule) -> str:
    """Names a rule in an address without saying what it says."""
    sides = [
        (a.everyone, a.followers, a.friends, sorted(a.persons), sorted(a.labels), sorted(a.holders), sorted(a.circles))
        for a in (rule.to, rule.minus)
    ]
    return tokens.digest(str(sides))[:16]


def openness(opened: Sequence[Opened], labels: Mapping[int, str]) -> tuple[Openness, ...]:
    """A row for each rule."""
    here = reverse("storefront:privacy-opened")
    return tuple(
        Openness(audience.chip_of(each.rule, labels), each.count, f"{here}?as={rule_key(each.rule)}") for each in opened
    )


def shut(tied: Sequence[Tied], persons: Mapping[int, Person], undo: str) -> tuple[Shut, ...]:
    """Who is shut out, with the way back."""
    return tuple(
        Shut(people.face(persons[each.person_id]), each.since, reverse(undo, args=[each.person_id]))
        for each in tied
        if each.person_id in persons
    )


def muted(ids: Sequence[int], persons: Mapping[int, Person]) -> tuple[Shut, ...]:
    """Of whom nothing is heard."""
    return tuple(
        Shut(people.face(persons[each]), None, reverse("storefront:privacy-unmute", args=[each]))
        for each in ids
        if each in persons
    )


def blocked_subjects(things: Mapping[int, Thing], brands: Mapping[int, str]) -> tuple[BlockedSubject, ...]:
    """Things and brands by name."""
    return tuple(
        sorted(
            (
                *(
                    BlockedSubject("THING", key, covers.name_of(each), _("Thing"), "package")
                    for key, each in things.items()
                ),
                *(BlockedSubject("BRAND", key, name, _("Brand"), "tag") for key, name in brands.items()),
            ),
            key=lambda each: each.name,
        )
    )


def kept(export: DataExport) -> Kept:
    """A copy of one's data, ready or not."""
    return Kept(
        export.ready_at is not None,
        export.asked_at,
        export.expires_at,
        _size(export.size_bytes),
        reverse("storefront:privacy-export", args=[export.id]) if export.ready_at else "",
    )


def obstacle(what: Obstacle) -> str:
    """What is still to be brought to an end."""
    return _OBSTACLES[what.code](what.count) if what.code in _OBSTACLES else _("Something is still open.")


def _size(size_bytes: int) -> str:
    return f"{max(1, round(size_bytes / 1000)):,} kB" if size_bytes < 1_000_000 else f"{size_bytes / 1_000_000:,.1f} MB"


_OBSTACLES = {
    "open_orders": lambda n: (
        ngettext("%(n)s order of yours is not at its end.", "%(n)s orders of yours are not at their end.", n) % {"n": n}
    ),
    "open_sales": lambda n: (
        ngettext("%(n)s order in your shop is not at its end.", "%(n)s orders in your shop are not at their end.", n)
        % {"n": n}
    ),
    "running_claims": lambda n: (
        ngettext("%(n)s refund or return is not at its end.", "%(n)s refunds or returns are not at their end.", n)
        % {"n": n}
    ),
    "running_complaints": lambda n: (
        ngettext("%(n)s complaint is not at its end.", "%(n)s complaints are not at their end.", n) % {"n": n}
    ),
    "open_commissions": lambda n: (
        ngettext("%(n)s commission is not settled yet.", "%(n)s commissions are not settled yet.", n) % {"n": n}
    ),
    "unpaid_earnings": lambda n: _("What you earned is not paid out yet."),
    "unpaid_takings": lambda n: _("What your shop took in is not paid out yet."),
    "refund_on_its_way": lambda n: (
        ngettext("%(n)s refund is on its way to you.", "%(n)s refunds are on their way to you.", n) % {"n": n}
    ),
    "payment_on_its_way": lambda n: (
        ngettext("%(n)s payment is on its way.", "%(n)s payments are on their way.", n) % {"n": n}
    ),
}
