"""Carriers, and what happens to their parcels, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy

from wuyou.domains.orders.types import Parcel, ScanKind
from wuyou.surfaces.ui import parts

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
    ScanKind.ON_THE_WAY: gettext_lazy("On the way"),
    ScanKind.OUT_FOR_DELIVERY: gettext_lazy("Out for delivery"),
    ScanKind.NOT_MET: gettext_lazy("Nobody was there; it is tried again"),
    ScanKind.DELIVERED: gettext_lazy("Delivered"),
}


@dataclass(frozen=True, slots=True)
class ParcelView:
    """A parcel and its way, the latest first."""

    carrier: str
    number: str
    steps: tuple[parts.Step, ...]


def view_of(parcel: Parcel) -> ParcelView:
    """A parcel as both sides see it."""
    steps = [parts.Step(str(SCANS[scan.kind]), "done", scan.at, scan.place) for scan in reversed(parcel.scans)]
    steps.append(parts.Step(str(gettext_lazy("Handed to the carrier")), "done", parcel.sent_at))
    return ParcelView(str(NAMES[parcel.carrier]), parcel.number, tuple(steps))


def choices(chosen: str = "") -> tuple[parts.Choice, ...]:
    """Every carrier, to choose from."""
    return tuple(parts.Choice(code, str(name), chosen=code == chosen) for code, name in NAMES.items())
