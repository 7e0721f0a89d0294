"""The town reads: what of the newest posts its people saw, opened and pressed, noted as the pages' beacon does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from wuyou.domains.content import queries as posts
from wuyou.domains.content.types import Post, PostKind, Tag
from wuyou.infra import behaviour, db
from wuyou.infra.behaviour import Event, Kind, ObjectKind, Source, Whose
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.surfaces.cli.demo.life.plans import Plan
from wuyou.surfaces.cli.demo.life.rhythm import Moment, draw

PAST = timedelta(days=behaviour.RESEND_DAYS) - timedelta(hours=1)
"""So far back what was seen may be told."""
_LOOKS_A_DAY = 3
_SEEN = (4, 12)
"""So many posts of a page somebody scrolls past, at least and fewer than."""
_LOOKED_AT = 24

Draw = Callable[[str, int], int]


def look(moment: Moment) -> Plan | None:
    """Somebody looks through the newest posts, opens one or two and presses what they show."""
    person = moment.pick("looks", sorted(moment.neighbours.ids))
    if person is None:
        return None
    viewer = get_viewer(person)
    newest = [post for post in posts.list_newest(viewer, limit=_LOOKED_AT).items if post.owner_id != person]
    tags = posts.tags_by_post(viewer, [post.id for post in newest])
    lines = _lines(person, newest, tags, moment.now, moment.now, f"{moment.slot}")
    return Plan("look", lambda: behaviour.append(lines.encode())) if lines else None


def look_back(person_ids: Sequence[int], now: datetime) -> int:
    """Note what these people saw in the last days of what was there already; returns how many events. Entry point.

    Cost: three queries a person, and one COPY for all.
    """
    lines: list[str] = []
    for person in person_ids:
        viewer = get_viewer(person)
        newest = [post for post in posts.list_newest(viewer, limit=100).items if post.owner_id != person]
        tags = posts.tags_by_post(viewer, [post.id for post in newest])
        for at in _looks(person, now):
            there = [post for post in newest if post.published_at and post.published_at <= at][:_LOOKED_AT]
            lines.append(_lines(person, there, tags, at, now, f"{person} at {at.isoformat()}"))
    written = "".join(lines)
    db.in_transaction(lambda: behaviour.append(written.encode()))
    return written.count("\n")


def _looks(person: int, now: datetime) -> Iterator[datetime]:
    """Some moments of every day at which somebody looked in, when people are up."""
    begin = now - PAST
    for day in range(behaviour.RESEND_DAYS):
        for number in range(draw(f"{person}/{day}/looks", _LOOKS_A_DAY + 1)):
            minute = draw(f"{person}/{day}/{number}/minute", 24 * 60)
            at = begin + timedelta(days=day, minutes=minute)
            if at < now and at.astimezone(BUSINESS_ZONE).hour >= 7:
                yield at


def _lines(
    person: int,
    newest: Sequence[Post],
    tags: Mapping[int, Sequence[Tag]],
    at: datetime,
    now: datetime,
    name: str,
) -> str:
    """The lines of one look that ended at `at`; each is known by the name of the look, so that told twice it is one."""
    visit = str(uuid5(NAMESPACE_OID, f"town/{name}"))
    now_ms = behaviour.ms_of(now)
    line = behaviour.liner(Whose(Source.PAGE, person_id=person, session=visit), now_ms, now_ms)
    told = _look(newest, tags, behaviour.ms_of(at), lambda label, below: draw(f"{name}/{label}", below), visit)
    return "".join(map(line, told))


def _look(
    newest: Sequence[Post], tags: Mapping[int, Sequence[Tag]], end_ms: int, drawn: Draw, visit: str
) -> Iterator[Event]:
    """Exposures down the page; now and then one is opened, looked at, and left by what it shows."""
    least, most = _SEEN
    surface = ("home", "discover")[drawn("surface", 2)]
    begin = end_ms - 240_000
    for place, post in enumerate(newest[: least + drawn("seen", most - least)], 1):
        seen_at = begin + place * 9_000

        def told(kind: Kind, at: int, post: Post = post, **more: object) -> Event:
            fields = {"object_kind": ObjectKind.POST, "object_id": post.id, **more}
            number = uuid5(NAMESPACE_OID, f"{visit}/{kind}/{fields['object_kind']}/{fields['object_id']}")
            return Event(id=str(number), kind=kind, at=at, **fields)  # type: ignore[arg-type]

        yield told(Kind.EXPOSURE, seen_at, surface=surface, list="posts", position=place)
        if drawn(f"{post.id} opens", 5):
            continue
        yield told(Kind.CLICK, seen_at + 1_500, surface=surface, list="posts", position=place)
        value = _read_ms(post, drawn(f"{post.id} reads", 100))
        yield told(Kind.DWELL, seen_at + 1_500 + value, surface="post", value=value)
        products = [tag.product_id for tag in tags.get(post.id, ()) if tag.product_id]
        if products and not drawn(f"{post.id} presses", 3):
            pressed = products[drawn(f"{post.id} which", len(products))]
            yield told(
                Kind.CLICK, seen_at + 1_500 + value,
                object_kind=ObjectKind.PRODUCT, object_id=pressed, surface="post",
                origin_kind=ObjectKind.POST, origin_id=post.id,
            )  # fmt: skip


def _read_ms(post: Post, hundredth: int) -> int:
    """How long it takes: so much a character, a while for each picture, and people differ."""
    whole = 2_500 + 60 * len(post.plain) + 1_200 * len(post.photos) + (6_000 if post.kind is PostKind.VIDEO else 0)
    return min(90_000, whole * (40 + hundredth) // 100)
