"""What is written down of the town's life fits together, and its rhythm is that of a town."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from wuyou.config.env import get_env
from wuyou.domains.content import rules
from wuyou.domains.content.types import PostKind
from wuyou.surfaces.cli.demo import demo
from wuyou.surfaces.cli.demo.homes import read_homes
from wuyou.surfaces.cli.demo.life.rhythm import SLOT_S, are_up, begins_at, is_lively, slot_of
from wuyou.surfaces.cli.demo.life.written import THING, NewPost, read_written
from wuyou.surfaces.cli.demo.still_life import draw_still_life
from wuyou.surfaces.cli.demo.world import read_world
from wuyou.surfaces.cli.run import town_of
from wuyou.surfaces.ui.pictures import THINGS

WORLD, WRITTEN = read_world(), read_written(read_homes())
LIVING = {person.handle for person in WORLD.people if not person.login}
MIDNIGHT = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
"""In Shanghai."""
LONG_AGO = MIDNIGHT - timedelta(days=9)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def lively(begin: datetime, hours: int, woke_at: datetime = LONG_AGO) -> list[int]:
    return [s for s in range(slot_of(begin), slot_of(begin + timedelta(hours=hours))) if is_lively(s, woke_at)]


def test_a_day_has_some_fifteen_hundred_acts_and_a_quiet_night() -> None:
    night, evening = lively(MIDNIGHT, 7), lively(MIDNIGHT + timedelta(hours=19), 4)

    assert 1_200 < len(lively(MIDNIGHT, 24)) < 2_000
    assert len(night) / 7 < len(evening) / 4 / 3
    assert lively(MIDNIGHT, 24) == lively(MIDNIGHT, 24), "the same every time"


def test_who_starts_the_town_sees_something_within_a_minute_at_any_hour() -> None:
    for hour in range(24):
        woke_at = MIDNIGHT + timedelta(hours=hour)
        first = lively(woke_at, 1, woke_at)
        gaps = [later - sooner for sooner, later in pairwise(first) if later - first[0] < 110]
        assert (first[1] - slot_of(woke_at)) * SLOT_S <= 60
        assert sum(gaps) / len(gaps) * SLOT_S < 40
        assert are_up(begins_at(first[0]), woke_at)
    assert not are_up(MIDNIGHT + timedelta(hours=3), LONG_AGO)


def test_posts_are_whole_and_told_by_people_of_the_town() -> None:
    goods = {product.picture for product in WORLD.products}

    assert len({(post.person, post.name) for post in WRITTEN.posts}) == len(WRITTEN.posts) >= 24
    assert {post.person for post in WRITTEN.posts} <= LIVING
    assert len({post.person for post in WRITTEN.posts}) >= 12
    for post in (*WRITTEN.posts, *WRITTEN.retold):
        kind = PostKind(post.kind)
        assert rules.clean_title(post.title) == post.title
        assert rules.clean_text(kind, post.text) == post.text
        assert post.photos
        assert all(1 <= len(photo) <= 3 and set(photo) <= {*THINGS, THING} for photo in post.photos), post.name
        for picture, photo, x, y in post.tags:
            assert picture in goods | {THING}, post.name
            assert picture in post.photos[photo], post.name
            assert (x, y) == ((5000, 5600), (1800, 6000))[post.photos[photo].index(picture)], post.name
    assert [post for post in WRITTEN.posts if not CHINESE.search(post.title)], "some are in English"
    assert all(THING in post.title for post in WRITTEN.retold)


def test_lines_are_said_by_the_town_and_answer_what_stands_above_them() -> None:
    old = {(post.person, post.title or post.text.partition("。")[0]): len(post.says) for post in read_homes().posts}
    for (person, name), lines in WRITTEN.lines.items():
        new = lines[old.get((person, name), 0) :]
        assert {line.who for line in new} <= LIVING, name
        assert len({(line.who, line.text) for line in lines}) == len(lines), name
        assert all(line.answers < place for place, line in enumerate(lines) if line.answers is not None), name
    for template in WRITTEN.retold:
        assert len({line.who for line in template.says}) == len(template.says) >= 4


def test_opinions_greetings_and_talks_are_of_what_is_there() -> None:
    goods = {product.picture for product in WORLD.products}
    talks = [line for talk in WRITTEN.circle for line in talk]
    opinions = [said.text for texts in WRITTEN.reviews.values() for said in texts]

    assert set(WRITTEN.reviews) <= goods
    assert all(1 <= said.rating <= 5 for texts in WRITTEN.reviews.values() for said in texts)
    assert len(set(opinions)) == len(opinions)
    assert WRITTEN.circle_name in {talk.name for talk in read_homes().talks}
    circle = next(talk for talk in read_homes().talks if talk.name == WRITTEN.circle_name)
    assert {line.who for line in talks} <= LIVING & set(circle.people)
    assert len({line.text for line in talks}) == len(talks), "the place of a line is known by its text"
    assert len(set(WRITTEN.greetings)) >= 6
    assert len(set(WRITTEN.answers)) >= 4


@pytest.mark.parametrize("post", WRITTEN.posts[:2], ids=lambda post: post.title)
def test_photos_can_be_taken_of_what_is_named(post: NewPost) -> None:
    assert draw_still_life(post.photos[0], post.name).startswith(b"\xff\xd8")


def test_the_town_is_started_where_the_demo_world_is_loaded_alone(tmp_path: Path) -> None:
    env = replace(get_env(), home=tmp_path)
    assert town_of(env) == []

    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "greeting").write_text("")
    assert town_of(env) == [], "a database of somebody's own: nothing was said"

    (tmp_path / "run" / "greeting").write_text("Sign in as xiaoman (member)\n")
    assert [child.command[-2:] for child in town_of(env)] == [["demo", "live"]]


@pytest.mark.usefixtures("world")
def test_where_there_is_no_demo_world_nothing_lives() -> None:
    refused = CliRunner().invoke(demo, ["live"])

    assert refused.exit_code == 1
    assert refused.stderr == "Error: There is no demo world in this database.\n"
