"""To whom something is open, both ways: as a request says it, and as its owner reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors as social_errors
from wuyou.domains.social.policies import MAX_NAMED
from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import queries as things
from wuyou.kernel.sight import Audience, AudienceRule
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import Draft, Id

REFUSALS = (
    PersonNotFound, social_errors.LabelNotFound, social_errors.AudienceTooLarge, things_errors.ThingNotFound,
)  # fmt: skip
"""What a rule may be refused for."""

_Named = Annotated[list[Id], Field(max_length=MAX_NAMED)]


class AudienceDraft(Draft):
    """People; whoever one of the ways names belongs."""

    everyone: bool = False
    """Also who is not signed in."""
    followers: bool = False
    friends: bool = False
    persons: _Named = []
    labels: _Named = []
    """On whom you put one of these labels, at the moment when they look."""
    holders: _Named = []
    """Who holds one of these things."""


class RuleDraft(Draft):
    """To whom it is open: those of `to` who are not of `minus`. Nobody at all is you alone."""

    to: AudienceDraft = AudienceDraft()
    minus: AudienceDraft = AudienceDraft()


@dataclass(frozen=True, slots=True)
class AudiencePart:
    """People, named in these ways; whoever one of them names belongs."""

    everyone: bool
    followers: bool
    friends: bool
    persons: tuple[int, ...]
    labels: tuple[int, ...]
    holders: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RulePage:
    """To whom it is open: those of `to` who are not of `minus`; only its owner reads this."""

    __pydantic_config__ = DOCUMENTED

    to: AudiencePart
    minus: AudiencePart


def rule_from(draft: RuleDraft) -> AudienceRule:
    """The rule that a request says; the operation that takes it checks it once more (`social.check_rule`).

    Raises: `ThingNotFound` for holders of what is not there. Cost: one query when it names things.
    """
    rule = AudienceRule(_audience(draft.to), _audience(draft.minus))
    named = rule.to.holders | rule.minus.holders
    # Whether it is there is all that is asked: a rule goes on naming what its owner may no longer know of.
    if named and things.things_by_id(named).keys() != named:
        raise things_errors.ThingNotFound()
    return rule


def rule_page(rule: AudienceRule) -> RulePage:
    """A rule as its owner reads it."""
    return RulePage(_part(rule.to), _part(rule.minus))


def _audience(draft: AudienceDraft) -> Audience:
    return Audience(
        everyone=draft.everyone,
        followers=draft.followers,
        friends=draft.friends,
        persons=frozenset(draft.persons),
        labels=frozenset(draft.labels),
        holders=frozenset(draft.holders),
    )


def _part(audience: Audience) -> AudiencePart:
    return AudiencePart(
        audience.everyone,
        audience.followers,
        audience.friends,
        tuple(sorted(audience.persons)),
        tuple(sorted(audience.labels)),
        tuple(sorted(audience.holders)),
    )
