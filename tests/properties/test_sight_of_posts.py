"""Posts among people, labels and blocks, on their way from draft to gone: every surface shows to each viewer what the
oracle allows of them, of what passes them on and of what is said under them, and all of it.

`python tools/sight_table.py` writes what was compared into docs/reference/sight.md.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

import pytest
from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.builders import channels, content, goods, teams
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.conftest import NOW, empty_tables
from tests.properties import post_surfaces as table
from tests.properties.post_surfaces import ALL, COMMENTS, POSTS, REPOSTS, Passed, Posted, Said
from tests.properties.sight_surfaces import Asked, without_blocks, without_relations
from tests.properties.sight_world import PEOPLE, Relations, World, live, people, rules
from tests.surfaces.storefront.conftest import browser
from wuyou.domains.channels.types import Rule
from wuyou.domains.content import operations, queries
from wuyou.domains.content.types import Filmed, PostDraft, PostKind, TagDraft
from wuyou.domains.feed.recommender import SERVING
from wuyou.domains.feed.tasks import learn_recommendations
from wuyou.domains.things import queries as things
from wuyou.infra import db, events, pictures, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, AudienceRule, Subject, SubjectKind
from wuyou.surfaces.api import posts as api_posts
from wuyou.surfaces.api import responses as api_responses

TABLE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "sight.md"
AT_FIRST, MOST, FILMED = 4, 6, 1
"""So many posts are begun at the beginning of a world, and so many at most in the end; which one is a film."""
LATER = NOW + timedelta(hours=1)

pairs = st.tuples(rules, rules)
which = st.integers(0, 99)
compared: Counter[str] = Counter()
R = TypeVar("R")


class PostsMachine(Relations):
    """Posts with rules among people and their relations, asked for on every surface when all is done."""

    surfaces: Collection[str] = ALL

    @initialize(first=st.tuples(*[pairs] * AT_FIRST), stages=st.tuples(*[st.integers(0, 5)] * AT_FIRST))
    def begin(self, first: tuple[tuple[AudienceRule, AudienceRule], ...], stages: tuple[int, ...]) -> None:
        empty_tables()
        db.in_transaction(lambda: events.register(events.subscribers()))
        self.meet(World())
        self.browsers = {person.id: browser(person, "zh-hans") for person in self.people}
        shop = goods.make_shop(NOW, owner_id=make_person(NOW).id)
        goods.make_plan(NOW, shop)
        self.products = [goods.make_product(NOW, shop=shop, title=f"Ware{n}zz") for n in range(2)]
        # One of the two was bought together by everybody.
        campaign = goods.make_campaign(NOW, self.products[0], size=PEOPLE)
        leader, *others = self.people
        self.teams = [teams.form_team(NOW, leader, others, campaign, self.products[0]).token, ""]
        self.channel = channels.make_channel(NOW, Rule(kinds=(PostKind.PHOTOS, PostKind.VIDEO), per_author=None)).slug
        self.posts: list[Posted] = []
        for owner, (opened, stage) in enumerate(zip(first, stages, strict=True)):
            self.put(owner, opened, stage)

    # ------------------------------------------------------------------ what authors do

    @precondition(lambda self: len(self.posts) < MOST)
    @rule(owner=people, opened=pairs, stage=st.integers(0, 5))
    def put(self, owner: int, opened: tuple[AudienceRule, AudienceRule], stage: int) -> None:
        """Begin a post; most are published at once, some are scheduled, some stay drafts."""
        number = len(self.posts)
        product = self.products[number % 2]
        series_id = self.by(owner, operations.make_series, title=f"Series{number}zz", now=NOW)
        post = Posted(
            0, number, owner, self.for_owner(owner, opened[0]), frozenset(), 0, product.id, self.teams[number % 2], 0,
            series_id, opened[1],
        )  # fmt: skip
        post, picture = replace(post, is_film=number == FILMED), pictures.take_in(_photo(number))
        shown = {"filmed": Filmed(picture, content.take_film(0.5))} if post.is_film else {"pictures": [picture]}
        post_id = self.by(owner, operations.start_post, draft=_draft(post, "at first"), now=NOW, **shown)
        viewer = sight.get_viewer(self.ids[owner])
        begun = queries.get_post_for(viewer, post_id)
        thing_id = queries.tags_by_post(viewer, [post_id])[post_id][0].thing.id
        about = frozenset(things.subjects_by_thing([thing_id])[thing_id])
        photo = begun.video.poster if begun.video else begun.photos[0]
        self.posts.append(replace(post, id=post_id, about=about, thing_id=thing_id, photo_id=photo.id))
        if stage == 1:
            self.by(owner, operations.publish_post, post_id=post_id, at=LATER, now=NOW)
        elif stage:
            self.publish(number)

    @rule(which=which)
    def publish(self, which: int) -> None:
        """What is still a draft, or was scheduled, comes out."""
        post = self.posts[which % len(self.posts)]
        if post.is_gone or post.is_published:
            return
        if not db.in_transaction(partial(operations.publish_when_due, post_id=post.id, now=LATER)):
            self.by(post.owner, operations.publish_post, post_id=post.id, now=NOW)
        self.respond(replace(post, is_published=True))

    @rule(which=which, rule=rules)
    def edit(self, which: int, rule: AudienceRule) -> None:
        post = self.posts[which % len(self.posts)]
        if not post.is_gone:
            post = replace(post, rule=self.for_owner(post.owner, rule))
            self.by(post.owner, operations.edit_post, post_id=post.id, draft=_draft(post, "edited"), now=NOW)
            self.respond(post)

    @rule(which=which, is_held=st.booleans())
    def judge(self, which: int, is_held: bool) -> None:
        """It is held for review, or let go."""
        post = self.posts[which % len(self.posts)]
        if post.is_gone:
            return
        if is_held:
            db.in_transaction(partial(operations.hold_post, post_id=post.id, now=NOW))
        else:
            db.in_transaction(partial(operations.let_post_go, post_id=post.id, now=NOW))
        self.respond(replace(post, is_held=is_held))

    @rule(which=st.integers(0, 30))
    def remove(self, which: int) -> None:
        if which < len(self.posts) and not self.posts[which].is_gone:
            post = self.posts[which]
            self.by(post.owner, operations.remove_post, post_id=post.id, now=NOW)
            self.posts[which] = replace(post, is_gone=True)

    @rule(one=people, which=which, averse=st.booleans())
    def block_subject(self, one: int, which: int, averse: bool) -> None:
        """Want to see nothing about what one of the posts points at, instead of about numbers that nothing has."""
        post = self.posts[which % len(self.posts)]
        self.turn(one, Subject(SubjectKind.THING, post.thing_id), averse)

    # ------------------------------------------------------------------ what others do

    def respond(self, post: Posted) -> None:
        """Whoever sees it for the first time says what they think; two answer, and two pass it on."""
        self.posts[post.number] = post
        # The channel hears of what is opened, and of nothing that is closed again.
        if table.open_to_everyone(self, post, None):
            channels.route(NOW, post.id, self.people[post.owner])
        if post.said or post.passed or not post.is_open:
            return
        readers = [who for who in range(PEOPLE) if table.anothers_published(self, post, self.ids[who])]
        for who in readers:
            for reaction in (content.react, content.thank, content.save):
                reaction(NOW, self.people[who], post.id)
            post = self.say(post, who)
        for who in [*readers[1:2], post.owner, *readers[2:3]]:
            post = self.say(post, who, post.said[-1] if post.said and post.said[-1].thread else None)
        for who in readers[-1:]:
            post = self.pass_on(post, who, self.for_owner(who, post.repost_rule))
        for who in readers[:-1][:1]:
            post = self.pass_on(post, who, PUBLIC, post.passed[0])
        self.posts[post.number] = replace(post, reacted=frozenset(readers))

    def say(self, post: Posted, who: int, answers: Said | None = None) -> Posted:
        """A comment; one of who has said something already, or whose post it is, stands in the first thread."""
        begins = who != post.owner and who not in {one.by for one in post.said}
        answered = None if begins else answers or next(iter(post.said), None)
        if not begins and (answered is None or not self.may_answer(post, answered, who)):
            return post
        text = f"word {len(post.said)} on {post.mark}"
        made = content.comment(NOW, self.people[who], post.id, text, answers_id=answered.id if answered else None)
        thread = (answered.thread or answered) if answered else None
        return replace(post, said=(*post.said, Said(made, who, text, thread, answered)))

    def may_answer(self, post: Posted, answered: Said, who: int) -> bool:
        return who != answered.by and table.the_comment(self, post, answered, self.ids[who])

    def pass_on(self, post: Posted, who: int, opened: AudienceRule, via: Passed | None = None) -> Posted:
        if via is not None and not table.the_repost(self, post, via, self.ids[who]):
            return post
        made = content.repost(NOW, self.people[who], via.id if via else post.id, audience=opened)
        return replace(post, passed=(*post.passed, Passed(made, who, opened, via)))

    def by(self, who: int, operation: Callable[..., R], **how: object) -> R:
        """An operation of somebody's, in a transaction of its own."""
        return db.in_transaction(partial(operation, actor=Actor(self.ids[who]), **how))

    # ------------------------------------------------------------------ what everybody sees

    def teardown(self) -> None:
        """At the end of what was lived, and once the recommender has learnt from it, everyone asks everywhere."""
        learn_recommendations(NOW)
        SERVING.forget()
        for asked in (Asked(Client(), None), *(Asked(client, key) for key, client in self.browsers.items())):
            for post in self.posts:
                for name, answer, expected in self.answers(asked, post):
                    if answer is not None:
                        compared[name] += 1
                        assert answer == expected, (name, asked.id, post)

    def answers(self, asked: Asked, post: Posted) -> Iterator[tuple[str, table.Answer, table.Answer]]:
        """What each surface says, beside what it may say."""
        for name, (of_post, allowed) in POSTS.items():
            if name in self.surfaces:
                yield name, of_post(self, asked, post), allowed(self, post, asked.id)
        for name, (of_repost, allowed_repost) in REPOSTS.items():
            for passed in post.passed if name in self.surfaces else ():
                yield name, of_repost(self, asked, post, passed), allowed_repost(self, post, passed, asked.id)
        for name, (of_comment, allowed_comment) in COMMENTS.items():
            for said in post.said if name in self.surfaces else ():
                yield name, of_comment(self, asked, post, said), allowed_comment(self, post, said, asked.id)


