"""Sight: who may see what. A rule is compiled once into tokens; a viewer is the set of tokens that they hold.

A token is one 64-bit number: a `Kind` in the high bits, whose or which in the low 56. What is stored with an object is
two sets, tokens that open it and tokens that close it; what is computed for a viewer is one set. The filter in SQL
(`wuyou.infra.sight`) and the check of one object (`may_see`) ask the same question of the same sets:

    does the viewer hold a token that opens it, and none that closes it?  (An owner is closed out by nothing.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

KEY_BITS = 56
"""Of a token's 64: whose or which; what stands above them is the kind."""
MAX_KEY = (1 << KEY_BITS) - 1
"""The largest id that fits into a token."""


class Kind(IntEnum):
    """Why somebody holds a token. The numbers stand in rows: never give one another meaning."""

    EVERYONE = 1
    """Everyone, also who is not signed in."""
    PERSON = 2
    """This very person."""
    FOLLOWERS = 3
    """Who follows this person."""
    FRIENDS = 4
    """Who is a friend of this person."""
    LABEL = 5
    """Whom a label is on."""
    RETIRED_LABEL = 6
    """Whom a label was on when its owner gave it up: it opens nothing any more, and goes on closing what it closed."""
    HOLDERS = 7
    """Who holds this thing."""
    CIRCLE = 8
    """Who is a member of this circle."""
    BLOCKED = 9
    """Who has blocked this person or is blocked by them. Closes everything that the person owns."""
    BLOCKED_THING = 10
    """Who wants to see nothing about this thing."""
    BLOCKED_BRAND = 11
    """Who wants to see nothing about this brand."""
    WITHHELD = 12
    """Everyone. Closes what only its owner sees for now, whomever its rule names: a draft, or what is under review."""


OFTEN_UNKNOWN = frozenset({Kind.HOLDERS, Kind.CIRCLE})
"""Kinds of tokens of which another may know that somebody holds one, and never that they hold none."""


class SubjectKind(IntEnum):
    """What an object can be about, and what a person can therefore block; the numbers are those of the tokens."""

    THING = Kind.BLOCKED_THING
    BRAND = Kind.BLOCKED_BRAND


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing or a brand that an object is about. Raises `ValueError` when its id does not fit into a token."""

    kind: SubjectKind
    id: int

    def __post_init__(self) -> None:
        token(Kind(self.kind), self.id)


@dataclass(frozen=True, slots=True)
class Audience:
    """People, named in seven ways; whoever one of the ways names belongs."""

    everyone: bool = False
    followers: bool = False
    """Who follows the owner."""
    friends: bool = False
    """The owner's friends."""
    persons: frozenset[int] = frozenset()
    labels: frozenset[int] = frozenset()
    """On whom the owner has put one of these labels; read when somebody looks, not when the rule is made."""
    holders: frozenset[int] = frozenset()
    """Who holds one of these things."""
    circles: frozenset[int] = frozenset()
    """Who is a member of one of these circles."""

    @property
    def size(self) -> int:
        """How many persons, labels, things and circles it names."""
        return len(self.persons) + len(self.labels) + len(self.holders) + len(self.circles)


@dataclass(frozen=True, slots=True)
class AudienceRule:
    """Who may see an object: those of `to` who are not of `minus`, and always its owner."""

    to: Audience = Audience()
    minus: Audience = Audience()


PUBLIC = AudienceRule(Audience(everyone=True))
FOLLOWERS = AudienceRule(Audience(followers=True))
FRIENDS = AudienceRule(Audience(friends=True))
ONLY_ME = AudienceRule()


