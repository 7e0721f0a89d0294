"""Publishers' links and who followed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ninja import Router
from pydantic import StringConstraints

from wuyou.domains.alliance import errors, operations
from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import ONE_LINE, Draft, Id, ShareToken

router = Router(tags=["links"])


class LinkDraft(Draft):
    """What to link to."""

    product_id: Id
    slot: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=ONE_LINE)] = "api"
    """Where you put the link; sales are counted by it."""


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
