"""What others see of channels: enums and frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wuyou.domains.content.types import PostKind
from wuyou.domains.social.types import Role

MAX_SLUG = 16
"""`channel-` and a slug fit into a word of the behaviour log."""
MOST = 500
"""So long is the longest channel."""


class Language(StrEnum):
    """In what a post is written, by its signs."""

    ZH = "ZH"
    EN = "EN"


class Criterion(StrEnum):
    """What a rule can ask of a post. The names stand in rows: never give one another meaning."""

    BY_HAND = "BY_HAND"
    """Of a channel that editors alone fill; no post fulfils it."""
    KINDS = "KINDS"
    TOPICS_ANY = "TOPICS_ANY"
    TOPICS_ALL = "TOPICS_ALL"
    TOPICS_NONE = "TOPICS_NONE"
    THINGS = "THINGS"
    BRANDS = "BRANDS"
    ROLES = "ROLES"
    LANGUAGE = "LANGUAGE"
    SELLS = "SELLS"
    SIGNS = "SIGNS"
    AGE = "AGE"
    QUALITY = "QUALITY"
    READS = "READS"
    REACTIONS = "REACTIONS"
    SAVES = "SAVES"
    THANKS = "THANKS"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which posts a channel takes, and how it lays them out. What is left out asks for nothing."""

    by_hand: bool = False
    """Editors alone fill it."""
    kinds: tuple[PostKind, ...] = ()
    topics_any: tuple[str, ...] = ()
    """One of these words; however they are written."""
    topics_all: tuple[str, ...] = ()
    topics_none: tuple[str, ...] = ()
    things: tuple[int, ...] = ()
    """It points at one of these things, or at a form of one: a model, or all of a family."""
    brands: tuple[str, ...] = ()
    """It points at a thing of one of these brands."""
    roles: tuple[Role, ...] = ()
    """Its author says in the open to be one of these."""
    language: Language | None = None
    sells: bool | None = None
    """Whether a purchase can begin at it; None: either."""
    least_signs: int = 0
    """So long is its text at least."""
    most_age_days: int | None = None
    """Not older than that."""
    least_quality: int = 0
    """Of a thousand."""
    least_reads: int = 0
    least_reactions: int = 0
    least_saves: int = 0
    least_thanks: int = 0
    half_life_days: int = 7
    """A post that is so many days older stands as one of half the quality."""
    per_author: int | None = 5
    """So many posts of one author at most; None: any number."""
    ad_every: int | None = None
    """At most every so manieth is advertising; None: any number."""
    most: int = 200
    """So many posts at most."""


@dataclass(frozen=True, slots=True)
class ChannelText:
    """What a channel is called, and how it shows itself."""

    slug: str
    name: str
    name_en: str
    about: str = ""
    about_en: str = ""
    picture: str = ""
    """Of the shipped ones; empty: none."""
    position: int = 0
    """Where it stands among the channels; the smallest comes first."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as it stands now."""

    id: int
    text: ChannelText
    is_open: bool
    version: int
    """Of its rule."""
    rule: Rule

    @property
    def slug(self) -> str:
        """By what its addresses know it."""
        return self.text.slug


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A rule that a channel had or has."""

    version: int
    rule: Rule
    saved_by: int
    saved_at: datetime


class HandKind(StrEnum):
    """What an editor does with a post in a channel."""

    PIN = "PIN"
    """It stands at a place."""
    IN = "IN"
    """It is in, whatever the rule says."""
    OUT = "OUT"
    """It is not, whatever the rule says."""


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand placement; those that have ended are the log."""

    id: int
    channel_id: int
    post_id: int
    kind: HandKind
    place: int | None
    """Of a pin, counted from 1."""
    reason: str
    until: datetime | None
    placed_by: int
    placed_at: datetime
    ended_by: int | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What quality is made of. Counts are of people other than the author; of few people some are zero."""

    reads: int = 0
    """How often it was on a screen, on days that enough people looked."""
    reactions: int = 0
    comments: int = 0
    reposts: int = 0
    saves: int = 0
    """Zero while so few keep it that it would tell of them."""
    thanks: int = 0
    has_title: bool = False
    signs: int = 0
    pictures: int = 0
    """A film counts as three."""
    tags: int = 0
    topics: int = 0
    standing: int = 0
    """The level of its author by thanks from different people."""
    points: int = 0
    """Of strikes that count against its author."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a post is, of a thousand, and what makes it so: the parts sum to `total`."""

    response: int
    thanks: int
    saves: int
    completeness: int
    record: int
    strikes: int
    """What strikes of its author take away; not above zero."""
    total: int


@dataclass(frozen=True, slots=True)
class Facts:
    """A post in the open, as rules see it."""

    post_id: int
    owner_id: int
    kind: PostKind
    topics: tuple[str, ...]
    things: frozenset[int]
    """The things that it points at, with what they are forms of."""
    brands: tuple[str, ...]
    roles: frozenset[Role]
    language: Language | None
    sells: bool
    is_ad: bool
    published_at: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a post fulfils one condition, and by what."""

    condition: Criterion
    holds: bool
    by: tuple[str | int, ...]
    """What matched, or what stands against it; of a figure what it is, and what is asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of a post, and why."""

    post_id: int
    holds: bool
    checks: tuple[Check, ...]
    quality: Quality
    figures: Figures
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a post was placed, as it stood then. A shape that is kept: fields come, and none changes its meaning."""

    checks: tuple[Check, ...]
    quality: Quality
    figures: Figures
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """That a post is in a channel now, and why."""

    channel: Channel
    post_id: int
    by_rule: bool
    hand: Hand | None
    reasons: Reasons
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a post stands with one channel: what its rule says at this moment, and what an editor did."""

    channel: Channel
    verdict: Verdict
    hand: Hand | None
    is_placed: bool
    """Its readers find it there, as far as they see it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that may be shown in a channel, before the channel is laid out."""

    post_id: int
    owner_id: int
    is_ad: bool
    hand: HandKind | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A post in a channel, for one reader."""

    post_id: int
    is_pinned: bool
