"""Publishers' links and who followed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from ninja import Router
from pydantic import StringConstraints

from wuyou.domains.alliance import errors, operations
from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import errors as content_errors
from wuyou.infra.behaviour import visitor_of_outlet
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import ONE_LINE, Draft, Id, ShareToken

router = Router(tags=["links"])


class LinkDraft(Draft):
    """What to link to."""

    product_id: Id
    slot: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=ONE_LINE)] = "api"
    """Where you put the link; sales are counted by it."""


class TagClickDraft(Draft):
    """Who followed a tag."""

    visitor: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=ONE_LINE)] | None = None
    """What your program calls its visitor, for whom you say so; null: you yourself."""


class ClickDraft(Draft):
    """Which link was followed."""

    token: ShareToken


@dataclass(frozen=True, slots=True)
class LinkPage:
    """A link of yours. Who buys within 15 days of following it earns you a share."""

    __pydantic_config__ = DOCUMENTED

    token: str
    product_id: int
    slot: str
    path: str
    """Share this on our site: it counts the visit and goes on to the product."""


@dataclass(frozen=True, slots=True)
class ClickPage:
    """A visit by a link."""

    __pydantic_config__ = DOCUMENTED

    product_id: int
    path: str
    """Where the link leads on our site."""


@dataclass(frozen=True, slots=True)
class TagClickPage:
    """Where a tag of a post leads."""

    __pydantic_config__ = DOCUMENTED

    product_id: int
    token: str | None
    """Of the author's link, by which a sale is theirs; null where they take no share."""
    path: str
    """Where it goes on on our site: it brings the link along, and the way back to the post."""


@operation(
    router,
    "POST",
    "/links",
    entry=Entry.WRITE,
    status=201,
    refuses=[catalog_errors.ProductNotFound, errors.SlotMalformed],
)
def make_link(call: Call, body: LinkDraft) -> LinkPage:
    """Make your link to a product, as a publisher; you become one with your first link. Twice is the same link."""
    product = catalog.get_product(body.product_id)
    publisher = operations.ensure_publisher(user_id=call.actor.person_id, actor=call.actor, now=call.now)
    link = operations.ensure_link(
        publisher_id=publisher.id,
        slot_name=body.slot,
        product_id=product.id,
        path=f"/p/{product.id}",
        actor=call.actor,
        now=call.now,
    )
    return LinkPage(link.token, link.product_id, body.slot, f"/s/{link.token}")


@operation(
    router,
    "POST",
    "/clicks",
    entry=Entry.WRITE,
    status=201,
    refuses=[errors.LinkNotFound],
)
def record_click(call: Call, body: ClickDraft) -> ClickPage:
    """Say that you followed a link. The last one that you followed before you buy is the one that counts."""
    person_id = call.actor.person_id
    click = operations.record_click(token=body.token, visitor=f"person:{person_id}", user_id=person_id, now=call.now)
    return ClickPage(click.product_id, click.path)


@operation(
    router,
    "POST",
    "/posts/{post_id}/tags/{tag_id}/clicks",
    entry=Entry.WRITE,
    status=201,
    refuses=[content_errors.PostNotFound],
)
def follow_tag(call: Call, post_id: Id, tag_id: Id, body: TagClickDraft) -> TagClickPage:
    """Say that somebody followed a tag of a post, and get its author's link; twice within a minute is one click.

    A visitor of yours sees what everybody sees, and is known by your name for them together with you.
    """
    me = call.actor.person_id
    visitor = f"person:{me}" if body.visitor is None else visitor_of_outlet(me, body.visitor)
    followed = operations.follow_tag(
        post_id=post_id,
        tag_id=tag_id,
        visitor=visitor,
        user_id=me if body.visitor is None else None,
        now=call.now,
    )
    way = {"via": followed.token} if followed.token else {}
    way["from"] = f"/posts/{post_id}#tag-{tag_id}"
    return TagClickPage(followed.product_id, followed.token or None, f"/p/{followed.product_id}?{urlencode(way)}")
