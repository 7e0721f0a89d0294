"""The parts of a thing, for one reader: its tree, its drawings, its figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wuyou.domains.things.part_types import Drawing, Figure, FigureKind, Licence, Mark, Part
from wuyou.domains.things.types import Region
from wuyou.surfaces.storefront import jsonld
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.texts import in_language

SHOWN_WIDTH, WHOLE_WIDTH = 960, 1600


@dataclass(frozen=True, slots=True)
class Box:
    """A region in percent, to draw over its picture."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A part on a drawing."""

    mark_id: int
    part_id: int
    number: str
    name: str
    href: str
    box: Box
    is_dim: bool
    """Another part is what the page is about."""


@dataclass(frozen=True, slots=True)
class DrawingShown:
    """A version of a drawing."""

    id: int
    title: str
    href: str
    source: str
    whole: str
    """Address of the largest rendition."""
    width: int
    height: int
    version: str
    licence: parts.Link
    published_at: datetime
    is_current: bool
    hotspots: tuple[Hotspot, ...]


@dataclass(frozen=True, slots=True)
class PartLine:
    """A part in the tree."""

    id: int
    number: str
    name: str
    count: str
    """How many there are, where there is more than one."""
    depth: int
    href: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """A version of a figure."""

    id: int
    quantity: str
    condition: str
    value: str
    source: str
    licence: parts.Link
    version: str
    published_at: datetime
    older: tuple[Spec, ...]
    """The versions before it, the latest first."""


LICENCES: Mapping[Licence, Callable[[], str]] = {
    Licence.RESERVED: lambda: _("All rights reserved"),
    Licence.CC0: lambda: _("CC0: free for any use"),
    Licence.CC_BY: lambda: "CC BY 4.0",
    Licence.CC_BY_SA: lambda: "CC BY-SA 4.0",
    Licence.CC_BY_NC: lambda: "CC BY-NC 4.0",
    Licence.CC_BY_ND: lambda: "CC BY-ND 4.0",
    Licence.OHL_P: lambda: "CERN-OHL-P 2.0",
    Licence.OHL_W: lambda: "CERN-OHL-W 2.0",
    Licence.OHL_S: lambda: "CERN-OHL-S 2.0",
}
KINDS: Mapping[FigureKind, Callable[[], str]] = {
    FigureKind.MEASURE: lambda: _("Measures"),
    FigureKind.PERFORMANCE: lambda: _("Performance"),
}


def name_of(named: Part | Mark) -> str:
    """A part's name in the reader's language."""
    return in_language(named.name, named.name_en)


def title_of(drawing: Drawing) -> str:
    """A drawing's title in the reader's language."""
    return in_language(drawing.title, drawing.title_en)


def part_href(part_id: int) -> str:
    """The page of a part."""
    return reverse("storefront:part", args=[part_id])


def drawing_href(drawing_id: int, width: int) -> str:
    """Where a drawing's picture is."""
    return reverse("storefront:drawing-picture", args=[drawing_id, width])


def box_of(region: Region) -> Box:
    """A region in percent."""
    return Box(*(f"{side}%" for side in jsonld.region_text(region).split(",")))


def drawing_shown(drawing: Drawing, *, about: int | None = None) -> DrawingShown:
    """A drawing with its hotspots. Args: about: the part that the page is about."""
    return DrawingShown(
        id=drawing.id,
        title=title_of(drawing),
        href=reverse("storefront:drawing", args=[drawing.id]),
        source=drawing_href(drawing.id, SHOWN_WIDTH),
        whole=drawing_href(drawing.id, WHOLE_WIDTH),
        width=drawing.picture.width,
        height=drawing.picture.height,
        version=version_text(drawing.version),
        licence=licence_link(drawing.licence),
        published_at=drawing.published_at,
        is_current=drawing.is_current,
        hotspots=tuple(
            Hotspot(
                mark.id,
                mark.part_id,
                mark.number,
                name_of(mark),
                part_href(mark.part_id),
                box_of(mark.region),
                about is not None and mark.part_id != about,
            )
            for mark in drawing.marks
        ),
    )


def part_lines(
    tree: Sequence[Part], figures: Sequence[Figure], owners: Mapping[int, int] | None = None
) -> tuple[PartLine, ...]:
    """Parts as a tree, each with what there is to see of it."""
    counted = Counter(figure.part_id for figure in figures)
    return tuple(
        PartLine(
            part.id,
            part.number,
            name_of(part),
            f"×{part.quantity}" if part.quantity > 1 else "",
            part.depth,
            part_href(part.id),
            tuple(_notes(counted[part.id], (owners or {}).get(part.id, 0))),
        )
        for part in tree
    )


def specs(figures: Sequence[Figure]) -> tuple[Spec, ...]:
    """Figures, the current version of each with those before it where they are given (the latest first)."""
    series: dict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        series[figure.part_id, figure.kind, figure.quantity, figure.condition].append(figure)
    return tuple(_spec(versions[0], versions[1:]) for versions in series.values())


def by_kind(figures: Collection[Figure]) -> tuple[tuple[str, tuple[Spec, ...]], ...]:
    """Figures under what they say: performance first, since it is what people ask for."""
    return tuple(
        (KINDS[kind](), found)
        for kind in (FigureKind.PERFORMANCE, FigureKind.MEASURE)
        if (found := specs([figure for figure in figures if figure.kind is kind]))
    )


def value_text(figure: Figure) -> str:
    """A value with its unit, as many digits as were published."""
    value = f"{figure.said.value:,f}"
    return f"{value} {figure.said.unit}" if figure.said.unit else value


def quantity_of(figure: Figure) -> str:
    """What a figure measures, in the reader's language."""
    return in_language(figure.quantity, figure.quantity_en)


def version_text(version: int) -> str:
    """The number of a version."""
    return _("Version %(n)s") % {"n": version}


def licence_link(licence: Licence) -> parts.Link:
    """A licence and where its text stands."""
    is_public = licence is not Licence.RESERVED
    return parts.Link(LICENCES[licence](), f"https://spdx.org/licenses/{licence.value}.html" if is_public else "")


def _spec(figure: Figure, older: Sequence[Figure] = ()) -> Spec:
    return Spec(
        figure.id,
        quantity_of(figure),
        in_language(figure.condition, figure.condition_en),
        value_text(figure),
        figure.said.source,
        licence_link(figure.said.licence),
        version_text(figure.version),
        figure.published_at,
        tuple(_spec(each) for each in older),
    )


def _notes(figure_count: int, owner_count: int) -> list[str]:
    notes = []
    if figure_count:
        notes.append(ngettext("%(n)s figure", "%(n)s figures", figure_count) % {"n": figure_count})
    if owner_count:
        notes.append(ngettext("%(n)s owner wrote of it", "%(n)s owners wrote of it", owner_count) % {"n": owner_count})
    return notes
