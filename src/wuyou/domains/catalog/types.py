"""What others see of goods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wuyou.infra.pictures import Picture
from wuyou.kernel.money import Currency, Money


class Permission(StrEnum):
    """What may be done in a shop: each page and operation of it asks for one."""

    ORDERS = "ORDERS"
    """Orders, parcels, refunds, returns and complaints."""
    GOODS = "GOODS"
    """Products, photographs, prices and stock."""
    MARKETING = "MARKETING"
    """Coupons, campaigns and teams, commissions, activities, and what they bring."""
    MONEY = "MONEY"
    """The shop's account, and what it takes in."""
    CLERKS = "CLERKS"
    """Who works here, and what they have done."""


class Role(StrEnum):
    """As what somebody works in a shop that is not theirs."""

    MANAGER = "MANAGER"
    ORDERS = "ORDERS"
    GOODS = "GOODS"
    MARKETING = "MARKETING"
    FINANCE = "FINANCE"


ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.MANAGER: frozenset(Permission) - {Permission.CLERKS},
    Role.ORDERS: frozenset({Permission.ORDERS}),
    Role.GOODS: frozenset({Permission.GOODS}),
    Role.MARKETING: frozenset({Permission.MARKETING}),
    Role.FINANCE: frozenset({Permission.MONEY}),
}
"""What each role may; who owns the shop may everything."""


class KeywordKind(StrEnum):
    """What a keyword says something about; the operator defines keywords, and each kind is put on what it fits."""

    GOODS = "GOODS"
    """What the goods are."""
    USERS = "USERS"
    """Whom the goods are for: never who somebody is."""
    MEDIA = "MEDIA"
    """Where links are put."""
    INDUSTRY = "INDUSTRY"
    ACTIVITY = "ACTIVITY"
    """The occasion of a call for goods."""


KEYWORDS_OF_GOODS: frozenset[KeywordKind] = frozenset({KeywordKind.GOODS, KeywordKind.USERS, KeywordKind.INDUSTRY})
"""What a product may carry."""
MOST_KEYWORDS, MOST_KEYWORDS_OF_A_KIND, MAX_KEYWORD = 12, 100, 20
KEYWORD_SEPARATOR = "|"
"""Between names of keywords in one cell of a file; no name has it in it."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word of the operator's for goods, whom they are for, places of links, industries or occasions."""

    id: int
    kind: KeywordKind
    name: str
    name_en: str
    is_retired: bool = False
    """Nobody is offered it any more, and nothing shows it; what carries it shows it again if it comes back."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant's shop."""

    id: int
    owner_id: int
    name: str
    name_en: str
    return_window: timedelta
    """How long after receipt a buyer may still send things back; the shop is paid after it."""
    clerks: tuple[tuple[int, Role], ...] = ()
    """Who works here besides its owner, and as what."""

    def permissions_of(self, person_id: int | None) -> frozenset[Permission]:
        """What a person may do here; nothing for who neither owns it nor works in it."""
        if person_id is not None and person_id == self.owner_id:
            return frozenset(Permission)
        return next((ROLES[role] for clerk_id, role in self.clerks if clerk_id == person_id), frozenset())

    def workers_with(self, permission: Permission) -> frozenset[int]:
        """Who owns the shop, and who works here and may do this."""
        return frozenset({self.owner_id} | {clerk_id for clerk_id, role in self.clerks if permission in ROLES[role]})


@dataclass(frozen=True, slots=True)
class Variant:
    """One buyable form of a product, with what is needed to price a line without another read."""

    id: int
    product_id: int
    shop_id: int
    name: str
    name_en: str
    price: Money
    """The price when buying alone."""
    team_price: Money | None
    """The price when buying with a team; None when it is sold alone only."""
    is_listed: bool
    photo_id: int | None = None
    """The first of the shop's photographs of this form; None too while moderation withholds the product."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product as its page shows it."""

    id: int
    shop_id: int
    title: str
    title_en: str
    brief: str
    brief_en: str
    picture: str
    """Name of a picture in the interface's set, for what has no photograph."""
    is_listed: bool
    photo_id: int | None
    """The cover: the first of the shop's photographs; None too while moderation withholds the product."""
    keyword_ids: tuple[int, ...]
    """Of keywords about goods, whom they are for, and industries; also of such as are retired."""
    variants: tuple[Variant, ...]

    @property
    def currency(self) -> Currency:
        return self.variants[0].price.currency


@dataclass(frozen=True, slots=True)
class Photo:
    """A shop's own photograph."""

    id: int
    shop_id: int
    product_id: int | None
    """None while it is put aside."""
    variant_id: int | None
    """The one form that it shows, where it shows one."""
    key: str
    """Of the picture in `infra.storage`."""
    width: int
    height: int
    """Of its largest rendition."""
    blurhash: str
    name: str
    """What its file was called; of one shop every photograph has another."""
    alt: str
    alt_en: str


@dataclass(frozen=True, slots=True)
class PhotoDraft:
    """A picture that was taken in, and what its file was called."""

    name: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody who works in a shop, or is asked to."""

    shop_id: int
    person_id: int
    role: Role
    invited_at: datetime
    joined_at: datetime | None
    """None while they have not answered."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did in a shop. It is never changed."""

    id: int
    person_id: int
    what: str
    """As the operation calls it by which it was done, or the larger act of which that was a part."""
    about: str
    """Of which order, product or person, as addresses name them."""
    at: datetime