@dataclass(frozen=True, slots=True)
class Sight:
    """A compiled rule: what is stored with an object. The tokens are sorted."""

    owner_id: int
    opens: tuple[int, ...]
    closes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and the tokens that they hold at this moment. Made for one request, never kept."""

    person_id: int | None
    """None: not signed in."""
    tokens: frozenset[int]
    within: int | None = None
    """Looks only at what this person owns, as in «view as …»."""
    may_open: frozenset[Kind] = frozenset()
    """Kinds of tokens that open as though they held each of them: what they see at most."""
    may_close: frozenset[Kind] = frozenset()
    """Kinds of tokens that close as though they held each of them: what they see at least."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """What somebody sees, as far as another may know: everything between the two cannot be said."""

    surely: Viewer
    at_most: Viewer


def token(kind: Kind, key: int = 0) -> int:
    """The number of a token: `token(Kind.PERSON, 7) == (2 << 56) + 7`. Raises `ValueError` when `key` is not an id."""
    if not 0 <= key <= MAX_KEY:
        raise ValueError(f"not an id: {key}")
    return kind << KEY_BITS | key


_KINDS: Mapping[int, Kind] = {int(kind): kind for kind in Kind}
_EVERYONES = frozenset({token(Kind.EVERYONE), token(Kind.WITHHELD)})


def split(number: int) -> tuple[Kind, int]:
    """The kind and key of a token."""
    return _KINDS[number >> KEY_BITS], number & MAX_KEY


def keys_of(viewer: Viewer, *kinds: Kind) -> frozenset[int]:
    """The keys of the tokens of these kinds that a viewer holds."""
    return frozenset(number & MAX_KEY for number in viewer.tokens if number >> KEY_BITS in kinds)


def compile_rule(
    owner_id: int, rule: AudienceRule, about: Iterable[Subject] = (), *, is_withheld: bool = False
) -> Sight:
    """What to store with an object of this owner, opened by this rule, about these things and brands.

    Args: is_withheld: only its owner sees it for now; the rule stands beside that, and holds once it is released.
    Raises: `ValueError` when an id does not fit into a token.
    """
    opens = {token(Kind.PERSON, owner_id), *_tokens(owner_id, rule.to)}
    closes = {token(Kind.BLOCKED, owner_id), *_tokens(owner_id, rule.minus)}
    closes.update(token(Kind.RETIRED_LABEL, label) for label in rule.minus.labels)
    closes.update(token(Kind(subject.kind), subject.id) for subject in about)
    if is_withheld:
        closes.add(token(Kind.WITHHELD))
    return Sight(owner_id, tuple(sorted(opens)), tuple(sorted(closes)))


def rule_of(sight: Sight) -> AudienceRule:
    """The rule that was compiled, to show and to edit; an owner who was named in it is left out."""
    return AudienceRule(_audience(sight.owner_id, sight.opens), _audience(sight.owner_id, sight.closes))


def subjects_of(sight: Sight) -> frozenset[Subject]:
    """What the object was said to be about when its rule was compiled."""
    kinds = {Kind(kind): kind for kind in SubjectKind}
    return frozenset(Subject(kinds[kind], key) for kind, key in map(split, sight.closes) if kind in kinds)


def make_viewer(person_id: int | None, tokens: Iterable[int] = (), within: int | None = None) -> Viewer:
    """A viewer who holds these tokens, those that everyone holds and, when signed in, their own."""
    own = _EVERYONES if person_id is None else {*_EVERYONES, token(Kind.PERSON, person_id)}
    return Viewer(person_id, frozenset(own.union(tokens)), within)


def may_see(viewer: Viewer, sight: Sight) -> bool:
    """Whether this viewer may see the object; the filter of lists answers alike."""
    if viewer.within is not None and viewer.within != sight.owner_id:
        return False
    if not _holds(viewer.tokens, viewer.may_open, sight.opens):
        return False
    return viewer.person_id == sight.owner_id or not _holds(viewer.tokens, viewer.may_close, sight.closes)


def is_withheld(sight: Sight) -> bool:
    """Whether only the object's owner sees it for now."""
    return token(Kind.WITHHELD) in sight.closes


def is_blocked(viewer: Viewer, person_id: int) -> bool:
    """Whether a block stands between the viewer and this person, whoever made it."""
    return token(Kind.BLOCKED, person_id) in viewer.tokens


def blocked_by(viewer: Viewer) -> frozenset[int]:
    """Between whom and the viewer a block stands, whoever made it."""
    return keys_of(viewer, Kind.BLOCKED)


def _holds(tokens: frozenset[int], kinds: frozenset[Kind], row: Iterable[int]) -> bool:
    return not tokens.isdisjoint(row) or (bool(kinds) and any(split(number)[0] in kinds for number in row))


def _tokens(owner_id: int, audience: Audience) -> set[int]:
    named = {
        Kind.PERSON: audience.persons,
        Kind.LABEL: audience.labels,
        Kind.HOLDERS: audience.holders,
        Kind.CIRCLE: audience.circles,
    }
    tokens = {token(kind, key) for kind, keys in named.items() for key in keys}
    if audience.everyone:
        tokens.add(token(Kind.EVERYONE))
    if audience.followers:
        tokens.add(token(Kind.FOLLOWERS, owner_id))
    if audience.friends:
        tokens.add(token(Kind.FRIENDS, owner_id))
    return tokens


def _audience(owner_id: int, tokens: Iterable[int]) -> Audience:
    keys: dict[Kind, set[int]] = {kind: set() for kind in Kind}
    for kind, key in map(split, tokens):
        keys[kind].add(key)
    return Audience(
        everyone=bool(keys[Kind.EVERYONE]),
        followers=bool(keys[Kind.FOLLOWERS]),
        friends=bool(keys[Kind.FRIENDS]),
        persons=frozenset(keys[Kind.PERSON] - {owner_id}),
        labels=frozenset(keys[Kind.LABEL]),
        holders=frozenset(keys[Kind.HOLDERS]),
        circles=frozenset(keys[Kind.CIRCLE]),
    )
