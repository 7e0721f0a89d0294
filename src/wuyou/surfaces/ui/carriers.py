"""Carriers, and what happens to their parcels, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from wuyou.domains.orders.types import Order, OrderLine, Parcel, ScanKind
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.texts import in_language

NAMES: Final[Mapping[str, object]] = {
    "LOCAL": gettext_lazy("Local delivery"),
    "SF": gettext_lazy("SF Express"),
    "JD": gettext_lazy("JD Logistics"),
    "ZTO": gettext_lazy("ZTO Express"),
    "YTO": gettext_lazy("YTO Express"),
    "STO": gettext_lazy("STO Express"),
    "YUNDA": gettext_lazy("Yunda Express"),
    "JT": gettext_lazy("J&T Express"),
    "EMS": gettext_lazy("China Post EMS"),
    "OTHER": gettext_lazy("Another carrier"),
}
SCANS: Final[Mapping[ScanKind, object]] = {
    ScanKind.PICKED_UP: gettext_lazy("Picked up"),
    ScanKind.ON_THE_WAY: pgettext_lazy("parcel", "On the way"),
    ScanKind.OUT_FOR_DELIVERY: gettext_lazy("Out for delivery"),
    ScanKind.NOT_MET: gettext_lazy("Nobody was there; it is tried again"),
    ScanKind.DELIVERED: gettext_lazy("Delivered"),
}


@dataclass(frozen=True, slots=True)
class ParcelView:
    """A parcel and its way, the latest first."""

    id: int
    carrier: str
    number: str
    goods: tuple[str, ...]
    """What is in it; empty where it is all of the order."""
    steps: tuple[parts.Step, ...]


def views_of(order: Order, parcels: Sequence[Parcel]) -> tuple[ParcelView, ...]:
    """The parcels of an order as both sides see them."""
    is_in_parts = len(parcels) > 1 or order.is_partly_sent or any(line.dropped_count for line in order.lines)
    names = {line.id: name_of(line) for line in order.lines}
    return tuple(_view(parcel, names if is_in_parts else {}) for parcel in parcels)


def name_of(line: OrderLine) -> str:
    """A line of an order in the reader's language: what, and in which form."""
    return f"{in_language(line.title, line.title_en)} · {in_language(line.variant_name, line.variant_name_en)}"


def note_of(line: OrderLine) -> str:
    """The form of a line and how many, with what of it is not sent at all."""
    note = f"{in_language(line.variant_name, line.variant_name_en)} × {line.quantity}"
    if not line.dropped_count:
        return note
    dropped = gettext("%(n)s not sent, paid back") % {"n": line.dropped_count}
    return f"{note} · {dropped}"


def _view(parcel: Parcel, names: Mapping[int, str]) -> ParcelView:
    steps = [parts.Step(str(SCANS[scan.kind]), "done", scan.at, scan.place) for scan in reversed(parcel.scans)]
    steps.append(parts.Step(str(gettext_lazy("Handed to the carrier")), "done", parcel.sent_at))
    goods = tuple(f"{names[each.line_id]} × {each.quantity}" for each in parcel.pieces if names)
    return ParcelView(parcel.id, str(NAMES[parcel.carrier]), parcel.number, goods, tuple(steps))


def choices(chosen: str = "") -> tuple[parts.Choice, ...]:
    """Every carrier, to choose from."""
    return tuple(parts.Choice(code, str(name), chosen=code == chosen) for code, name in NAMES.items())
