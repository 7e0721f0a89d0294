"""Channels: who defines them, what their rules take, what an editor's hand does, and who finds what in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.builders import channels, content, erasure, faces, goods, social, things
from tests.builders import moderation as judging
from tests.builders.people import actor_for, make_person
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.channels import errors, operations, queries, tasks
from wuyou.domains.channels.types import (
    Channel,
    ChannelText,
    Criterion,
    HandKind,
    Language,
    Rule,
)
from wuyou.domains.content import operations as content_operations
from wuyou.domains.content.types import PostDraft, PostKind, TagDraft
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import Outcome, SubjectKind
from wuyou.domains.social.types import Role
from wuyou.domains.things import operations as thing_operations
from wuyou.domains.things import queries as thing_queries
from wuyou.domains.things.types import ThingKind
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC, Subject
from wuyou.kernel.sight import SubjectKind as BlockKind

pytestmark = pytest.mark.usefixtures("world")

TEXT = ChannelText("haohuo", "有好货", "Good finds")


def refuses(error: type[DomainError], act: Callable[[], object], **facts: object) -> None:
    before = footprint()
    with pytest.raises(error) as refused:
        db.in_transaction(act)
    assert footprint() == before
    assert refused.value.facts | facts == refused.value.facts


def camping(now: datetime, author: Person, **how: object) -> int:
    return content.make_post(now, author, **{"topics": ("露营",), **how})


# ---------------------------------------------------------------------- who defines them


def test_editors_alone_define_channels_and_staff_alone_make_editors(now: datetime) -> None:
    mei, staff = make_person(now), channels.make_editor(now)
    channel = channels.make_channel(now)
    post = camping(now, mei)
    me = actor_for(mei)
    acts: list[Callable[[], object]] = [
        partial(operations.make_channel, actor=me, text=TEXT, rule=channels.CAMPING, now=now),
        partial(operations.describe_channel, actor=me, channel_id=channel.id, text=TEXT),
        partial(operations.close_channel, actor=me, channel_id=channel.id),
        partial(operations.open_channel, actor=me, channel_id=channel.id),
        partial(operations.save_rule, actor=me, channel_id=channel.id, rule=channels.CAMPING, version=1, now=now),
        partial(operations.pin_post, actor=me, channel_id=channel.id, post_id=post, place=1, reason="a", now=now),
        partial(operations.put_in, actor=me, channel_id=channel.id, post_id=post, reason="a", now=now),
        partial(operations.keep_out, actor=me, channel_id=channel.id, post_id=post, reason="a", now=now),
        partial(operations.let_go, actor=me, channel_id=channel.id, post_id=post, now=now),
    ]
    for act in acts:
        refuses(errors.EditorsOnly, act)
    refuses(errors.StaffOnly, partial(operations.appoint_editor, actor=me, person_id=mei.id, now=now))
    refuses(errors.StaffOnly, partial(operations.dismiss_editor, actor=me, person_id=staff.id))
    nobody = partial(operations.appoint_editor, actor=actor_for(staff), person_id=mei.id + 10**6, now=now)
    refuses(PersonNotFound, nobody)

    db.in_transaction(partial(operations.appoint_editor, actor=actor_for(staff), person_id=mei.id, now=now))
    assert queries.list_editors() == (mei.id,)
    db.in_transaction(acts[0])
    db.in_transaction(partial(operations.dismiss_editor, actor=actor_for(staff), person_id=mei.id))
    refuses(errors.EditorsOnly, acts[2])


def test_a_channel_is_found_once_it_is_open_and_in_its_order(now: datetime) -> None:
    closed = channels.make_channel(now, is_open=False)
    second, first = channels.make_channel(now, position=2), channels.make_channel(now, position=1)

    assert [one.id for one in queries.list_open()] == [first.id, second.id]
    assert [one.id for one in queries.list_all()] == [closed.id, first.id, second.id]
    with pytest.raises(errors.ChannelNotFound):
        queries.get_open(closed.slug)
    actor = channels.staff_actor(now)
    db.in_transaction(partial(operations.close_channel, actor=actor, channel_id=first.id))
    assert [one.id for one in queries.list_open()] == [second.id]


def test_names_that_are_taken_or_malformed_change_nothing(now: datetime) -> None:
    actor = channels.staff_actor(now)
    one, other = channels.make_channel(now, slug="haohuo"), channels.make_channel(now, slug="daren")

    make = partial(operations.make_channel, actor=actor, rule=channels.CAMPING, now=now)
    refuses(errors.SlugTaken, partial(make, text=TEXT))
    refuses(errors.SlugTaken, partial(operations.describe_channel, actor=actor, channel_id=other.id, text=TEXT))
    refuses(errors.SlugMalformed, partial(make, text=ChannelText("../etc", "好", "Good")))
    refuses(errors.TextMalformed, partial(make, text=ChannelText("ok", "", "Good")), field="name")
    refuses(errors.RuleEmpty, partial(make, text=ChannelText("ok", "好", "Good"), rule=Rule()))
    refuses(
        errors.ChannelNotFound,
        partial(operations.describe_channel, actor=actor, channel_id=10**9, text=ChannelText("ok", "好", "Good")),
    )
    db.in_transaction(
        partial(operations.describe_channel, actor=actor, channel_id=one.id, text=ChannelText("haowu", "好物", "Finds"))
    )
    assert queries.get_open("haowu").text.name == "好物"


def test_a_rule_names_only_things_that_everybody_may_know_of(now: datetime) -> None:
    actor, secret, known = channels.staff_actor(now), things.make_thing(now), things.make_thing(now)
    things.make_holding(now, make_person(now), secret)
    things.make_holding(now, make_person(now), known, audience=PUBLIC)

    for thing_id in (secret.id, 10**9):
        rule = Rule(things=(thing_id,))
        refuses(
            errors.ThingUnknown,
            partial(operations.make_channel, actor=actor, text=TEXT, rule=rule, now=now),
            thing=thing_id,
        )
    assert channels.make_channel(now, Rule(things=(known.id,))).rule.things == (known.id,)


# ---------------------------------------------------------------------- versions


def test_a_rule_that_was_saved_stays_on_record_with_who_saved_it(now: datetime) -> None:
    editor, other = channels.make_editor(now), channels.make_editor(now)
    channel = channels.make_channel(now, editor=editor)

    changed = channels.save_rule(now + timedelta(hours=1), channel, Rule(topics_any=("茶",)), other)

    kept = queries.list_rules(channel.id)
    assert [(one.version, one.rule.topics_any, one.saved_by) for one in kept] == [
        (2, ("茶",), other.id),
        (1, ("露营",), editor.id),
    ]
    assert (changed.version, changed.rule) == (2, kept[0].rule)
    late = partial(operations.save_rule, actor=actor_for(editor), channel_id=channel.id, version=1, now=now)
    refuses(errors.RuleChanged, partial(late, rule=channels.CAMPING))
    refuses(errors.ChannelNotFound, partial(late, channel_id=10**9, rule=channels.CAMPING))
    refuses(errors.RuleEmpty, partial(late, rule=Rule(), version=2))


def test_another_rule_takes_and_lets_go_at_once(now: datetime) -> None:
    mei = make_person(now)
    channel, camp, tea = channels.make_channel(now), camping(now, mei), content.make_post(now, mei, topics=("茶",))
    channels.settle(now)
    assert channels.shown(now, channel) == [camp]

    channel = channels.save_rule(now, channel, Rule(topics_any=("茶",)))

    assert channels.shown(now, channel) == [tea]


def test_a_long_past_is_judged_in_batches(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations.routing, "BATCH", 2)
    monkeypatch.setattr(tasks, "MOST_BATCHES", 1)
    mei = make_person(now)
    posts = [camping(now, mei) for _ in range(5)]
    channels.settle(now)

    channel = channels.make_channel(now, Rule(topics_any=("露营",), per_author=None))
    assert sorted(channels.shown(now, channel)) == posts[3:]
    assert tasks.walk_changed_channels(now) == 1
    assert sorted(channels.shown(now, channel)) == posts[1:]
    tasks.walk_changed_channels(now)
    assert sorted(channels.shown(now, channel)) == posts
    assert tasks.walk_changed_channels(now) == 0


def test_preview_says_what_would_match_and_why_and_changes_nothing(now: datetime) -> None:
    mei = make_person(now)
    camp, tea = camping(now, mei, title="山口"), content.make_post(now, mei, topics=("茶",))
    content.make_post(now, mei, topics=("露营",), audience=FRIENDS)
    before = footprint()

    found = {one.post_id: one for one in queries.preview(Rule(topics_any=("露营",), least_signs=5), now=now)}

    assert footprint() == before
    assert found.keys() == {camp, tea}
    assert (found[camp].holds, found[tea].holds) == (True, False)
    assert [(one.condition, one.holds, one.by) for one in found[tea].checks] == [
        (Criterion.TOPICS_ANY, False, ()),
        (Criterion.SIGNS, True, (len("周末去露营,带了新的水壶。"), 5)),
    ]
    assert found[camp].checks[0].by == ("露营",)
    with pytest.raises(errors.RuleEmpty):
        queries.preview(Rule(), now=now)


# ---------------------------------------------------------------------- what rules see


def scene_of_every_condition(now: datetime) -> tuple[dict[str, Rule], dict[str, int]]:
    """For each condition a rule that asks for nothing else, and for each a post that alone fulfils it."""
    plain, maker = make_person(now), make_person(now)
    faces.describe(maker, "", Role.DESIGNER)
    family = things.make_thing(now, kind=ThingKind.FAMILY, brand="")
    model = things.make_thing(now, parent=family, brand="")
    branded = things.make_thing(now, brand="Sea Gull")
    for thing in (model, branded):
        things.make_holding(now, plain, thing, audience=PUBLIC)
    product = goods.make_product(now)
    posts = {
        "topic": content.make_post(now, plain, topics=("露营",)),
        "both": content.make_post(now, plain, topics=("露营", "茶")),
        "article": content.make_post(now, plain, kind=PostKind.ARTICLE, title="长文", text="很长"),
        "thing": content.make_post(now, plain, tags=(TagDraft(thing_id=model.id),)),
        "brand": content.make_post(now, plain, tags=(TagDraft(thing_id=branded.id),)),
        "designer": content.make_post(now, maker),
        "english": content.make_post(now, plain, text="Night sky from the roof"),
        "sold": content.make_post(now, plain, tags=(TagDraft(product_id=product.id),)),
        "long": content.make_post(now, plain, text="山" * 300),
        "old": content.make_post(now - timedelta(days=40), plain),
        "liked": content.make_post(now, plain),
        "thanked": content.make_post(now, plain),
    }
    for _ in range(2):
        content.react(now, make_person(now), posts["liked"])
        thanks = partial(
            content_operations.thank_for_post, actor=Actor(make_person(now).id), post_id=posts["thanked"], now=now
        )
        db.in_transaction(thanks)
    return {
        "topic": Rule(topics_any=("露营", "帐篷")),
        "both": Rule(topics_all=("茶", "露营")),
        "article": Rule(kinds=(PostKind.ARTICLE,)),
        "thing": Rule(things=(family.id,)),
        "brand": Rule(brands=("sea gull",)),
        "designer": Rule(roles=(Role.DESIGNER, Role.ARTIST)),
        "english": Rule(language=Language.EN),
        "sold": Rule(sells=True),
        "long": Rule(least_signs=200),
        "liked": Rule(least_reactions=2),
        "thanked": Rule(least_thanks=2),
    }, posts


def test_each_condition_takes_what_it_says(now: datetime) -> None:
    wanted, posts = scene_of_every_condition(now)
    also = {"topic": {"both"}}
    made = {name: channels.make_channel(now, rule) for name, rule in wanted.items()}

    channels.settle(now)

    names = {post_id: name for name, post_id in posts.items()}
    for name, channel in made.items():
        found = {names[post_id] for post_id in channels.shown(now, channel)}
        assert found == {name} | also.get(name, set()), name
    not_camping = channels.make_channel(now, Rule(topics_none=("露营",), per_author=None, ad_every=None))
    fresh = channels.make_channel(now, Rule(most_age_days=30, per_author=None, ad_every=None))
    assert {names[one] for one in channels.shown(now, not_camping)} == posts.keys() - {"topic", "both"}
    assert {names[one] for one in channels.shown(now, fresh)} == posts.keys() - {"old"}


def test_what_grows_too_old_leaves_by_itself(now: datetime) -> None:
    channel = channels.make_channel(now, Rule(most_age_days=3))
    post = camping(now, make_person(now))
    channels.settle(now)

    assert channels.shown(now + timedelta(days=3) - timedelta(seconds=1), channel) == [post]
    assert channels.shown(now + timedelta(days=3), channel) == []


def test_figures_that_move_bring_a_post_in_and_take_it_out(now: datetime) -> None:
    channel, mei = channels.make_channel(now, Rule(least_reactions=1)), make_person(now)
    post, lin = camping(now, mei), make_person(now)
    channels.settle(now)
    assert channels.shown(now, channel) == []

    content.react(now, lin, post)
    content.react(now, mei, post)
    channels.settle(now)
    assert channels.shown(now, channel) == []
    assert tasks.route_due_posts(now + timedelta(minutes=2)) == 1
    assert channels.shown(now, channel) == [post]

    db.in_transaction(partial(content_operations.take_reaction_back, actor=Actor(lin.id), post_id=post))
    assert tasks.route_due_posts(now + timedelta(minutes=3)) == 0
    assert tasks.route_due_posts(now + timedelta(minutes=30)) == 1
    assert channels.shown(now, channel) == []


def test_ones_own_taps_count_for_nothing(now: datetime) -> None:
    channel, mei = channels.make_channel(now, Rule(least_reactions=1)), make_person(now)
    post = camping(now, mei)
    content.react(now, mei, post)
    channels.settle(now)

    assert channels.shown(now, channel) == []


def test_few_saves_tell_of_nobody(now: datetime) -> None:
    channel, post = channels.make_channel(now, Rule(least_saves=1)), camping(now, make_person(now))

    def save(count: int) -> None:
        for _ in range(count):
            keep = partial(content_operations.save_post, actor=Actor(make_person(now).id), post_id=post, now=now)
            db.in_transaction(keep)

    save(19)
    channels.settle(now)
    assert channels.shown(now, channel) == []
    save(1)
    tasks.route_due_posts(now + timedelta(hours=1))
    assert channels.shown(now, channel) == [post]


def test_better_posts_come_first_and_older_ones_sink(now: datetime) -> None:
    mei, channel = make_person(now), channels.make_channel(now, Rule(topics_any=("露营",), half_life_days=2))
    good = camping(now, mei, title="两天一夜", text="山" * 200, photos=3)
    poor = camping(now, mei)
    old = camping(now - timedelta(days=20), mei, title="去年", text="山" * 200, photos=3)
    channels.settle(now)

    assert channels.shown(now, channel) == [good, poor, old]


def test_strikes_of_an_author_weigh(now: datetime) -> None:
    staff, mei, lin = channels.make_editor(now), make_person(now), make_person(now)
    struck, clean = camping(now, mei), camping(now, lin)
    other = content.make_post(now, mei)
    judging.report(now, lin, SubjectKind.POST, other)
    judging.decide(now, staff, moderation.list_cases().items[0].id)

    found = {one.post_id: one for one in queries.preview(Rule(topics_any=("露营",)), now=now)}

    assert found[struck].quality.strikes < 0
    assert found[struck].quality.total < found[clean].quality.total


def test_nobody_fills_a_channel_and_advertising_stands_apart(now: datetime) -> None:
    product = goods.make_product(now)
    mei, lin = make_person(now), make_person(now)
    told = [camping(now + timedelta(minutes=n), mei) for n in range(4)]
    sold = [
        camping(now + timedelta(hours=1, minutes=n), lin, tags=(TagDraft(product_id=product.id),)) for n in range(3)
    ]
    channel = channels.make_channel(now, Rule(topics_any=("露营",), per_author=3, ad_every=2))
    channels.settle(now + timedelta(hours=2))

    found = channels.shown(now + timedelta(hours=2), channel)

    assert found == [told[3], sold[2], told[2], sold[1], told[1], sold[0]]


def test_pages_of_a_channel_follow_each_other(now: datetime) -> None:
    channel = channels.make_channel(now, Rule(topics_any=("露营",), per_author=None))
    mei = make_person(now)
    posts = [camping(now + timedelta(minutes=n), mei) for n in range(5)]
    channels.settle(now)
    viewer = sight.get_viewer(None)

    found: list[int] = []
    offset: int | None = 0
    while offset is not None:
        page = queries.list_posts(viewer, channel, now=now, offset=offset, limit=2)
        found += [one.post_id for one in page.items]
        offset = page.next_cursor

    assert found == posts[::-1]
    assert queries.list_posts(viewer, channel, now=now, offset=10**9).items == ()


# ---------------------------------------------------------------------- the hand


def test_the_hand_pins_puts_in_and_keeps_out_whatever_the_rule_says(now: datetime) -> None:
    mei, channel = make_person(now), channels.make_channel(now)
    first, second, third = (camping(now + timedelta(minutes=n), mei) for n in range(3))
    tea = content.make_post(now, mei, topics=("茶",))
    channels.settle(now)
    assert channels.shown(now, channel) == [third, second, first]

    channels.pin(now, channel, first, place=1)
    channels.keep_out(now, channel, third)
    channels.put_in(now, channel, tea)
    assert channels.shown(now, channel) == [first, second, tea]
    channel = channels.save_rule(now, channel, Rule(topics_any=("火车",)))
    assert channels.shown(now, channel) == [first, tea]
    db.in_transaction(
        partial(content_operations.edit_post, actor=Actor(mei.id), post_id=tea, now=now,
                draft=PostDraft(PostKind.PHOTOS, "改了", audience=PUBLIC))
    )  # fmt: skip
    channels.settle(now)
    assert channels.shown(now, channel) == [first, tea]

    actor = channels.staff_actor(now)
    db.in_transaction(partial(operations.let_go, actor=actor, channel_id=channel.id, post_id=tea, now=now))
    assert channels.shown(now, channel) == [first]
    refuses(errors.HandNotFound, partial(operations.let_go, actor=actor, channel_id=channel.id, post_id=tea, now=now))


def test_a_hand_placement_ends_in_its_time_and_stays_on_record(now: datetime) -> None:
    mei, channel = make_person(now), channels.make_channel(now)
    tea, camp = content.make_post(now, mei, topics=("茶",)), camping(now, mei)
    channels.settle(now)
    channels.pin(now, channel, tea, until=now + timedelta(days=1))
    assert channels.shown(now, channel) == [tea, camp]

    assert channels.shown(now + timedelta(days=1), channel) == [camp]
    assert [hand.post_id for hand in queries.list_hands(channel.id, now=now)] == [tea]
    assert queries.list_hands(channel.id, now=now + timedelta(days=1)) == ()
    channels.pin(now + timedelta(hours=1), channel, tea, place=2)
    log = queries.list_log(channel.id).items
    assert [(hand.kind, hand.place, hand.reason) for hand in log] == [
        (HandKind.PIN, 2, "值得一看"),
        (HandKind.PIN, 1, "值得一看"),
    ]
    assert (log[0].ended_at, log[1].ended_at) == (None, now + timedelta(hours=1))


def test_bad_hand_placements_change_nothing(now: datetime) -> None:
    mei, channel, actor = make_person(now), channels.make_channel(now), channels.staff_actor(now)
    post, private = camping(now, mei), camping(now, mei, audience=FRIENDS)
    pin = partial(operations.pin_post, actor=actor, channel_id=channel.id, post_id=post, place=1, reason="好", now=now)

    refuses(errors.PositionMalformed, partial(pin, place=0))
    refuses(errors.PositionMalformed, partial(pin, place=501))
    refuses(errors.TextMalformed, partial(pin, reason=" "))
    refuses(errors.TextMalformed, partial(pin, reason="a\x00"))
    refuses(errors.NotInFuture, partial(pin, until=now))
    refuses(errors.NotInFuture, partial(pin, until=now + timedelta(days=400)))
    refuses(errors.ChannelNotFound, partial(pin, channel_id=10**9))
    refuses(errors.PostNotFound, partial(pin, post_id=private))
    refuses(errors.PostNotFound, partial(pin, post_id=10**9))


# ---------------------------------------------------------------------- who sees what


def hidden_from_all(now: datetime, channel: Channel, post: int, author: Person) -> bool:
    """Whether nobody but its author could learn of a post by a channel."""
    viewer, reader = sight.get_viewer(None), make_person(now)
    return (
        post not in channels.shown(now, channel)
        and post not in channels.shown(now, channel, reader)
        and post not in queries.peek(viewer, [channel], now=now)[channel.id]
        and queries.placements_of(author.id, post, now=now) == ()
    )


def test_what_is_closed_is_in_no_channel_from_that_moment(now: datetime) -> None:
    staff, mei, friend = channels.make_editor(now), make_person(now), make_person(now)
    social.befriend(now, mei, friend)
    channel = channels.make_channel(now)
    narrowed, held, removed, pinned = (camping(now, mei) for _ in range(4))
    channels.pin(now, channel, pinned)
    channels.settle(now)
    assert set(channels.shown(now, channel)) == {narrowed, held, removed, pinned}

    # Nobody hears of anything from here on: what is read decides.
    for post in (narrowed, pinned):
        draft = PostDraft(PostKind.PHOTOS, "给朋友", topics=("露营",), audience=FRIENDS)
        db.in_transaction(
            partial(content_operations.edit_post, actor=Actor(mei.id), post_id=post, draft=draft, now=now)
        )
    db.in_transaction(partial(content_operations.hold_post, post_id=held, now=now))
    db.in_transaction(partial(content_operations.remove_post, actor=Actor(mei.id), post_id=removed, now=now))

    assert all(hidden_from_all(now, channel, post, mei) for post in (narrowed, held, removed, pinned))
    assert channels.shown(now, channel, friend) == []
    assert channels.shown(now, channel, staff) == []
    channels.settle(now)
    assert db.row("SELECT count(*) FROM channels_placement WHERE post_id = ANY(%s)", [[narrowed, removed]]) == (0,)


def test_what_is_released_comes_back(now: datetime) -> None:
    staff, mei = channels.make_editor(now), make_person(now)
    channel = channels.make_channel(now)
    judging.make_rule(now, staff, "加微信")
    post = camping(now, mei, text="露营地加微信")
    channels.settle(now)
    assert channels.shown(now, channel) == []

    judging.decide(now, staff, moderation.list_cases().items[0].id, Outcome.KEEP)
    channels.settle(now)
    tasks.route_due_posts(now + timedelta(minutes=2))

    assert channels.shown(now, channel) == [post]


def test_blocks_hold_in_channels_too(now: datetime) -> None:
    mei, lin, wu = (make_person(now) for _ in range(3))
    channel = channels.make_channel(now)
    thing = things.make_thing(now)
    things.make_holding(now, mei, thing, audience=PUBLIC)
    post = camping(now, mei, tags=(TagDraft(thing_id=thing.id),))
    channels.settle(now)
    social.block(now, mei, lin)
    social.block_subject(now, wu, Subject(BlockKind.THING, thing.id))

    for viewer in (lin, wu):
        assert channels.shown(now, channel, viewer) == []
        assert queries.peek(sight.get_viewer(viewer.id), [channel], now=now)[channel.id] == ()
    assert channels.shown(now, channel) == [post]


def test_drafts_private_posts_and_reposts_have_no_place(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    channel = channels.make_channel(now, Rule(topics_none=("茶",)))
    content.draft_post(now, mei, topics=("露营",))
    camping(now, mei, audience=ONLY_ME)
    post = camping(now, mei)
    content.repost(now, lin, post)
    channels.settle(now)

    assert channels.shown(now, channel) == [post]
    assert db.row("SELECT count(*) FROM channels_placement") == (1,)


def test_its_author_reads_where_a_post_is_and_why_and_nobody_else_does(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    channel = channels.make_channel(now, Rule(topics_any=("露营", "帐篷"), least_quality=1))
    channels.make_channel(now, Rule(topics_any=("茶",)))
    channels.make_channel(now, is_open=False)
    post = camping(now, mei)
    channels.settle(now)

    (placed,) = queries.placements_of(mei.id, post, now=now)

    assert (placed.channel.id, placed.by_rule, placed.hand) == (channel.id, True, None)
    assert [(one.condition, one.by) for one in placed.reasons.checks] == [
        (Criterion.TOPICS_ANY, ("露营",)),
        (Criterion.QUALITY, (placed.reasons.quality.total, 1)),
    ]
    assert placed.reasons.published_at == now
    assert queries.placements_of(lin.id, post, now=now) == ()


def test_editors_read_why_and_why_not_of_every_channel(now: datetime) -> None:
    mei = make_person(now)
    camp, tea = channels.make_channel(now, position=1), channels.make_channel(now, Rule(topics_any=("茶",)), position=2)
    kept_out = channels.make_channel(now, position=3)
    post, private = camping(now, mei), camping(now, mei, audience=FRIENDS)
    channels.settle(now)
    channels.keep_out(now, kept_out, post)

    found = queries.where_is(post, now=now)

    assert [(one.channel.id, one.is_placed) for one in found] == [
        (camp.id, True), (tea.id, False), (kept_out.id, False)
    ]  # fmt: skip
    assert [one.verdict.holds for one in found] == [True, False, True]
    assert found[2].hand is not None
    for closed in (private, 10**9):
        with pytest.raises(errors.PostNotFound):
            queries.where_is(closed, now=now)


def test_a_thing_that_was_merged_is_still_asked_for(now: datetime) -> None:
    mei, old, new = make_person(now), things.make_thing(now), things.make_thing(now)
    for thing in (old, new):
        things.make_holding(now, mei, thing, audience=PUBLIC)
    channel = channels.make_channel(now, Rule(things=(old.id,)))
    curator = channels.staff_actor(now)
    db.in_transaction(lambda: thing_operations.merge_things(actor=curator, thing_id=old.id, into_id=new.id, now=now))
    post = content.make_post(now, mei, tags=(TagDraft(thing_id=new.id),))
    channels.settle(now)

    assert channels.shown(now, channel) == [post]
    assert thing_queries.get_thing(old.id).id == new.id


def test_nothing_of_an_erased_author_is_left(now: datetime) -> None:
    mei, staff = make_person(now), channels.make_editor(now)
    channel, post = channels.make_channel(now), camping(now, mei)
    db.in_transaction(partial(operations.appoint_editor, actor=actor_for(staff), person_id=mei.id, now=now))
    channels.settle(now)
    channels.pin(now, channel, post)
    assert [name for name, rows in queries.export_person(mei.id) if rows] == ["channel_editors", "channel_placements"]

    erasure.erase(now, mei.id, mei.handle, mei.display_name)
    channels.settle(now)

    for table in ("channels_editor", "channels_judged", "channels_placement", "channels_hand"):
        assert db.row(f"SELECT count(*) FROM {table}") == (0,), table
    channels.route(now, post, mei)
    assert db.row("SELECT count(*) FROM channels_judged") == (0,)


def test_cost_does_not_grow_with_posts_or_channels(
    now: datetime, django_assert_num_queries: Callable[[int], object]
) -> None:
    mei = make_person(now)
    for _ in range(3):
        camping(now, mei)
    made = [channels.make_channel(now) for _ in range(4)]
    channels.settle(now)
    viewer = sight.get_viewer(None)

    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        queries.list_posts(viewer, made[0], now=now)
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        found = queries.peek(viewer, made, now=now)
    assert all(len(posts) == 3 for posts in found.values())
