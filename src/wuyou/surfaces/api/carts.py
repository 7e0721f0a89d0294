"""What a person put aside to buy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ninja import Router
from pydantic import Field

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.orders import errors, queries
from wuyou.domains.orders import operations as orders
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import Draft, Id

router = Router(tags=["cart"])


class CartLineDraft(Draft):
    """How many of a variant to put aside."""

    quantity: Annotated[int, Field(ge=0, le=999, examples=[2])]
    """0 takes it out of the cart."""


@dataclass(frozen=True, slots=True)
class CartLine:
    """A variant put aside."""

    __pydantic_config__ = DOCUMENTED

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Cart:
    """What a person put aside, oldest first."""

    __pydantic_config__ = DOCUMENTED

    lines: tuple[CartLine, ...]


@operation(router, "GET", "/cart", entry=Entry.READ)
def show_cart(call: Call) -> Cart:
    """Show your cart."""
    return Cart(tuple(CartLine(line.variant_id, line.quantity) for line in queries.list_cart(call.actor.person_id)))


@operation(
    router,
    "PUT",
    "/cart/lines/{variant_id}",
    entry=Entry.WRITE,
    refuses=[errors.LinesMalformed, errors.CartFull, catalog_errors.VariantNotFound],
)
def put_cart_line(call: Call, variant_id: Id, body: CartLineDraft) -> CartLine:
    """Put a variant in your cart, change how many of it, or take it out."""
    orders.put_in_cart(actor=call.actor, variant_id=variant_id, quantity=body.quantity, now=call.now)
    return CartLine(variant_id, body.quantity)
