"""The page of a thing, for one reader: what it is, who has it, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wuyou.domains.catalog.types import Product
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation.types import Standing
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things.part_types import Figure, Part
from wuyou.domains.things.types import (
    Annotation,
    Expert,
    Holding,
    HoldingState,
    Proof,
    Purpose,
    Ratings,
    Reply,
    Review,
    Thing,
    ThingKind,
)
from wuyou.kernel.money import Money
from wuyou.kernel.sight import AudienceRule
from wuyou.surfaces.storefront import audience
from wuyou.surfaces.storefront.viewmodels import covers, judged, lines, part_pages, people
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.storefront.viewmodels.part_pages import Box
from wuyou.surfaces.ui import goods_pictures, parts

PICTURE_WIDTH = 480


@dataclass(frozen=True, slots=True)
class Buy:
    """Where the thing is sold here."""

    product_id: int
    href: str
    price: Money
    price_team: Money | None


@dataclass(frozen=True, slots=True)
class Mark:
    """One of the taps: I have it, I want it, I had it."""

    state: str
    label: str
    icon: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """How many people gave so many stars."""

    stars: int
    count: int


@dataclass(frozen=True, slots=True)
class Stars:
    """What everybody whom the reader sees gave."""

    mean: Decimal
    full: int
    """The mean in whole stars, to draw."""
    count: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture to open, and where one points into it."""

    href: str
    source: str
    point_href: str


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """A review on the page."""

    id: int
    person: parts.Person
    about: str
    """Which form of the thing it is about, when not the one of the page."""
    stars: int
    text: str
    proof: parts.Chip | None
    pictures: tuple[Shown, ...]
    written_at: datetime
    is_edited: bool
    thanks: int
    is_thanked: bool
    is_mine: bool
    audience: parts.AudienceChip | None
    """Whom one's own review is open to."""
    held: parts.Link | None = None
    """Why only oneself sees it."""


@dataclass(frozen=True, slots=True)
class ThingPage:
    """What stands at the head of the page."""

    id: int
    name: str
    other_name: str
    """In the other language, when there is one."""
    brand: str
    kind: str
    picture: str
    """Of the product, or what somebody took; empty where there is none."""
    cover: Cover
    """Where there is no picture."""
    path: tuple[parts.Link, ...]
    below: tuple[parts.Link, ...]
    is_family: bool
    buy: Buy | None
    marks: tuple[Mark, ...]
    own_note: str
    owners: tuple[parts.Person, ...]
    owners_text: str
    wishes_text: str
    stars: Stars | None


def thing_page(
    thing: Thing,
    *,
    above: Sequence[Thing],
    below: Sequence[Thing],
    product: Product | None,
    holders: Sequence[Holding],
    holder_count: int,
    wish_count: int,
    own: Sequence[Holding],
    ratings: Ratings,
    reviews: Sequence[Review],
    persons: Mapping[int, Person],
) -> ThingPage:
    """The head of the page of a thing."""
    here = covers.name_of(thing)
    taken = next((picture_href(each.id, 960) for review in reviews for each in review.pictures), "")
    return ThingPage(
        id=thing.id,
        name=_whole_name(thing, above),
        other_name=next((name for name in (thing.name, thing.name_en) if name and name != here), ""),
        brand=thing.brand or next((each.brand for each in reversed(above) if each.brand), ""),
        kind=str(KINDS[thing.kind]()),
        picture=goods_pictures.picture_of(product, goods_pictures.AT_LARGE) if product else taken,
        cover=Cover(thing.id, here, thing.brand),
        path=tuple(parts.Link(covers.name_of(each), covers.href_of(each.id)) for each in above),
        below=tuple(parts.Link(covers.name_of(each), covers.href_of(each.id)) for each in below),
        is_family=thing.kind is ThingKind.FAMILY,
        buy=_buy(product, thing) if product and product.is_listed and product.variants else None,
        marks=_marks(own) if thing.kind is not ThingKind.FAMILY else (),
        own_note=_own_note(own),
        owners=_faces(holders, persons),
        owners_text=_owners(holder_count),
        wishes_text=_wishes(wish_count),
        stars=_stars(ratings),
    )


