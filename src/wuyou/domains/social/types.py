"""What others see of relations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from wuyou.domains.identity.types import Person
from wuyou.kernel.sight import ONLY_ME, AudienceRule, Subject


class RequestState(StrEnum):
    """Where a friend request stands."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Relation:
    """What stands between a person («I») and another, at this moment."""

    follows: bool = False
    is_followed: bool = False
    are_friends: bool = False
    asks: bool = False
    """My friend request waits for their answer."""
    is_asked: bool = False
    """Theirs waits for mine."""
    mutes: bool = False
    blocks: bool = False
    is_blocked: bool = False
    """They block me. Never told to me: to me they are not to be found."""


@dataclass(frozen=True, slots=True)
class FriendRequest:
    """Somebody asks another to be friends, and says why."""

    id: int
    sender_id: int
    receiver_id: int
    reason: str
    state: RequestState
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Tied:
    """A person on a list of relations, and since when."""

    id: int
    """Of the relation; the cursor of the list."""
    person_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Label:
    """A class of people that its owner made; nobody else knows of it."""

    id: int
    name: str
    member_count: int


class TieKind(StrEnum):
    """What happened between two people, as far as it is counted; what each is worth stands in `rules.WEIGHTS`."""

    EXCHANGE = "EXCHANGE"
    """Words written for this very person: a message, a reply, a greeting."""
    GROUP_EXCHANGE = "GROUP"
    """Words written in a small group."""
    REQUEST = "REQUEST"
    """A friend request with its reason, agreed to."""
    GIFT = "GIFT"
    THANKS = "THANKS"
    """Appreciation in words."""
    TEAM = "TEAM"
    """Bought together in a team of few."""
    BIG_TEAM = "BIGTEAM"
    """Bought together in a larger team."""
    EVENT = "EVENT"
    """Both were there."""
    TRADE = "TRADE"
    """One bought of the other."""
    CLICK = "CLICK"
    """One press and no word: a thanks without words, passing something on."""


class Channel(StrEnum):
    """What ties two people. Trade and gifts are never added up into one link."""

    TALK = "TALK"
    GIFTS = "GIFTS"
    TOGETHER = "TOGETHER"
    TRADE = "TRADE"
    CLICKS = "CLICKS"


@dataclass(frozen=True, slots=True)
class Weight:
    """What an act is worth to a tie, in thousandths of a point."""

    channel: Channel
    answered: int
    """Where the other did the same in the same month."""
    alone: int
    """Where they did not; at most twice `answered`, or an answer would weaken a tie."""
    daily_cap: int
    """So many a day from each side are counted."""


class Band(StrEnum):
    """How close two people are, in words."""

    NONE = "NONE"
    ACQUAINTED = "ACQUAINTED"
    FAMILIAR = "FAMILIAR"
    CLOSE = "CLOSE"


class Correction(StrEnum):
    """What a person says of their own side of a tie, when counting has it wrong. Nobody else learns of it."""

    CLOSER = "CLOSER"
    DISTANT = "DISTANT"
    HIDDEN = "HIDDEN"


@dataclass(frozen=True, slots=True)
class Tie:
    """How close another is to me, as I see it."""

    person_id: int
    strength: int
    """In thousandths of a point, decayed to now and corrected by me."""
    band: Band
    are_friends: bool
    correction: Correction | None
    last_on: date | None
    """When there was last something between us that more than a click made."""


@dataclass(frozen=True, slots=True)
class TieMonth:
    """Acts of one kind in one month, from me and from them."""

    month: int
    """Months since the year 0."""
    kind: TieKind
    from_me: int
    from_them: int


@dataclass(frozen=True, slots=True)
class TiePart:
    """What one channel adds to a tie now, and out of how many acts."""

    channel: Channel
    strength: int
    from_me: int
    from_them: int


@dataclass(frozen=True, slots=True)
class TiePoint:
    """How strong a tie was at the end of a month."""

    month: date
    strength: int


@dataclass(frozen=True, slots=True)
class TieStory:
    """A tie with why it is so and how it came about. `counted` is without my correction."""

    tie: Tie
    counted: int
    parts: tuple[TiePart, ...]
    history: tuple[TiePoint, ...]


class GiftKind(StrEnum):
    """What can be given. None of them has a price."""

    THING = "THING"
    """A copy of one's own, handed on."""
    KNOWLEDGE = "KNOWLEDGE"
    FAVOUR = "FAVOUR"
    INTRODUCTION = "INTRODUCTION"
    TIME = "TIME"


class GiftState(StrEnum):
    """Where a gift stands."""

    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    GIVEN = "GIVEN"


class GiftsFrom(StrEnum):
    """Of whom a person takes gifts."""

    FRIENDS = "FRIENDS"
    KNOWN = "KNOWN"
    """Friends and whom they follow."""
    ANYONE = "ANYONE"
    """Whoever may reach them."""


@dataclass(frozen=True, slots=True)
class Preference:
    """What a person has set about gifts and reminders."""

    gifts_from: GiftsFrom = GiftsFrom.KNOWN
    is_reminded: bool = True


@dataclass(frozen=True, slots=True)
class GiftDraft:
    """A gift to offer."""

    receiver_id: int
    kind: GiftKind
    what: str
    """What it is, in a line."""
    words: str = ""
    about: Subject | None = None
    in_return_for: int | None = None
    """An earlier gift of theirs that this one answers; never needed."""


