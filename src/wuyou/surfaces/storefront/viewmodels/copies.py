"""Copies of things as pages show them: a cover, what it is, how it stands, and for its owner to whom it is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from django.urls import reverse
from django.utils.translation import gettext_lazy

from wuyou.domains.social import queries as social
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Condition, Holding, HoldingSource, HoldingState
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront import audience
from wuyou.surfaces.storefront.viewmodels import covers
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui.parts import AudienceChip, Chip

STATES: Mapping[HoldingState, tuple[object, str]] = {
    HoldingState.OWN: (gettext_lazy("Own"), "packages"),
    HoldingState.WANT: (gettext_lazy("Want"), "heart"),
    HoldingState.LENT: (gettext_lazy("Lent"), "arrow-right"),
    HoldingState.HAD: (gettext_lazy("Had"), "history"),
    HoldingState.GIVEN: (gettext_lazy("Given away"), "gift"),
}
CONDITIONS: Mapping[Condition, object] = {
    Condition.UNSAID: gettext_lazy("Not said"),
    Condition.NEW: gettext_lazy("Like new"),
    Condition.GOOD: gettext_lazy("Good"),
    Condition.WORN: gettext_lazy("Worn"),
    Condition.BROKEN: gettext_lazy("Broken"),
}
SOURCES: Mapping[HoldingSource, object] = {
    HoldingSource.ORDER: gettext_lazy("Bought here"),
    HoldingSource.GIFT: gettext_lazy("A gift"),
    HoldingSource.IMPORT: gettext_lazy("From an import"),
    HoldingSource.HAND: gettext_lazy("Added by hand"),
}


@dataclass(frozen=True, slots=True)
class CopyCard:
    """A copy in a grid."""

    id: int
    href: str
    title: str
    brand: str
    cover: Cover
    state: Chip | None
    """None for what is simply owned."""
    audience: AudienceChip | None
    """For its owner alone."""


def state_chip(state: HoldingState) -> Chip | None:
    """How it stands; nothing for what is simply owned."""
    text, icon = STATES[state]
    return None if state is HoldingState.OWN else Chip(str(text), icon=icon)


def cards(viewer: Viewer, holdings: Sequence[Holding], *, is_own: bool = False) -> tuple[CopyCard, ...]:
    """Cards for a grid, in the order of the copies.

    Args: is_own: all of them are the viewer's, who is told to whom each is open.
    Cost: one query for photos, up to three for pictures of products, and for one's own two more.
    """
    if not holdings:
        return ()
    ids = [holding.id for holding in holdings]
    covers_of = covers.of_copies(holdings, things.covers_by_holding(viewer, ids))
    chips = audience_chips(viewer.person_id, ids) if is_own and viewer.person_id else {}
    return tuple(
        CopyCard(
            holding.id,
            reverse("storefront:copy", args=[holding.id]),
            covers.name_of(holding.thing),
            holding.thing.brand,
            covers_of[holding.id],
            state_chip(holding.state),
            chips.get(holding.id),
        )
        for holding in holdings
    )


def audience_chips(owner_id: int, holding_ids: Iterable[int]) -> dict[int, AudienceChip]:
    """To whom one's own copies are open. Cost: two queries."""
    rules = things.rules_by_holding(owner_id, holding_ids)
    labels = (
        {label.id: label.name for label in social.list_labels(owner_id)}
        if any(rule.to.labels or rule.minus.labels for rule in rules.values())
        else {}
    )
    return {holding_id: audience.chip_of(rule, labels) for holding_id, rule in rules.items()}


def split_cards(found: Sequence[CopyCard], sizes: Iterable[int]) -> list[tuple[CopyCard, ...]]:
    """Cards that were made together, apart again."""
    rest = iter(found)
    return [tuple(islice(rest, size)) for size in sizes]


def flat(groups: Iterable[Sequence[Holding]]) -> list[Holding]:
    """Copies of several groups one after the other."""
    return list(chain.from_iterable(groups))