def review_cards(
    reviews: Sequence[Review],
    *,
    thing_id: int,
    persons: Mapping[int, Person],
    thanks: Mapping[int, int],
    thanked: Collection[int],
    rules: Mapping[int, AudienceRule],
    labels: Mapping[int, str],
    standings: Mapping[int, Standing],
    viewer_id: int | None,
) -> tuple[ReviewCard, ...]:
    """Reviews of people who are there."""
    return tuple(
        ReviewCard(
            id=review.id,
            person=people.face(persons[review.owner_id]),
            about=covers.name_of(review.thing) if review.thing.id != thing_id else "",
            stars=review.rating or 0,
            text=review.text,
            proof=_proof(review.proof),
            pictures=tuple(
                Shown(
                    picture_href(each.id, 1600),
                    picture_href(each.id, PICTURE_WIDTH),
                    f"{reverse('storefront:point', args=[review.thing.id])}?picture={each.id}",
                )
                for each in review.pictures
            ),
            written_at=review.written_at,
            is_edited=review.edited_at is not None,
            thanks=thanks.get(review.id, 0),
            is_thanked=review.id in thanked,
            is_mine=review.owner_id == viewer_id,
            audience=audience.chip_of(rules[review.id], labels) if review.id in rules else None,
            held=judged.held_link(standings.get(review.id)),
        )
        for review in reviews
        if review.owner_id in persons
    )


def expert_faces(experts: Sequence[Expert], persons: Mapping[int, Person]) -> tuple[parts.Person, ...]:
    """Experts, each with by how many they were thanked."""
    return tuple(
        people.face(
            persons[expert.person_id],
            ngettext("thanked by %(n)s person", "thanked by %(n)s people", expert.appreciator_count)
            % {"n": expert.appreciator_count},
        )
        for expert in experts
        if expert.person_id in persons
    )


def picture_href(picture_id: int, width: int) -> str:
    """Where a picture of a review is."""
    return reverse("storefront:review-picture", args=[picture_id, width])


KINDS = {
    ThingKind.FAMILY: lambda: _("Family"),
    ThingKind.MODEL: lambda: _("Model"),
    ThingKind.VARIANT: lambda: _("Variant"),
}


def _whole_name(thing: Thing, above: Sequence[Thing]) -> str:
    """A variant is called by its model too: «black» alone says nothing."""
    if thing.kind is not ThingKind.VARIANT or not above:
        return covers.name_of(thing)
    return f"{covers.name_of(above[-1])} · {covers.name_of(thing)}"


def _buy(product: Product, thing: Thing) -> Buy:
    variant = next(
        (each for each in product.variants if each.id == thing.variant_id),
        min(product.variants, key=lambda each: each.price.amount_minor),
    )
    href = lines.href_of(product.id)
    return Buy(
        product.id,
        f"{href}?variant={variant.id}" if variant.id == thing.variant_id else href,
        variant.price,
        variant.team_price,
    )


def _marks(own: Sequence[Holding]) -> tuple[Mark, ...]:
    states = {holding.state for holding in own}
    has = not states.isdisjoint({HoldingState.OWN, HoldingState.LENT})
    return (
        Mark(HoldingState.OWN.value, _("I have it"), "packages", has),
        Mark(HoldingState.WANT.value, _("I want it"), "heart", HoldingState.WANT in states),
        Mark(HoldingState.HAD.value, _("I had it"), "history", HoldingState.HAD in states),
    )


def _own_note(own: Sequence[Holding]) -> str:
    if not own:
        return ""
    return ngettext("%(n)s entry on your shelves", "%(n)s entries on your shelves", len(own)) % {"n": len(own)}


def _faces(holders: Sequence[Holding], persons: Mapping[int, Person]) -> tuple[parts.Person, ...]:
    owner_ids = dict.fromkeys(holding.owner_id for holding in holders)
    return tuple(people.face(persons[owner_id]) for owner_id in owner_ids if owner_id in persons)


def _owners(count: int) -> str:
    return ngettext("%(n)s person has it", "%(n)s people have it", count) % {"n": count} if count else ""


def _wishes(count: int) -> str:
    return ngettext("%(n)s person wants it", "%(n)s people want it", count) % {"n": count} if count else ""


def _stars(ratings: Ratings) -> Stars | None:
    if ratings.mean is None:
        return None
    bars = tuple(Bar(stars, ratings.by_stars[stars - 1]) for stars in range(5, 0, -1))
    return Stars(ratings.mean, round(ratings.mean), ratings.count, bars)


