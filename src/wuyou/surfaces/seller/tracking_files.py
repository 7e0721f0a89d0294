"""Tracking numbers by file: what leaves the house as rows, and what each row that comes back would do.

A row without `pieces` speaks of all of its order that is still to be sent, whatever its line; one with pieces puts so
many of its line into a parcel of that number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from wuyou.domains.orders import errors, queries
from wuyou.domains.orders.providers.carriers import CARRIERS, LOCAL
from wuyou.domains.orders.types import FulfilmentState, Order, Parcel, ParcelDraft, Pieces
from wuyou.surfaces.seller import tables
from wuyou.surfaces.seller.access import Desk
from wuyou.surfaces.seller.tables import Row, Tried
from wuyou.surfaces.ui import carriers
from wuyou.surfaces.ui.errors import text_of
from wuyou.surfaces.ui.texts import in_language

COLUMNS: Final = (
    "order_no", "paid_at", "ship_by", "buyer", "line", "product", "variant", "quantity", "to_send", "pieces", "carrier",
    "tracking_no",
)  # fmt: skip
"""Columns of the file of what is to be sent; the last three come back in it."""
_NEEDED: Final = ("order_no", "carrier", "tracking_no")

Parcels = list[tuple[int, ParcelDraft]]


def rows_of(order: Order, buyer: str, parcels: tuple[Parcel, ...]) -> Iterator[tuple[object, ...]]:
    """An order as rows of the file, one a line. What is still to be sent names no carrier, so that it can be filled in;
    of what was sent in several parcels the last that holds the line stands."""
    is_ready = order.fulfilment is FulfilmentState.READY
    for line in order.lines:
        holding = [parcel for parcel in parcels if any(each.line_id == line.id for each in parcel.pieces)]
        mine = [] if is_ready else holding
        yield (
            order.order_no, order.paid_at, order.ship_by, buyer, line.id,
            in_language(line.title, line.title_en), in_language(line.variant_name, line.variant_name_en),
            line.quantity, line.unsent_count if is_ready else 0, "",
            mine[-1].carrier if mine else "", mine[-1].number if mine else "",
        )  # fmt: skip


@dataclass(slots=True)
class _Order:
    """What the file says of one order so far."""

    order: Order
    rest: ParcelDraft | None = None
    """The parcel of all that no row names."""
    parts: dict[tuple[str, str], list[Pieces]] = field(default_factory=dict)
    """Lines that rows name, by the number of their parcel."""

    def left(self, line_id: int) -> int:
        unsent = next((line.unsent_count for line in self.order.lines if line.id == line_id), 0)
        return unsent - sum(each.quantity for part in self.parts.values() for each in part if each.line_id == line_id)

    def rest_count(self) -> int:
        """Pieces that no row names."""
        return sum(self.left(line.id) for line in self.order.lines)

    def parcels(self) -> Iterator[ParcelDraft]:
        """The parts that are named, then the rest."""
        for (code, number), inside in self.parts.items():
            yield ParcelDraft(code, number, tuple(inside))
        if self.rest is not None:
            yield self.rest


def plan(desk: Desk, content: bytes) -> tuple[tuple[Tried, ...], Parcels]:
    """What each row of a file would do, and the parcels of those that are right. Raises what `tables.read` refuses."""
    rows = tables.read(content, needed=_NEEDED, known=[name for name in COLUMNS if name not in _NEEDED])
    sold = queries.shop_orders_by_no(desk.shop.id, {row["order_no"] for row in rows})
    codes = _codes()
    said = {order_no: _Order(order) for order_no, order in sold.items()}
    tried = tuple(_try(row, said.get(row["order_no"]), codes) for row in rows)
    empty = {order_no for order_no, each in said.items() if each.rest and not each.rest_count()}
    tried = tuple(
        replace(each, verdict="wrong", notes=(_("Other lines of this file send all of this order already."),))
        if each.name in empty and each.verdict == "changed" and not row["pieces"].strip()
        else each
        for row, each in zip(rows, tried, strict=True)
    )
    return tried, [(each.order.id, parcel) for each in said.values() for parcel in each.parcels()]


def _try(row: Row, said: _Order | None, codes: Mapping[str, str]) -> Tried:
    order_no = row["order_no"]
    if not row["carrier"] and not row["tracking_no"]:
        return Tried(row.line, order_no, "same", (_("No number: it stays as it is."),))

    def wrong(note: str) -> Tried:
        return Tried(row.line, order_no, "wrong", (note,))

    if said is None:
        return wrong(_("The shop has no such order."))
    code = codes.get(row["carrier"].casefold())
    if said.order.fulfilment is not FulfilmentState.READY:
        return wrong(_("This order does not wait to be sent."))
    if code is None:
        return wrong(_("No carrier of this name: %(name)s") % {"name": row["carrier"][:40]})
    try:
        number = CARRIERS[code].number_for(order_no=order_no, given=row["tracking_no"]) if code != LOCAL else ""
    except errors.NumberMalformed as refused:
        return wrong(text_of(refused))
    note = _take_in(row, said, ParcelDraft(code, number))
    return wrong(note) if note else Tried(row.line, order_no, "changed", (f"{carriers.NAMES[code]} {number}".strip(),))


def _take_in(row: Row, said: _Order, draft: ParcelDraft) -> str:
    """Put what a row says to the rest; why not, where it cannot be."""
    if not row["pieces"].strip():
        if said.rest is not None and said.rest != draft:
            return _("Another line of this file gives the same order another number.")
        said.rest = draft
        return ""
    line_id, quantity = _number(row["line"]), _number(row["pieces"])
    part = said.parts.setdefault((draft.carrier, draft.number), [])
    if not 0 < quantity <= said.left(line_id) or any(each.line_id == line_id for each in part):
        return _("No such line, or more pieces than are still to be sent.")
    part.append(Pieces(line_id, quantity))
    return ""


def _number(cell: str) -> int:
    text = cell.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _codes() -> dict[str, str]:
    """Carriers by their code, and by their name in each language."""
    codes = {code.casefold(): code for code in CARRIERS}
    for language in ("en", "zh-hans"):
        with override(language):
            codes |= {str(name).casefold(): code for code, name in carriers.NAMES.items()}
    return codes
