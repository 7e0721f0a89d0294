"""Lists of what one may see: the 20 newest copies at a million, beside the same lists without any rule in the same run.

The world: 50,000 people and a million copies drawn with a seed, opened in every way that a rule knows (40 % to
everyone, others to followers, friends, a label, three persons, followers and friends but a label, nobody). Three kinds
of viewers know 50, 200 and 1,000 people: they follow all of them, half are friends, a tenth have put a label on the
viewer; ten people are blocked. Each viewer makes themselves (their tokens are read) and asks for

* the newest of all: what anybody opened to them (`things.queries.list_newest`),
* the newest of their people: what those whom they follow opened to them (`list_newest_of`).

`vs_no_rule` is the median of the list by that of the same function with every row open, asked in turns; the worst of
the six is the figure. What it costs to make the viewer is told beside: once a page, however many lists are on it. A
sample of every list is compared with the check of every row (`may_see`). `private` is a world where a row in a hundred
is open to everyone and the rest only to whom their owners know.

    make bench NAME=sight
    make bench NAME=sight ARGS="--copies 100000"
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench import harness

PEOPLE, THINGS, VIEWERS, ROUNDS = 50_000, 20_000, 20, 10
RELATIONS = (50, 200, 1_000)
COMPARED = 3_000
"""So many of the newest copies are checked one by one."""
NOW = datetime(2026, 3, 1, tzinfo=UTC)

Listed = Callable[[], Any]


@dataclass(frozen=True)
class Asked:
    """Milliseconds of one kind of viewer: with the rule and without, and of making the viewer."""

    relations: int
    tokens: int
    viewer_ms: list[float]
    lists: dict[str, tuple[list[float], list[float]]]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--copies", type=int, default=1_000_000)
    copies = options.parse_args().copies
    with harness.database():
        figures: dict[str, object] = {"copies": copies, "people": PEOPLE}
        p95s, ratios = [], []
        for world, public in (("mixed", 0.40), ("private", 0.01)):
            viewers = draw(copies, public, random.Random(7))
            print(f"\n{world}: {copies:,} copies, {public:.0%} open to everyone")
            for relations, people in viewers.items():
                asked = ask(relations, people)
                tell(asked)
                for name, (ruled, free) in asked.lists.items():
                    p95, ratio = percentile(ruled, 95), statistics.median(ruled) / statistics.median(free)
                    figures[f"{world}_{name}_{relations}_p95_ms"] = round(p95, 2)
                    figures[f"{world}_{name}_{relations}_vs_no_rule"] = round(ratio, 2)
                    if world == "mixed":
                        p95s.append(p95)
                        ratios.append(ratio)
                figures[f"{world}_viewer_{relations}_ms"] = round(statistics.median(asked.viewer_ms), 2)
        harness.print_json(p95_ms=round(max(p95s), 2), vs_no_rule=round(max(ratios), 2), **figures)


def ask(relations: int, people: list[int]) -> Asked:
    """Every viewer asks for both lists, with the rule and without in turns."""
    from wuyou.domains.things import queries
    from wuyou.infra import db, sight

    asked = Asked(relations, 0, [], {"newest": ([], []), "of_people": ([], [])})
    tokens = []
    for person in people:
        owners = [row[0] for row in db.rows("SELECT followed_id FROM social_follow WHERE follower_id = %s", [person])]
        for _ in range(3):
            asked.viewer_ms.append(milliseconds(lambda person=person: sight.get_viewer(person)))  # type: ignore[misc]
        viewer = sight.get_viewer(person)
        tokens.append(len(viewer.tokens))
        lists: dict[str, Listed] = {
            "newest": lambda viewer=viewer: queries.list_newest(viewer, limit=20),  # type: ignore[misc]
            "of_people": lambda viewer=viewer, owners=owners: queries.list_newest_of(viewer, owners, limit=20),  # type: ignore[misc]
        }
        compare(viewer, set(owners), lists)
        for _ in range(ROUNDS):
            for name, listed in lists.items():
                ruled, free = asked.lists[name]
                ruled.append(milliseconds(listed))
                with every_row_open():
                    free.append(milliseconds(listed))
    return Asked(relations, round(statistics.mean(tokens)), asked.viewer_ms, asked.lists)


@contextmanager
def every_row_open() -> Iterator[None]:
    """The lists as they would be if there were no rule."""
    from wuyou.infra import sight

    kept = sight.visible_sql, sight.findable_sql
    sight.visible_sql = sight.findable_sql = lambda viewer, alias: "true"
    try:
        yield
    finally:
        sight.visible_sql, sight.findable_sql = kept


def compare(viewer: Any, owners: set[int], lists: dict[str, Listed]) -> None:
    """The lists are those that a check of the newest copies, one by one, gives. Stops the bench when not."""
    from wuyou.infra import db
    from wuyou.kernel.sight import Sight, may_see

    rows = db.rows(
        "SELECT id, owner_id, sight_opens, sight_closes FROM things_holding ORDER BY id DESC LIMIT %s", [COMPARED]
    )
    seen = [
        (id_, owner)
        for id_, owner, opens, closes in rows
        if owner != viewer.person_id and may_see(viewer, Sight(owner, tuple(opens), tuple(closes)))
    ]
    oldest = rows[-1][0]
    wanted = {"newest": [id_ for id_, _ in seen], "of_people": [id_ for id_, owner in seen if owner in owners]}
    for name, listed in lists.items():
        found = [holding.id for holding in listed().items if holding.id >= oldest]
        if found != wanted[name][: len(found)] or (len(found) < 20 and len(found) != len(wanted[name])):
            raise SystemExit(f"{name} of {viewer.person_id} is not what the check of every row says")


def draw(copies: int, public: float, luck: random.Random) -> dict[int, list[int]]:
    """Fill the empty tables; returns who will ask, by how many people they know."""
    from django.db import connection

    from wuyou.kernel.sight import (
        FOLLOWERS,
        FRIENDS,
        ONLY_ME,
        PUBLIC,
        Audience,
        AudienceRule,
        Subject,
        SubjectKind,
        compile_rule,
    )

    def rule(owner: int, label: int) -> AudienceRule:
        share = (luck.random() - public) / (1 - public)
        if share < 0:
            return PUBLIC
        if share < 0.25:
            return FOLLOWERS
        if share < 0.60:
            return FRIENDS
        if share < 0.73:
            return AudienceRule(Audience(labels=frozenset({label})))
        if share < 0.80:
            return AudienceRule(Audience(persons=frozenset(luck.randrange(PEOPLE) + first for _ in range(3))))
        if share < 0.87:
            return AudienceRule(Audience(followers=True, friends=True), Audience(labels=frozenset({label})))
        return ONLY_ME

    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE identity_user, things_thing, things_holding, social_follow, social_friendship, social_label,"
            " social_label_member, social_block CASCADE"
        )
        cursor.execute(
            "INSERT INTO identity_user (handle, display_name, avatar, password, is_staff, is_active, joined_at)"
            " SELECT 'p' || n, 'P' || n, 'cat', '!', false, true, %s FROM generate_series(1, %s) n",
            [NOW, PEOPLE],
        )
        cursor.execute("SELECT min(id) FROM identity_user")
        first = int(cursor.fetchone()[0])
        cursor.execute(
            "INSERT INTO things_thing (kind, name, name_en, brand, added_at)"
            " SELECT 'MODEL', 'T' || n, '', 'B', %s FROM generate_series(1, %s) n",
            [NOW, THINGS],
        )
        cursor.execute("SELECT min(id) FROM things_thing")
        thing_from = int(cursor.fetchone()[0])
        cursor.execute(
            "INSERT INTO social_label (owner_id, name, made_at) SELECT id, '同学', %s FROM identity_user ORDER BY id",
            [NOW],
        )
        cursor.execute("SELECT min(id) FROM social_label")
        label_from = int(cursor.fetchone()[0])
        with cursor.copy(  # type: ignore[attr-defined]
            "COPY things_holding (owner_id, thing_id, state, source, condition, story, fields, position, arrived_at,"
            " sight_opens, sight_closes) FROM STDIN"
        ) as sink:
            for position in range(copies):
                # Some people open much and others little.
                at = int(PEOPLE * luck.random() ** 2)
                thing = thing_from + luck.randrange(THINGS)
                sight = compile_rule(
                    first + at, rule(first + at, label_from + at), (Subject(SubjectKind.THING, thing),)
                )
                sink.write_row(
                    (
                        first + at,
                        thing,
                        "OWN",
                        "HAND",
                        "",
                        "",
                        "[]",
                        position,
                        NOW,
                        list(sight.opens),
                        list(sight.closes),
                    )
                )
        viewers = {}
        places = iter(luck.sample(range(PEOPLE), VIEWERS * len(RELATIONS)))
        for relations in RELATIONS:
            viewers[relations] = [first + next(places) for _ in range(VIEWERS)]
            for me in viewers[relations]:
                known = luck.sample([at for at in range(PEOPLE) if first + at != me], relations + 10)
                met = known[:relations]
                cursor.executemany(
                    "INSERT INTO social_follow (follower_id, followed_id, since) VALUES (%s, %s, %s)",
                    [(me, first + at, NOW) for at in met],
                )
                cursor.executemany(
                    "INSERT INTO social_friendship (low_id, high_id, since) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                    [(*sorted((me, first + at)), NOW) for at in met[::2]],
                )
                cursor.executemany(
                    "INSERT INTO social_label_member (label_id, person_id, added_at) VALUES (%s, %s, %s)",
                    [(label_from + at, me, NOW) for at in met[::10]],
                )
                cursor.executemany(
                    "INSERT INTO social_block (blocker_id, blocked_id, since) VALUES (%s, %s, %s)",
                    [(me, first + at, NOW) for at in known[relations:]],
                )
        cursor.execute("VACUUM ANALYZE")
    return viewers


def milliseconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1_000


def percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) * percent // 100, len(values) - 1)]


def tell(asked: Asked) -> None:
    viewer = statistics.median(asked.viewer_ms)
    print(f"  {asked.relations:>5} relations, {asked.tokens:,} tokens; making the viewer {viewer:.2f} ms")
    for name, (ruled, free) in asked.lists.items():
        median, bare = statistics.median(ruled), statistics.median(free)
        print(
            f"    {name:<10} p50 {median:6.2f} ms   p95 {percentile(ruled, 95):6.2f} ms"
            f"   without a rule p50 {bare:6.2f} ms   {median / bare:.2f} times"
        )


if __name__ == "__main__":
    main()
