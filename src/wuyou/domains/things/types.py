"""What others see of things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import NamedTuple

from wuyou.domains.social.types import NOT_ALIKE, NOTHING_SAID, Alike, TraitQuery
from wuyou.kernel.sight import ONLY_ME, AudienceRule


class ThingKind(Enum):
    """Its level in the tree."""

    FAMILY = "FAMILY"
    """A line of models, as in «rangefinder cameras of that maker»."""
    MODEL = "MODEL"
    """What a page is about: a book, a camera, a product."""
    VARIANT = "VARIANT"
    """One form of a model: a colour, a size."""


class HoldingState(Enum):
    """How it stands between a person and a thing."""

    OWN = "OWN"
    WANT = "WANT"
    HAD = "HAD"
    """Once, no longer: used up, read, lost, sent back."""
    LENT = "LENT"
    """Owned, and with somebody else for now."""
    GIVEN = "GIVEN"
    """Given away."""


class HoldingSource(Enum):
    """How it came to be on record."""

    ORDER = "ORDER"
    GIFT = "GIFT"
    IMPORT = "IMPORT"
    HAND = "HAND"


class Condition(Enum):
    """What state a copy is in; nobody has to say."""

    UNSAID = ""
    NEW = "NEW"
    GOOD = "GOOD"
    WORN = "WORN"
    BROKEN = "BROKEN"


class Cause(Enum):
    """Why a line of history was written."""

    ADDED = "ADDED"
    """By its owner."""
    ARRIVED = "ARRIVED"
    """From an order."""
    IMPORTED = "IMPORTED"
    MOVED = "MOVED"
    """Its owner said that it is otherwise now."""
    RETURNED = "RETURNED"
    """Its order was wholly refunded."""


class RowFault(Enum):
    """What is wrong with a row of an import."""

    TITLE = "TITLE"
    """No title, or none of 1 to 200 printable characters."""
    CREATOR = "CREATOR"
    ISBN = "ISBN"
    """Not an ISBN, or one whose check digit is wrong."""
    STATE = "STATE"
    DATE = "DATE"
    """Not a date, or one that is still to come."""
    RATING = "RATING"
    """Not a whole number from 1 to 5."""
    COMMENT = "COMMENT"
    """Longer than 5,000 characters."""
    TWICE = "TWICE"
    """The same thing stands in an earlier row."""
    SHAPE = "SHAPE"
    """More cells than the head has columns."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing, wherever it is sold or not."""

    id: int
    kind: ThingKind
    parent_id: int | None
    name: str
    name_en: str
    brand: str
    """Who makes it: a brand, an author, a studio."""
    product_id: int | None
    variant_id: int | None


@dataclass(frozen=True, slots=True)
class Holding:
    """One person's copy of a thing, or their wish for one."""

    id: int
    owner_id: int
    thing: Thing
    state: HoldingState
    source: HoldingSource
    condition: Condition
    since_on: date | None
    story: str
    rating: int | None
    """1 to 5."""
    fields: tuple[tuple[str, str], ...]
    """What the owner likes to note, as in «number» → «0217 of 2000»."""
    labels: tuple[str, ...]
    shelf_id: int | None
    position: int
    """Its place among those of its owner; grows towards the end of a shelf."""
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Provenance:
    """One line of a copy's history: from then on it stood so."""

    state: HoldingState
    cause: Cause
    other_id: int | None
    """From whom it came, or to whom it went."""
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """Copies that somebody put together."""

    id: int
    owner_id: int
    name: str
    count: int
    """How many of its copies the one who looks may see."""


@dataclass(frozen=True, slots=True)
class HoldingDraft:
    """A copy to put on record. Private unless a rule is given."""

    thing_id: int
    state: HoldingState = HoldingState.OWN
    source: HoldingSource = HoldingSource.HAND
    condition: Condition = Condition.UNSAID
    since_on: date | None = None
    story: str = ""
    rating: int | None = None
    fields: tuple[tuple[str, str], ...] = ()
    other_id: int | None = None
    """From whom it came."""
    audience: AudienceRule = ONLY_ME


@dataclass(frozen=True, slots=True)
class CodedThing:
    """A thing as another place knows it, to be made once. `above` is the code of its family."""

    code: str
    kind: ThingKind
    name: str
    name_en: str = ""
    brand: str = ""
    above: str = ""


