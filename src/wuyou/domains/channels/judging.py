"""What rules see of posts, gathered for many at once, and what each channel's rule says of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from wuyou.domains.channels.rules import judge, language_of
from wuyou.domains.channels.types import Channel, Facts, Figures, Rule, Verdict
from wuyou.domains.content import queries as content
from wuyou.domains.insight import policies as insight_policies
from wuyou.domains.insight import queries as insight
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import queries as things
from wuyou.infra.behaviour import ObjectKind
from wuyou.kernel.sight import Subject, SubjectKind, make_viewer

STRANGER = make_viewer(None)
"""With whose eyes a post is judged: what they do not see, no channel knows."""
_FILM_PICTURES = 3


def facts_by_post(post_ids: Collection[int], now: datetime) -> dict[int, Facts]:
    """Those of these posts that are open to everyone, as rules see them. Cost: eight queries; one when none is."""
    open_posts = content.open_facts_by_id(post_ids)
    if not open_posts:
        return {}
    owners = {post.owner_id for post in open_posts.values()}
    about = things.subjects_by_thing(thing for post in open_posts.values() for thing in post.thing_ids)
    brands = things.brands_by_key(_ids_of(SubjectKind.BRAND, (one for found in about.values() for one in found)))
    faces = social.faces_by_person(STRANGER, owners)
    standings = social.standings_by_person(owners)
    thanks = social.appreciation_by_source(STRANGER, AppreciatedKind.POST, open_posts)
    points = moderation.points_by_person(owners, now)
    reads = insight.reads_by_object(ObjectKind.POST.value, open_posts)
    found = {}
    for post in open_posts.values():
        subjects = [one for thing in post.thing_ids for one in about.get(thing, ())]
        figures = Figures(
            reads=reads.get(post.id, 0),
            reactions=post.reactions,
            comments=post.comments,
            reposts=post.reposts,
            saves=_told(post.saves),
            thanks=thanks.get(post.id, 0),
            has_title=bool(post.title),
            signs=len(post.text),
            pictures=post.photo_count + _FILM_PICTURES * post.has_video,
            tags=len(post.thing_ids),
            topics=len(post.topics),
            standing=standings[post.owner_id].level,
            points=points.get(post.owner_id, 0),
        )
        found[post.id] = Facts(
            post.id,
            post.owner_id,
            post.kind,
            post.topics,
            frozenset(_ids_of(SubjectKind.THING, subjects)),
            tuple(brands[key] for key in sorted(_ids_of(SubjectKind.BRAND, subjects)) if key in brands),
            frozenset(faces[post.owner_id].roles) if post.owner_id in faces else frozenset(),
            language_of(f"{post.title}\n{post.text}"),
            post.sells,
            post.is_ad,
            post.published_at,
            figures,
        )
    return found


def followed(channels: Iterable[Channel]) -> tuple[Channel, ...]:
    """Channels whose rules name the things that theirs were merged into. Cost: one query; none for no things."""
    channels = tuple(channels)
    named = {thing for channel in channels for thing in channel.rule.things}
    if not named:
        return channels
    merged = {asked: thing.id for asked, thing in things.things_by_id(named).items()}
    return tuple(replace(channel, rule=_renamed(channel.rule, merged)) for channel in channels)


def verdicts(
    channels: Iterable[Channel], facts: Iterable[Facts], now: datetime
) -> dict[tuple[int, int], tuple[Channel, Facts, Verdict]]:
    """What the rule of each channel says of each post, by channel and post."""
    channels = tuple(channels)
    return {
        (channel.id, post.post_id): (channel, post, judge(channel.rule, post, now))
        for post in facts
        for channel in channels
    }


def _renamed(rule: Rule, merged: Mapping[int, int]) -> Rule:
    return replace(rule, things=tuple(dict.fromkeys(merged.get(thing, thing) for thing in rule.things)))


def _ids_of(kind: SubjectKind, subjects: Iterable[Subject]) -> set[int]:
    return {one.id for one in subjects if one.kind is kind}


def _told(count: int) -> int:
    """A count of what people keep to themselves: nothing while they are so few that it would tell of them."""
    return count if count >= insight_policies.LEAST_PEOPLE else 0