def _proof(proof: Proof) -> parts.Chip | None:
    if proof is Proof.BOUGHT:
        return parts.Chip(_("Bought here"), "jade", "shopping-bag")
    return parts.Chip(_("Owner"), "jade", "circle-check") if proof is Proof.OWNER else None


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """An answer in a thread."""

    id: int
    person: parts.Person
    text: str
    thanks: int
    is_thanked: bool
    is_mine: bool
    held: parts.Link | None = None
    """Why only oneself sees it."""


@dataclass(frozen=True, slots=True)
class Thread:
    """What somebody said at the thing, and the answers."""

    id: int
    person: parts.Person
    purpose: str
    target: parts.Link | None
    """The part or figure that it points at."""
    picture: str
    """Of the picture or drawing that it points into."""
    picture_href: str
    region: Box | None
    text: str
    written_at: datetime
    replies: tuple[ReplyLine, ...]
    thanks: int
    is_thanked: bool
    is_mine: bool
    held: parts.Link | None = None
    """Why only oneself sees it."""


PURPOSES: Mapping[Purpose, Callable[[], str]] = {
    Purpose.COMMENT: lambda: _("Comment"),
    Purpose.ASK: lambda: _("Question"),
    Purpose.EXPLAIN: lambda: _("Explanation"),
}


def threads(
    annotations: Sequence[Annotation],
    replies: Mapping[int, Sequence[Reply]],
    *,
    persons: Mapping[int, Person],
    thanks: Mapping[AppreciatedKind, Mapping[int, int]],
    thanked: Mapping[AppreciatedKind, Collection[int]],
    parts_by_id: Mapping[int, Part],
    figures_by_id: Mapping[int, Figure],
    standings: Mapping[AppreciatedKind, Mapping[int, Standing]],
    viewer_id: int | None,
) -> tuple[Thread, ...]:
    """Threads of people who are there."""
    said, answers = AppreciatedKind.ANNOTATION, AppreciatedKind.ANSWER
    return tuple(
        Thread(
            each.id,
            people.face(persons[each.owner_id]),
            PURPOSES[each.purpose](),
            _target(each, parts_by_id, figures_by_id),
            *_picture(each),
            part_pages.box_of(each.region) if each.region else None,
            each.text,
            each.written_at,
            tuple(
                ReplyLine(
                    reply.id,
                    people.face(persons[reply.owner_id]),
                    reply.text,
                    thanks[answers].get(reply.id, 0),
                    reply.id in thanked[answers],
                    reply.owner_id == viewer_id,
                    judged.held_link(standings[answers].get(reply.id)),
                )
                for reply in replies.get(each.id, ())
                if reply.owner_id in persons
            ),
            thanks[said].get(each.id, 0),
            each.id in thanked[said],
            each.owner_id == viewer_id,
            judged.held_link(standings[said].get(each.id)),
        )
        for each in annotations
        if each.owner_id in persons
    )


def _target(
    said: Annotation, parts_by_id: Mapping[int, Part], figures_by_id: Mapping[int, Figure]
) -> parts.Link | None:
    if said.part_id is not None and (part := parts_by_id.get(said.part_id)):
        return parts.Link(f"{part.number} · {part_pages.name_of(part)}", part_pages.part_href(part.id))
    if said.figure_id is not None and (figure := figures_by_id.get(said.figure_id)):
        text = f"{part_pages.quantity_of(figure)}: {part_pages.value_text(figure)}"
        return parts.Link(text, reverse("storefront:figure", args=[figure.id]))
    return None


def _picture(said: Annotation) -> tuple[str, str]:
    """Where the picture that it points into is, and the page of that."""
    if said.picture_id is not None:
        return picture_href(said.picture_id, PICTURE_WIDTH), picture_href(said.picture_id, 1600)
    if said.photo_id is not None:
        return (
            reverse("storefront:photo", args=[said.photo_id, PICTURE_WIDTH]),
            reverse("storefront:photo", args=[said.photo_id, 1600]),
        )
    if said.drawing_id is not None:
        return (
            part_pages.drawing_href(said.drawing_id, PICTURE_WIDTH),
            reverse("storefront:drawing", args=[said.drawing_id]),
        )
    return "", ""