@dataclass(frozen=True, slots=True)
class BulkCopy:
    """One of very many copies; `key` is what a second import of the same finds it by, with its owner."""

    owner_id: int
    thing_id: int
    key: str
    state: HoldingState
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What an owner says of a copy."""

    condition: Condition = Condition.UNSAID
    since_on: date | None = None
    story: str = ""
    rating: int | None = None
    fields: tuple[tuple[str, str], ...] = ()


class Proof(Enum):
    """What a writer's own copy proves of who writes about a thing."""

    NONE = ""
    OWNER = "OWNER"
    """They have or had it."""
    BOUGHT = "BOUGHT"
    """They bought it here, and did not send it back."""


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture that belongs to something said or published here."""

    id: int
    key: str
    """Of its files (`infra.pictures`); no permission, and shown to nobody."""
    width: int
    height: int
    blurhash: str


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    """What somebody wants to say of a thing. Private unless a rule is given."""

    text: str
    rating: int | None = None
    shows_proof: bool = True
    """Whether readers learn that the writer has or had it."""
    audience: AudienceRule = ONLY_ME


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody says of a thing."""

    id: int
    owner_id: int
    thing: Thing
    text: str
    rating: int | None
    """1 to 5."""
    shows_proof: bool
    """Whether the writer wants to be known as an owner; only they need to know."""
    proof: Proof
    """What is known of them now."""
    pictures: tuple[StoredPicture, ...]
    written_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ratings:
    """The stars of everybody whose reviews the viewer may see: each person's latest."""

    by_stars: tuple[int, int, int, int, int]
    """How many people gave one star, two, … five."""

    @property
    def count(self) -> int:
        """How many people gave stars."""
        return sum(self.by_stars)

    @property
    def mean(self) -> Decimal | None:
        """To one digit; None where nobody gave any."""
        if not self.count:
            return None
        stars = sum(stars * people for stars, people in enumerate(self.by_stars, 1))
        return (Decimal(stars) / self.count).quantize(Decimal("0.1"), ROUND_HALF_UP)


class Purpose(Enum):
    """Why somebody says something at a thing; the names of W3C's motivations stand in `jsonld`."""

    COMMENT = "COMMENT"
    ASK = "ASK"
    EXPLAIN = "EXPLAIN"


WHOLE = 10_000
"""A side of a picture, in hundredths of a percent."""


class Region(NamedTuple):
    """A rectangle of a picture, in hundredths of a percent of its sides."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class AnnotationDraft:
    """What somebody wants to say at a thing. Private unless a rule is given."""

    text: str
    purpose: Purpose = Purpose.COMMENT
    picture_id: int | None = None
    """Of a review, which it points into."""
    region: Region | None = None
    """Of the picture, photo or drawing."""
    audience: AudienceRule = ONLY_ME
    part_id: int | None = None
    drawing_id: int | None = None
    figure_id: int | None = None
    photo_id: int | None = None
    """It points at one of these, or at the thing as a whole; a photo is of a copy."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What somebody said at a thing, at a part or figure of it, or at a picture or drawing of it or a region there."""

    id: int
    owner_id: int
    thing_id: int
    picture_id: int | None
    part_id: int | None
    drawing_id: int | None
    figure_id: int | None
    photo_id: int | None
    region: Region | None
    purpose: Purpose
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in a thread."""

    id: int
    owner_id: int
    annotation_id: int
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """Something that somebody said of a thing."""

    owner_id: int
    thing_id: int


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody who was thanked for what they said of a thing."""

    person_id: int
    appreciator_count: int
    """How many people thanked them for what the viewer sees."""


class Nearness(Enum):
    """At which level people have something in common, from near to far."""

    THING = "thing"
    FAMILY = "family"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """Who is looked for; everything that is said must hold."""

    at_least: int = 0
    """So many things in common with who asks; 0 does not ask for any."""
    thing_ids: tuple[int, ...] = ()
    """Has all of these, or a form of each."""
    brand: str = ""
    """Has something of this brand."""
    friends_of_friends: bool = False
    """Is no friend, and a friend follows them and is followed by them: friendships are told to nobody."""
    circle_id: int | None = None
    """Is a member of this circle."""
    family_of: int | None = None
    """Has something of the family that this thing is, or belongs to."""
    said: TraitQuery = NOTHING_SAID
    """What they say of themselves to who asks."""

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return self == PeopleQuery()


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody who was found, and why, as far as who asked may see it now."""

    person_id: int
    nearness: Nearness
    """At which level they share something with who asked."""
    count: int
    """How many things, families or brands they share."""
    shared: tuple[Thing, ...]
    """The rarest of what they share: things, or families."""
    brands: tuple[str, ...]
    """The rarest of the brands they share, where the level is that."""
    alike: Alike = NOT_ALIKE
    """What of that which was asked they say of themselves."""


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """Some of who was found, best first, and where to go on."""

    people: tuple[FoundPerson, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """A line of an order whose goods have come."""

    line_id: int
    variant_id: int


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row that can be taken in."""

    line: int
    """Where it begins in the file; the head is line 1."""
    code: str
    """What it is the same thing by."""
    title: str
    creator: str
    state: HoldingState
    since_on: date | None
    rating: int | None
    comment: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is left out, and why."""

    line: int
    title: str
    """What could be read of its title, at most 60 characters."""
    fault: RowFault


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import does, or would do."""

    row_count: int
    added_count: int
    there_count: int
    """Rows that an earlier import took in already."""
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of a copy, for whoever sees the copy."""

    id: int
    holding_id: int
    key: str
    """Of its files (`infra.pictures`); no permission, and shown to nobody."""
    width: int
    height: int
    blurhash: str


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A thing of which somebody has a photo that looks like another picture."""

    thing: Thing
    distance: int
    """In how many of 64 bits the two differ."""
    photo: Photo
    """The one that looks most alike."""