def _draft(post: Posted, when: str) -> PostDraft:
    kind = PostKind.VIDEO if post.is_film else PostKind.PHOTOS
    return PostDraft(
        kind, f"text of {post.mark} {when}", post.mark, (TagDraft(product_id=post.product_id),),
        (post.topic,), post.series_id, audience=post.rule,
    )  # fmt: skip


@cache
def _photo(seed: int) -> bytes:
    return make_photo(320, 240, seed)


@pytest.fixture
def market(home: None) -> Iterator[None]:
    """A home in which nothing was learnt before, and from which nothing is learnt."""
    SERVING.forget()
    yield
    SERVING.forget()


@pytest.mark.usefixtures("market")
def test_every_surface_of_posts_shows_what_the_oracle_allows() -> None:
    compared.clear()
    live(PostsMachine, int(os.environ.get("WUYOU_SIGHT_WORLDS", "3")), int(os.environ.get("WUYOU_SIGHT_SEED", "0")))

    assert set(compared) == set(ALL)
    if target := os.environ.get("WUYOU_SIGHT_TABLE"):
        Path(target).write_text(json.dumps({name: compared[name] for name in ALL}))
    assert [name for name in ALL if f"| {name} |" not in TABLE.read_text()] == []


class _ApiAlone(PostsMachine):
    """Asks where the controls read around the rule, and nowhere else."""

    surfaces = ("API: the post", "API: a comment")


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("module", "around"),
    [(api_posts, without_relations), (api_responses, without_blocks)],
    ids=["posts, friends forgotten", "comments, blocks forgotten"],
)
def test_a_surface_of_posts_that_reads_around_the_rule_is_found(
    monkeypatch: pytest.MonkeyPatch, module: object, around: object
) -> None:
    monkeypatch.setattr(module, "get_viewer", around)

    with pytest.raises(AssertionError, match="API: "):
        live(_ApiAlone, 12)
