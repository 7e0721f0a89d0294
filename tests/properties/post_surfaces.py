"""Where a post shows, or what was said of it, to who asks: every surface, and whose sight the oracle asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.urls import reverse

from tests.conftest import NOW
from tests.properties.sight_surfaces import Asked, Lived
from tests.properties.sight_world import oracle
from wuyou.domains.content import queries
from wuyou.infra import films, person_data, sight
from wuyou.kernel.sight import PUBLIC, AudienceRule, Subject
from wuyou.surfaces.storefront.viewmodels import people, post_page


@dataclass(frozen=True)
class Said:
    """A comment, by whom of the people, in whose thread, and what it answers."""

    id: int
    by: int
    text: str
    thread: Said | None = None
    answers: Said | None = None


@dataclass(frozen=True)
class Passed:
    """A repost, by whom of the people, to whom, and through whose repost they came by the post."""

    id: int
    by: int
    rule: AudienceRule
    via: Passed | None = None


@dataclass(frozen=True)
class Posted:
    """A post with what stands in it, how far it is on its way, and what others did about it."""

    id: int
    number: int
    """Of the world's posts, counted from 0."""
    owner: int
    rule: AudienceRule
    about: frozenset[Subject]
    thing_id: int
    product_id: int
    team: str
    """The token of a team that bought the product together; empty where none did."""
    photo_id: int
    series_id: int
    repost_rule: AudienceRule
    """To whom it will be passed on."""
    is_film: bool = False
    is_published: bool = False
    is_held: bool = False
    is_gone: bool = False
    said: tuple[Said, ...] = ()
    passed: tuple[Passed, ...] = ()
    reacted: frozenset[int] = field(default_factory=frozenset)
    """Who of the people reacted, thanked, and keeps it."""

    @property
    def mark(self) -> str:
        return f"Mark{self.number}zz"

    @property
    def topic(self) -> str:
        return f"topic{self.number}zz"

    @property
    def is_open(self) -> bool:
        """Whether others than its author can see it."""
        return self.is_published and not self.is_held and not self.is_gone


class LivedTogether(Lived, Protocol):
    """People with posts, who may have bought something together, and a channel of all that is open to everyone."""

    channel: str


Viewer = int | None
Answer = bool | int | None
"""What a surface shows; None where it has nothing to answer."""
OfPost = Callable[[LivedTogether, Asked, Posted], Answer]
OfRepost = Callable[[LivedTogether, Asked, Posted, Passed], Answer]
OfComment = Callable[[LivedTogether, Asked, Posted, Said], Answer]


# ------------------------------------------------------------------ what the oracle says