@dataclass(frozen=True, slots=True)
class Gift:
    """A gift from one person to another; nobody else knows of it."""

    id: int
    giver_id: int
    receiver_id: int
    kind: GiftKind
    state: GiftState
    what: str
    words: str
    about: Subject | None
    copy_id: int | None
    """The giver's copy, which lives in a higher domain."""
    in_return_for: int | None
    offered_at: datetime
    answered_at: datetime | None
    given_at: datetime | None
    is_thanked: bool


class AppreciatedKind(StrEnum):
    """For what somebody is thanked. All but gifts live in higher domains and are named by id."""

    GIFT = "GIFT"
    REVIEW = "REVIEW"
    ANNOTATION = "ANNOTATION"
    ANSWER = "ANSWER"
    STORY = "STORY"
    SHARE = "SHARE"
    POST = "POST"


@dataclass(frozen=True, slots=True)
class Appreciation:
    """Somebody thanks a person."""

    id: int
    giver_id: int
    receiver_id: int
    kind: AppreciatedKind
    source_id: int
    words: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What received appreciation makes of a person."""

    level: int = 0
    credit: int = 0
    """In thousandths."""
    appreciator_count: int = 0


class NudgeKind(StrEnum):
    """Why giving may need an answer."""

    UNTHANKED = "UNTHANKED"
    """A gift came, and no thanks went."""
    ONE_WAY = "ONE_WAY"
    """They give, and nothing goes back."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """Something one may want to answer; shown where one looks, never sent."""

    kind: NudgeKind
    person_id: int
    gift_id: int | None
    count: int


class OccasionKind(StrEnum):
    """What may be a reason to write."""

    YEARS_OF_FRIENDSHIP = "YEARS"
    THING_IN_COMMON = "THING"


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reason to write to somebody."""

    kind: OccasionKind
    number: int
    """How many years, or which thing."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """Somebody who was close and has grown silent."""

    id: int
    person_id: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class WeekOfTies:
    """What became of ties in one week, for staff: figures of all people together."""

    week: date
    """Its Monday."""
    formed: int
    strengthened: int
    gift_links: int
    trade_links: int


class Role(StrEnum):
    """What somebody is here, as they say themselves."""

    MEMBER = "MEMBER"
    """Who says nothing else."""
    DESIGNER = "DESIGNER"
    ARTIST = "ARTIST"
    MAKER = "MAKER"
    BRAND = "BRAND"
    CREATOR = "CREATOR"
    MERCHANT = "MERCHANT"
    CIRCLE_LEAD = "CIRCLE_LEAD"
    TOOL_MAKER = "TOOL_MAKER"


@dataclass(frozen=True, slots=True)
class Face:
    """A person as one viewer sees them. It does not tell whether there are other faces."""

    person: Person
    """By the name and the picture that this viewer sees."""
    words: str = ""
    """What they say of themselves."""
    roles: tuple[Role, ...] = ()
    """Empty for who is a member and says nothing else."""
    face_id: int | None = None
    """By which it is reported; None where a person shows nothing but their name."""


@dataclass(frozen=True, slots=True)
class FaceDraft:
    """A further face to make, or what becomes of one."""

    name: str
    avatar: str = ""
    """Name of a picture in the interface's set; empty for that of the main face."""
    words: str = ""
    roles: tuple[Role, ...] = ()
    audience: AudienceRule = ONLY_ME


@dataclass(frozen=True, slots=True)
class OwnFace:
    """One's own further face, with whom it is shown to."""

    id: int
    draft: FaceDraft


@dataclass(frozen=True, slots=True)
class OwnFaces:
    """All faces of a person, for that person: what the main one says, and the others in their order."""

    words: str = ""
    roles: tuple[Role, ...] = ()
    others: tuple[OwnFace, ...] = ()


class TraitKind(StrEnum):
    """What people say of themselves, and may be found by."""

    AGE = "AGE"
    HOBBY = "HOBBY"
    PLACE = "PLACE"


@dataclass(frozen=True, slots=True)
class AgeBand:
    """When somebody was born, to five or ten years: it does not grow old, and is no birth date."""

    first_year: int
    """A multiple of `years`."""
    years: int

    @property
    def last_year(self) -> int:
        """The last year of it: `AgeBand(1990, 5).last_year == 1994`."""
        return self.first_year + self.years - 1


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that a person says of themselves."""

    id: int
    kind: TraitKind
    words: tuple[str, ...]
    """As they say it: a hobby in one, a place from country to city; none for an age."""
    band: AgeBand | None = None
    """Of an age: their own statement. Without one it is the real-name proof's: an adult."""


@dataclass(frozen=True, slots=True)
class OwnTrait:
    """The same of one's own, with whom it is open to."""

    trait: Trait
    audience: AudienceRule


@dataclass(frozen=True, slots=True)
class TraitQuery:
    """What is asked of what people say of themselves; everything must hold."""

    hobbies: tuple[str, ...] = ()
    """All of these, in any spelling."""
    same_hobbies: bool = False
    """At least one of those of who asks."""
    same_age: bool = False
    """An age that can be that of who asks, who has said theirs."""
    place: str = ""
    """Every word of it is one of a place of theirs."""
    role: Role | None = None
    """One of the face that who asks sees."""

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return self == NOTHING_SAID


NOTHING_SAID = TraitQuery()


@dataclass(frozen=True, slots=True)
class Alike:
    """Why somebody was found by what they say of themselves, as far as who asked may see it now."""

    hobbies: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    is_same_age: bool = False
    role: Role | None = None


NOT_ALIKE = Alike()
