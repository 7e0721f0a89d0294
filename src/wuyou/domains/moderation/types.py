"""What others see of moderation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from wuyou.kernel.sight import Viewer


class SubjectKind(StrEnum):
    """What can be judged. The values stand in rows: never give one another meaning."""

    REVIEW = "REVIEW"
    ANNOTATION = "ANNOTATION"
    ANSWER = "ANSWER"
    COPY = "COPY"
    POST = "POST"
    COMMENT = "COMMENT"
    MESSAGE = "MESSAGE"
    PERSON = "PERSON"
    FACE = "FACE"
    PRODUCT = "PRODUCT"
    SHOP = "SHOP"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """Something that can be judged, by its kind and id."""

    kind: SubjectKind
    id: int


class Category(StrEnum):
    """The rules of the house: what a report complains of, what a rule is against, what a decision rests on."""

    FRAUD = "FRAUD"
    COUNTERFEIT = "COUNTERFEIT"
    GOODS = "GOODS"
    """Old stock, poor goods, or other goods than were described."""
    GAMBLING = "GAMBLING"
    ADVERTISING = "ADVERTISING"
    FALSEHOOD = "FALSEHOOD"
    HARASSMENT = "HARASSMENT"
    PRIVACY = "PRIVACY"
    SEXUAL = "SEXUAL"
    VIOLENCE = "VIOLENCE"
    RIGHTS = "RIGHTS"
    """Another's words, pictures or name without leave."""
    OTHER = "OTHER"


class Verdict(StrEnum):
    """What a rule does with what it finds."""

    REFUSE = "REFUSE"
    """It is not taken at all; its writer is told the words and the rule."""
    HOLD = "HOLD"
    """It is taken, and its writer alone sees it until staff have looked."""
    MARK = "MARK"
    """It is published; that the rule found it is kept."""


class Outcome(StrEnum):
    """What is decided."""

    KEEP = "KEEP"
    WARN = "WARN"
    """It stays, and whoever it is of gets a strike."""
    WITHHOLD = "WITHHOLD"
    """Its owner alone sees it until they have changed it and staff have looked again."""
    REMOVE = "REMOVE"
    """As withheld until the time to appeal is over, and then it goes."""


WITHHOLDING = frozenset({Outcome.WITHHOLD, Outcome.REMOVE})
"""What closes a subject to everybody but its owner."""


class CaseState(StrEnum):
    OPEN = "OPEN"
    DECIDED = "DECIDED"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a subject says at this moment."""

    subject: Subject
    owner_id: int
    texts: tuple[str, ...]
    pictures: tuple[str, ...] = ()
    """Keys in `infra.storage`."""
    place_id: int | None = None
    """Of the page on which it stands, where that is another than its own: a thing's, a post's."""
    handle: str = ""
    """Of a person, by which their page is found."""


@dataclass(frozen=True, slots=True)
class Source:
    """How the domain that owns a kind of subjects shows them here."""

    find: Callable[[Viewer, int], Shown | None]
    """What the viewer sees of it, who may report what they see; None where they see nothing. One query or two."""
    look_up: Callable[[Collection[int]], Mapping[int, Shown]]
    """What staff judge, whoever may see it; what is gone is left out. One query or two."""
    outcomes: frozenset[Outcome] = frozenset(Outcome)
    """What can be decided of it."""


# ------------------------------------------------------------------ rules


@dataclass(frozen=True, slots=True)
class TermDraft:
    """A term rule to write."""

    text: str
    verdict: Verdict
    category: Category
    exceptions: tuple[str, ...] = ()
    valid_from: datetime | None = None
    """None: from now on."""


@dataclass(frozen=True, slots=True)
class TermRule:
    """A term and what becomes of what holds it. It never changes: another one takes its place."""

    id: int
    text: str
    exceptions: tuple[str, ...]
    verdict: Verdict
    category: Category
    valid_from: datetime
    hit_count: int = 0


@dataclass(frozen=True, slots=True)
class PictureRule:
    """A picture, by its look alone, and what becomes of what looks like it."""

    id: int
    phash: int
    verdict: Verdict
    category: Category
    note: str
    made_at: datetime
    hit_count: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A term rule that a text breaks, and where: `text[start:end]`."""

    rule: TermRule
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Screening:
    """What the rules say of something that is to be published: whoever publishes it files it with its id."""

    term_rule_ids: tuple[int, ...] = ()
    picture_rule_ids: tuple[int, ...] = ()
    category: Category | None = None
    """Of the gravest rule that found something; None when none did."""
    is_held: bool = False
    """Its writer alone may see it until staff have looked."""


# ------------------------------------------------------------------ cases


@dataclass(frozen=True, slots=True)
class Case:
    """What waits for staff, or did."""

    id: int
    subject: Subject
    owner_id: int | None
    """None once they are gone."""
    state: CaseState
    is_held: bool
    """Whether its subject was closed while it waits or waited."""
    category: Category
    opened_at: datetime
    report_count: int
    hit_count: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a member complained of. Who it was is shown to nobody."""

    id: int
    category: Category
    words: str
    evidence: tuple[str, ...]
    """What the reporter saw."""
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that found something in a subject."""

    term: TermRule | None
    picture: PictureRule | None
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of a subject, under which rule, and why."""

    id: int
    case_id: int
    subject: Subject
    owner_id: int | None
    outcome: Outcome
    category: Category
    note: str
    """What staff add to the words of the rule, for whom it concerns alone."""
    decided_at: datetime
    decided_by: int | None
    """None in what is shown to others than staff."""
    is_of_appeal: bool
    appeal_until: datetime
    appeal: Appeal | None


@dataclass(frozen=True, slots=True)
class Appeal:
    """What somebody says against a decision."""

    id: int
    decision_id: int
    words: str
    made_at: datetime
    answered_at: datetime | None
    is_granted: bool | None
    """None while nobody has answered."""


@dataclass(frozen=True, slots=True)
class OwnReport:
    """One's own report, and what became of it."""

    id: int
    subject: Subject
    category: Category
    words: str
    evidence: tuple[str, ...]
    made_at: datetime
    outcome: Outcome | None
    """None while nobody has decided."""
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one's own subject stands, when something is the matter with it."""

    case_id: int
    state: CaseState
    is_withheld: bool
    category: Category
    decision_id: int | None


@dataclass(frozen=True, slots=True)
class Strike:
    """A decision that counts against a person for a while."""

    decision_id: int
    points: int
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


# ------------------------------------------------------------------ the public log


@dataclass(frozen=True, slots=True)
class LogLine:
    """A decision as everybody may read it: of what kind, under which rule. No name and no number of anything."""

    id: int
    decided_on: date
    kind: SubjectKind
    outcome: Outcome
    category: Category
    was_reported: bool
    was_found: bool
    """By a rule."""
    is_of_appeal: bool


@dataclass(frozen=True, slots=True)
class MonthOfLog:
    """What was done in a month of the business calendar."""

    month: date
    reports: int
    decisions: Mapping[Outcome, int]
    appeals: int
    granted: int