def the_post(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    if post.is_gone:
        return False
    if viewer == lived.ids[post.owner]:
        return True
    return post.is_open and oracle(lived.world, lived.ids[post.owner], post.rule, post.about, viewer)


def the_published(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    return post.is_published and the_post(lived, post, viewer)


def the_published_as_its_author_knows(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    """What somebody wants to see nothing about is theirs to know: their eyes are lent without it."""
    world = replace(lived.world, averse={each for each in lived.world.averse if each[0] != viewer})
    return post.is_open and oracle(world, lived.ids[post.owner], post.rule, post.about, viewer)


def ones_own_published(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    return post.is_published and the_author_alone(lived, post, viewer)


def the_unpublished(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    return not post.is_published and the_post(lived, post, viewer)


def anothers_published(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    return viewer != lived.ids[post.owner] and the_published(lived, post, viewer)


def open_to_everyone(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    """What strangers see, whoever asks: a channel stands on other people's pages too."""
    return the_published(lived, post, None)


def in_its_channel(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    return open_to_everyone(lived, post, None) and the_published(lived, post, viewer)


def known_peoples(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    return _knows(lived, viewer, post.owner) and the_published(lived, post, viewer)


def kept(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    return viewer in {lived.ids[who] for who in post.reacted} and the_published(lived, post, viewer)


def the_author_alone(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    return viewer == lived.ids[post.owner] and not post.is_gone


def the_series(lived: LivedTogether, post: Posted, viewer: Viewer) -> bool:
    """Each post stands in a series of its own, which stays its author's without it."""
    return viewer == lived.ids[post.owner] or the_published(lived, post, viewer)


def the_repost(lived: LivedTogether, post: Posted, passed: Passed, viewer: Viewer) -> bool:
    return the_post(lived, post, viewer) and oracle(lived.world, lived.ids[passed.by], passed.rule, post.about, viewer)


def known_peoples_repost(lived: LivedTogether, post: Posted, passed: Passed, viewer: Viewer) -> bool:
    return _knows(lived, viewer, passed.by) and the_repost(lived, post, passed, viewer)


def the_one_between(lived: LivedTogether, post: Posted, passed: Passed, viewer: Viewer) -> bool:
    return passed.via is not None and the_repost(lived, post, passed.via, viewer)


def the_comment(lived: LivedTogether, post: Posted, said: Said, viewer: Viewer) -> bool:
    """It is open to everyone who sees the post, and across no block; so is what began its thread."""
    return the_post(lived, post, viewer) and all(
        oracle(lived.world, lived.ids[one.by], PUBLIC, post.about, viewer) for one in {said, said.thread or said}
    )


def the_answered(lived: LivedTogether, post: Posted, said: Said, viewer: Viewer) -> bool:
    return said.answers is not None and the_comment(lived, post, said.answers, viewer)


def one_of_the_comments(lived: LivedTogether, post: Posted, said: Said, viewer: Viewer) -> bool:
    """What somebody is told of another's comments is one line: it stands as long as one of them does."""
    return any(
        the_comment(lived, post, other, viewer)
        for other in post.said
        if other.by == said.by and _told_as(lived, post, other, viewer) == _told_as(lived, post, said, viewer)
    )


def _told_as(lived: LivedTogether, post: Posted, said: Said, viewer: Viewer) -> str | None:
    """As what somebody is told of a comment; None when they are not."""
    if viewer is None or viewer == lived.ids[said.by]:
        return None
    if said.answers is not None and viewer == lived.ids[said.answers.by]:
        return "COMMENT_ANSWERED"
    return "POST_COMMENTED" if viewer == lived.ids[post.owner] else None


def number_of_comments(lived: LivedTogether, post: Posted, viewer: Viewer) -> int:
    return sum(the_comment(lived, post, said, viewer) for said in post.said)


def number_of_reposts(lived: LivedTogether, post: Posted, viewer: Viewer) -> int:
    return sum(the_repost(lived, post, passed, viewer) for passed in post.passed)


def number_of_reactions(lived: LivedTogether, post: Posted, viewer: Viewer) -> int:
    return sum(frozenset((lived.ids[who], viewer)) not in lived.world.blocks for who in post.reacted)


def _knows(lived: LivedTogether, viewer: Viewer, whom: int) -> bool:
    other = lived.ids[whom]
    return viewer is not None and (
        viewer == other or (viewer, other) in lived.world.follows or frozenset((viewer, other)) in lived.world.friends
    )


# ------------------------------------------------------------------ pages


def _gets(asked: Asked, address: str) -> bool:
    return asked.get(address)[0] == 200


def _stands(asked: Asked, address: str, post_id: int) -> bool:
    """Whether its card stands on a page."""
    return f'data-seen="post:{post_id}"' in asked.get(address)[1]


def its_page(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _gets(asked, reverse("storefront:post", args=[post.id]))


def its_sheet(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return asked.get(reverse("storefront:post", args=[post.id]), as_sheet=True)[0] == 200


def its_picture(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _gets(asked, reverse("storefront:post-photo", args=[post.photo_id, 320]))


def its_film(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    if not post.is_film:
        return None
    response = asked.browser.get(reverse("storefront:post-film", args=[post.id, films.FILM]))
    response.close()
    assert response.status_code in (200, 404)
    return bool(response.status_code == 200)


def its_history(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _gets(asked, reverse("storefront:post-history", args=[post.id]))


def its_tag(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    """The tap on what it points at leads on. An edit writes the tags anew, so the number is its author's of now."""
    tags = queries.tags_by_post(sight.get_viewer(lived.ids[post.owner]), [post.id]).get(post.id)
    tag_id = tags[0].id if tags else 1
    status = asked.browser.get(reverse("storefront:follow-tag", args=[post.id, tag_id])).status_code
    assert status in (302, 404)
    return status == 302


def at_home(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    """Who knows people is shown what those published, where there is anything; no more is said then of other posts."""
    is_shown = _stands(asked, reverse("storefront:home"), post.id)
    knows_somebody = any(
        _knows(lived, asked.id, who) for who, person_id in enumerate(lived.ids) if person_id != asked.id
    )
    return is_shown if is_shown or not knows_somebody else None


def on_the_authors_page(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _stands(asked, reverse("storefront:person", args=[lived.people[post.owner].handle]), post.id)


def in_the_authors_list(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _stands(asked, reverse("storefront:posts-of", args=[lived.people[post.owner].handle]), post.id)


def with_anothers_eyes(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    """The author's page as its author sees it with the eyes of who asks; across a block they are nobody."""
    author = lived.people[post.owner]
    if asked.id == author.id:
        return None
    whom = people.STRANGER if asked.id is None else next(each.handle for each in lived.people if each.id == asked.id)
    address = f"{reverse('storefront:person', args=[author.handle])}?as={whom}"
    return f'data-seen="post:{post.id}"' in asked.get(address, lived.browsers[author.id])[1]


def on_the_topics_page(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _stands(asked, reverse("storefront:topic", args=[post.topic]), post.id)


def its_series(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _gets(asked, reverse("storefront:series", args=[post.series_id]))


def in_its_series(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    href = reverse("storefront:post", args=[post.id])
    return f'href="{href}"' in asked.get(reverse("storefront:series", args=[post.series_id]))[1]


def among_the_saved(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return None if asked.id is None else _stands(asked, reverse("storefront:saved-posts"), post.id)


def among_the_drafts(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return None if asked.id is None else f"/posts/{post.id}/edit" in asked.get(reverse("storefront:drafts"))[1]


def among_ones_own(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return None if asked.id is None else _stands(asked, reverse("storefront:my-posts"), post.id)


def where_it_is_written(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return None if asked.id is None else _gets(asked, reverse("storefront:edit-post", args=[post.id]))


def among_those_one_follows(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return None if asked.id is None else _stands(asked, reverse("storefront:following"), post.id)


def to_discover(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    """What one has said something about need not be recommended again."""
    is_shown = _stands(asked, reverse("storefront:discover"), post.id)
    touched = {
        lived.ids[who] for who in {*post.reacted, *(said.by for said in post.said), *(one.by for one in post.passed)}
    }
    return is_shown if is_shown or asked.id not in touched else None


def in_search(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _stands(asked, f"{reverse('storefront:search')}?q={post.mark}", post.id)


def in_search_of_posts(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _stands(asked, f"{reverse('storefront:search')}?q={post.mark}&in=posts", post.id)


def in_a_channel(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _stands(asked, reverse("storefront:channel", args=[lived.channel]), post.id)


def in_a_channel_elsewhere(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    """A link of the frame names the channel that it leads back to."""
    href = reverse("storefront:post", args=[post.id])
    return f'href="{href}?' in asked.get(reverse("storefront:channel-embed", args=[lived.channel]))[1]


def in_a_channels_feed(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    body = json.loads(asked.get(reverse("storefront:channel-feed", args=[lived.channel]))[1])
    return reverse("storefront:post", args=[post.id]) in {urlsplit(item["url"]).path for item in body["items"]}


def on_the_things_page(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _stands(asked, reverse("storefront:thing", args=[post.thing_id]), post.id)


def on_the_products_page(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _stands(asked, reverse("storefront:product", args=[post.product_id]), post.id)


def among_the_teams_words(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    if asked.id is None or not post.team:
        return None
    href = reverse("storefront:post", args=[post.id])
    return f'href="{href}"' in asked.get(reverse("storefront:team-words", args=[post.team]))[1]


def to_report(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    if asked.id in (None, lived.ids[post.owner]):
        return None
    return _gets(asked, reverse("storefront:report", args=["post", post.id]))


def in_the_export(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    """What somebody takes along is their own; nothing of another's, however open it is."""
    if asked.id is None:
        return None
    if "export" not in asked.got:
        records = [list(each) for source in person_data.sources() for _, each in source.export(asked.id)]
        asked.got["export"] = (200, json.dumps(records, default=str, ensure_ascii=False))
    return f"text of {post.mark}" in asked.get("export")[1]


def thanks_on_its_page(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    viewer = sight.get_viewer(asked.id)
    found = queries.posts_by_id(viewer, [post.id]).get(post.id)
    return None if found is None else post_page.page_of(viewer, found, NOW).thanks


def repost_on_its_page(lived: LivedTogether, asked: Asked, post: Posted, passed: Passed) -> Answer:
    return _gets(asked, reverse("storefront:post", args=[passed.id]))


def repost_in_its_authors_list(lived: LivedTogether, asked: Asked, post: Posted, passed: Passed) -> Answer:
    return _stands(asked, reverse("storefront:posts-of", args=[lived.people[passed.by].handle]), passed.id)


def repost_among_those_one_follows(lived: LivedTogether, asked: Asked, post: Posted, passed: Passed) -> Answer:
    return None if asked.id is None else _stands(asked, reverse("storefront:following"), passed.id)


def comment_on_the_page(lived: LivedTogether, asked: Asked, post: Posted, said: Said) -> Answer:
    return said.text in asked.get(reverse("storefront:post", args=[post.id]))[1]


def comment_to_report(lived: LivedTogether, asked: Asked, post: Posted, said: Said) -> Answer:
    if asked.id in (None, lived.ids[said.by]):
        return None
    return _gets(asked, reverse("storefront:report", args=["comment", said.id]))


# ------------------------------------------------------------------ the API


def _json(asked: Asked, path: str) -> dict[str, Any] | None:
    """What the API answers; None for what is not there."""
    status, text = asked.get(f"/api/v1{path}")
    return json.loads(text) if status == 200 else None


def _listed(asked: Asked, path: str, post_id: int) -> bool:
    body = _json(asked, f"{path}{'&' if '?' in path else '?'}limit=100")
    return body is not None and post_id in {item["id"] for item in body["items"]}


def _line(asked: Asked, post_id: int) -> dict[str, Any] | None:
    return _json(asked, f"/posts/{post_id}")


def api_post(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _line(asked, post.id) is not None


def api_newest(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _listed(asked, "/posts", post.id)


def api_found(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _listed(asked, f"/posts?q={post.mark}", post.id)


def api_posts_of_a_person(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _listed(asked, f"/people/{lived.ids[post.owner]}/posts", post.id)


def api_posts_about_a_thing(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _listed(asked, f"/things/{post.thing_id}/posts", post.id)


def api_posts_of_a_channel(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    body = _json(asked, f"/channels/{lived.channel}/posts?limit=100")
    assert body is not None
    return post.id in {item["post"]["id"] for item in body["items"]}


def api_posts_of_a_topic(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _listed(asked, f"/topics?name={post.topic}", post.id)


def api_series(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    body = _json(asked, f"/series/{post.series_id}")
    return body is not None and post.id in {each["id"] for each in body["posts"]}


def api_saved(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return None if asked.id is None else _listed(asked, "/posts/saved", post.id)


def api_drafts(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return None if asked.id is None else _listed(asked, "/posts/drafts", post.id)


def api_revisions(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _json(asked, f"/posts/{post.id}/revisions") is not None


def _response(asked: Asked, post: Posted, what: str) -> int | None:
    line = _line(asked, post.id)
    return None if line is None else int(line["response"][what])


def api_number_of_comments(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _response(asked, post, "comment_count")


def api_number_of_reposts(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _response(asked, post, "repost_count")


def api_number_of_reactions(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    return _response(asked, post, "reaction_count")


def api_list_of_reactions(lived: LivedTogether, asked: Asked, post: Posted) -> Answer:
    body = _json(asked, f"/posts/{post.id}/reactions?limit=48")
    return None if body is None else len({line["person"]["id"] for line in body["items"]})


def api_repost(lived: LivedTogether, asked: Asked, post: Posted, passed: Passed) -> Answer:
    return _line(asked, passed.id) is not None


def api_reposts_of_a_post(lived: LivedTogether, asked: Asked, post: Posted, passed: Passed) -> Answer:
    return _listed(asked, f"/posts/{post.id}/reposts", passed.id)


def api_through_whom(lived: LivedTogether, asked: Asked, post: Posted, passed: Passed) -> Answer:
    line = _line(asked, passed.id)
    return None if line is None or passed.via is None else line["via_id"] is not None


def api_reposts_told(lived: LivedTogether, asked: Asked, post: Posted, passed: Passed) -> Answer:
    if asked.id != lived.ids[post.owner]:
        return None
    return lived.ids[passed.by] in _told(asked, "POST_REPOSTED", post)


def _lines_of_comments(asked: Asked, post: Posted) -> dict[int, dict[str, Any]]:
    body = _json(asked, f"/posts/{post.id}/comments?limit=100")
    threads = body["items"] if body else ()
    return {line["id"]: line for thread in threads for line in (thread["comment"], *thread["answers"])}


def api_comment(lived: LivedTogether, asked: Asked, post: Posted, said: Said) -> Answer:
    return said.id in _lines_of_comments(asked, post)


def api_what_it_answers(lived: LivedTogether, asked: Asked, post: Posted, said: Said) -> Answer:
    line = _lines_of_comments(asked, post).get(said.id)
    return None if line is None or said.answers is None else line["answers_id"] is not None


def api_comments_told(lived: LivedTogether, asked: Asked, post: Posted, said: Said) -> Answer:
    """Who is answered is told of that, else the author of the post of the comment."""
    kind = _told_as(lived, post, said, asked.id)
    return None if kind is None else lived.ids[said.by] in _told(asked, kind, post)


def _told(asked: Asked, kind: str, post: Posted) -> set[int]:
    """Of whom one is told that they did something about a post."""
    body = _json(asked, "/notifications?limit=100")
    assert body is not None
    lines = [line for line in body["items"] if line["kind"] == kind and line["facts"]["post"] == post.id]
    return {actor["id"] for line in lines for actor in line["actors"]}


POSTS: Mapping[str, tuple[OfPost, Callable[[LivedTogether, Posted, Viewer], Answer]]] = {
    "a post's page": (its_page, the_post),
    "a post as a sheet": (its_sheet, the_post),
    "a post's picture": (its_picture, the_post),
    "a post's film": (its_film, the_post),
    "a post's history": (its_history, the_post),
    "a post's tag": (its_tag, the_post),
    "home: the newest posts": (at_home, the_published),
    "its author's page: posts": (on_the_authors_page, the_published),
    "its author's page, viewed as: posts": (with_anothers_eyes, the_published_as_its_author_knows),
    "its author's list of posts": (in_the_authors_list, the_published),
    "one's own posts": (among_ones_own, ones_own_published),
    "one's drafts": (among_the_drafts, the_unpublished),
    "where a post is written": (where_it_is_written, the_author_alone),
    "the topic's page": (on_the_topics_page, the_published),
    "a series": (its_series, the_series),
    "a series: its posts": (in_its_series, the_published),
    "saved posts": (among_the_saved, kept),
    "following": (among_those_one_follows, known_peoples),
    "discover": (to_discover, anothers_published),
    "search": (in_search, the_published),
    "search: posts": (in_search_of_posts, the_published),
    "a channel": (in_a_channel, in_its_channel),
    "a channel on another site": (in_a_channel_elsewhere, open_to_everyone),
    "a channel's feed": (in_a_channels_feed, open_to_everyone),
    "the thing's page: posts": (on_the_things_page, the_published),
    "the product's page: posts": (on_the_products_page, the_published),
    "what a team says: posts": (among_the_teams_words, the_published),
    "reporting a post": (to_report, the_post),
    "export: posts": (in_the_export, the_author_alone),
    "a post's page: the number of thanks": (thanks_on_its_page, number_of_reactions),
    "API: the post": (api_post, the_post),
    "API: the newest posts": (api_newest, the_published),
    "API: posts found by words": (api_found, the_published),
    "API: posts of a person": (api_posts_of_a_person, the_published),
    "API: posts about a thing": (api_posts_about_a_thing, the_published),
    "API: posts of a channel": (api_posts_of_a_channel, in_its_channel),
    "API: posts of a topic": (api_posts_of_a_topic, the_published),
    "API: the series": (api_series, the_published),
    "API: saved posts": (api_saved, kept),
    "API: drafts": (api_drafts, the_unpublished),
    "API: what a post said before": (api_revisions, the_post),
    "API: the number of comments": (api_number_of_comments, number_of_comments),
    "API: the number of reposts": (api_number_of_reposts, number_of_reposts),
    "API: the number of reactions": (api_number_of_reactions, number_of_reactions),
    "API: who reacted": (api_list_of_reactions, number_of_reactions),
}
REPOSTS: Mapping[str, tuple[OfRepost, Callable[[LivedTogether, Posted, Passed, Viewer], bool]]] = {
    "a repost's page": (repost_on_its_page, the_repost),
    "its author's list: a repost": (repost_in_its_authors_list, the_repost),
    "following: a repost": (repost_among_those_one_follows, known_peoples_repost),
    "API: the repost": (api_repost, the_repost),
    "API: reposts of a post": (api_reposts_of_a_post, the_repost),
    "API: through whom a repost came": (api_through_whom, the_one_between),
    "API: notifications, of a repost": (api_reposts_told, the_repost),
}
COMMENTS: Mapping[str, tuple[OfComment, Callable[[LivedTogether, Posted, Said, Viewer], bool]]] = {
    "a post's page: a comment": (comment_on_the_page, the_comment),
    "reporting a comment": (comment_to_report, the_comment),
    "API: a comment": (api_comment, the_comment),
    "API: what a comment answers": (api_what_it_answers, the_answered),
    "API: notifications, of a comment": (api_comments_told, one_of_the_comments),
}
ALL = (*POSTS, *REPOSTS, *COMMENTS)
