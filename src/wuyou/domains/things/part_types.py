"""What others see of the parts of things: a tree of parts, drawings of the brand, and figures; all with versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from wuyou.domains.things.types import Region, StoredPicture


class Licence(Enum):
    """On what terms others may use a drawing or a figure; SPDX's names (https://spdx.org/licenses/)."""

    RESERVED = "LicenseRef-all-rights-reserved"
    CC0 = "CC0-1.0"
    CC_BY = "CC-BY-4.0"
    CC_BY_SA = "CC-BY-SA-4.0"
    CC_BY_NC = "CC-BY-NC-4.0"
    CC_BY_ND = "CC-BY-ND-4.0"
    OHL_P = "CERN-OHL-P-2.0"
    OHL_W = "CERN-OHL-W-2.0"
    OHL_S = "CERN-OHL-S-2.0"


class FigureKind(Enum):
    """What a figure says."""

    MEASURE = "MEASURE"
    """How it is made: a mass, a thickness, a pitch."""
    PERFORMANCE = "PERFORMANCE"
    """What it does: so many hours, so many strokes."""


@dataclass(frozen=True, slots=True)
class PartDraft:
    """A part to be written down. `number` is its position on the drawing, and its name among the parts of a thing."""

    number: str
    name: str
    name_en: str = ""
    quantity: int = 1
    """How many of them the thing, or the part above, has."""
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a thing."""

    id: int
    thing_id: int
    parent_id: int | None
    number: str
    name: str
    name_en: str
    quantity: int
    is_retired: bool
    """The thing has it no longer; what was said of it stays."""
    depth: int = 0
    """So many parts are above it, where parts are listed as a tree."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a part is on a drawing."""

    id: int
    part_id: int
    number: str
    name: str
    name_en: str
    region: Region


@dataclass(frozen=True, slots=True)
class DrawingDraft:
    """What is said of a drawing; the title is its name among the drawings of a thing."""

    title: str
    title_en: str = ""
    licence: Licence = Licence.RESERVED


@dataclass(frozen=True, slots=True)
class Drawing:
    """A version of a drawing of a thing, by who sells it."""

    id: int
    thing_id: int
    title: str
    title_en: str
    licence: Licence
    version: int
    is_current: bool
    """No later version supersedes it."""
    picture: StoredPicture
    marks: tuple[Mark, ...]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class FigureValue:
    """What one version of a figure says."""

    value: Decimal
    """Exact: as many digits as were published."""
    unit: str
    """Empty for what has none."""
    source: str
    """Where it comes from: a data sheet, a test, an own measurement."""
    licence: Licence = Licence.RESERVED


@dataclass(frozen=True, slots=True)
class FigureDraft:
    """A figure of a part, or of the whole thing. Quantity and condition are its name among them."""

    kind: FigureKind
    quantity: str
    """What is measured: mass, tensile strength, battery life."""
    said: FigureValue
    quantity_en: str = ""
    condition: str = ""
    """Under which it holds: at 20 °C, with the light on."""
    condition_en: str = ""
    part_id: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A version of a figure."""

    id: int
    thing_id: int
    part_id: int | None
    kind: FigureKind
    quantity: str
    quantity_en: str
    condition: str
    condition_en: str
    said: FigureValue
    version: int
    is_current: bool
    published_at: datetime
