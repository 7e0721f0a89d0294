"""Any rule takes exactly the posts that an oracle takes which knows no database: by preview, and by routing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import channels, content, faces, goods, things
from tests.builders.people import make_person
from tests.conftest import NOW
from wuyou.domains.channels import queries
from wuyou.domains.channels.types import Channel, Language, Rule
from wuyou.domains.content import operations as content_operations
from wuyou.domains.content.types import PostKind, TagDraft
from wuyou.domains.social.types import Role
from wuyou.domains.things.types import ThingKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, PUBLIC

TOPICS = ("露营", "茶", "Camping", "骑行")
BRANDS = ("海鸥", "Kestrel")
TEXTS = {Language.ZH: "山口的风很大，地钉要打满。", Language.EN: "No moon, a blanket and an hour."}
ROLES = (Role.DESIGNER, Role.ARTIST)
KINDS = (PostKind.PHOTOS, PostKind.ARTICLE)
POSTS = 36


@dataclass(frozen=True)
class Told:
    """A post as it was written down, and nothing that a database knows."""

    id: int
    is_open: bool
    topics: frozenset[str]
    kind: PostKind
    language: Language
    signs: int
    role: Role | None
    family: int | None
    model: int | None
    brand: str
    sells: bool
    age_days: int
    reactions: int
    thanks: int


@dataclass(frozen=True)
class Lived:
    posts: tuple[Told, ...]
    channel: Channel
    families: tuple[int, ...]
    models: tuple[int, ...]


def live(now: datetime) -> Lived:
    draw = Random(20260301)
    authors = {role: make_person(now) for role in (*ROLES, None)}
    for role, author in authors.items():
        if role:
            faces.describe(author, "", role)
    fans = [make_person(now) for _ in range(3)]
    families = [things.make_thing(now, kind=ThingKind.FAMILY, brand="") for _ in range(2)]
    models = [
        things.make_thing(now, parent=families[n % 2], brand=BRANDS[n % 2]) for n in range(4)
    ]  # fmt: skip
    for model in models:
        things.make_holding(now, fans[0], model, audience=PUBLIC)
    product = goods.make_product(now)
    told = []
    for _ in range(POSTS):
        role, kind, language = draw.choice([*ROLES, None]), draw.choice(KINDS), draw.choice(list(Language))
        number = draw.choice([None, 0, 1, 2, 3])
        sells, is_open, age = draw.random() < 0.3, draw.random() < 0.85, draw.randrange(0, 30)
        topics = frozenset(draw.sample(TOPICS, draw.randrange(0, 3)))
        text = TEXTS[language] * draw.choice([1, 8])
        tags = [TagDraft(thing_id=models[number].id)] if number is not None else []
        author, at = authors[role], now - timedelta(days=age)
        post = content.make_post(
            at,
            author,
            kind=kind,
            title="题" if kind is PostKind.ARTICLE else "",
            text=text,
            topics=sorted(topics),
            tags=[*tags, *([TagDraft(product_id=product.id)] if sells else [])],
            audience=PUBLIC if is_open else FRIENDS,
            earns=False,
        )
        reactions, thanks = (draw.randrange(0, 4), draw.randrange(0, 3)) if is_open else (0, 0)
        for fan in fans[:reactions]:
            content.react(now, fan, post)
        for fan in fans[:thanks]:
            db.in_transaction(partial(content_operations.thank_for_post, actor=Actor(fan.id), post_id=post, now=now))
        told.append(
            Told(
                post, is_open, topics, kind, language, len(text), role,
                families[number % 2].id if number is not None else None,
                models[number].id if number is not None else None,
                BRANDS[number % 2] if number is not None else "", sells, age, reactions, thanks,
            )
        )  # fmt: skip
    channels.settle(now)
    rule = Rule(topics_any=("无",))
    return Lived(
        tuple(told),
        channels.make_channel(now, rule),
        tuple(one.id for one in families),
        tuple(one.id for one in models),
    )


def oracle(rule: Rule, post: Told) -> bool:
    """Said once more, the long way."""
    if not post.is_open or rule.by_hand:
        return False
    lowered = {topic.lower() for topic in post.topics}
    return all(
        (
            not rule.kinds or post.kind in rule.kinds,
            not rule.topics_any or any(topic.lower() in lowered for topic in rule.topics_any),
            all(topic.lower() in lowered for topic in rule.topics_all),
            not any(topic.lower() in lowered for topic in rule.topics_none),
            not rule.things or post.family in rule.things or post.model in rule.things,
            not rule.brands or post.brand.lower() in {brand.lower() for brand in rule.brands},
            not rule.roles or post.role in rule.roles,
            rule.language is None or post.language is rule.language,
            rule.sells is None or post.sells is rule.sells,
            post.signs >= rule.least_signs,
            rule.most_age_days is None or post.age_days < rule.most_age_days,
            post.reactions >= rule.least_reactions,
            post.thanks >= rule.least_thanks,
        )
    )


few_topics = st.lists(st.sampled_from((*TOPICS, "CAMPING")), max_size=2).map(tuple)


def rules_of(lived: Lived) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        by_hand=st.sampled_from([False] * 9 + [True]),
        kinds=st.lists(st.sampled_from(KINDS), max_size=2).map(tuple),
        topics_any=few_topics,
        topics_all=st.just(()) | few_topics,
        topics_none=st.just(()) | few_topics,
        things=st.lists(st.sampled_from((*lived.families, *lived.models)), max_size=2).map(tuple),
        brands=st.just(()) | st.lists(st.sampled_from((*BRANDS, "kestrel")), max_size=2).map(tuple),
        roles=st.just(()) | st.lists(st.sampled_from(ROLES), max_size=2).map(tuple),
        language=st.none() | st.sampled_from(Language),
        sells=st.none() | st.booleans(),
        least_signs=st.sampled_from([0, 0, 50, 100]),
        most_age_days=st.none() | st.integers(1, 31),
        least_reactions=st.sampled_from([0, 0, 1, 2]),
        least_thanks=st.sampled_from([0, 0, 1, 2]),
        per_author=st.none(),
    )


@pytest.mark.usefixtures("world")
def test_any_rule_takes_what_the_oracle_takes() -> None:
    lived = live(NOW)
    met = {"refused": 0, "some": 0}

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rules_of(lived))
    def holds(rule: Rule) -> None:
        try:
            previewed = {one.post_id: one.holds for one in queries.preview(rule, now=NOW, limit=POSTS)}
        except DomainError:
            met["refused"] += 1
            return
        wanted = {post.id for post in lived.posts if oracle(rule, post)}
        met["some"] += bool(wanted)
        assert previewed == {post.id: post.id in wanted for post in lived.posts if post.is_open}
        channel = channels.save_rule(NOW, queries.get_channel(lived.channel.id), rule)
        assert set(channels.shown(NOW, channel)) == wanted

    holds()

    assert met["some"] > 5
