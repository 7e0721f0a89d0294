"""A channel as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), with what its posts point at as `_wuyou`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language

from wuyou.domains.channels.types import Channel
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import Post, Topic
from wuyou.domains.social import queries as social
from wuyou.kernel.money import Money
from wuyou.kernel.sight import make_viewer
from wuyou.surfaces.storefront.viewmodels import channels, covers, people, post_cards, post_tags
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.storefront.viewmodels.post_tags import Pointed
from wuyou.surfaces.ui import channels as words
from wuyou.surfaces.ui import pictures

VERSION = "https://jsonfeed.org/version/1.1"
_STRANGER = make_viewer(None)
Absolute = Callable[[str], str]


def feed_of(
    absolute: Absolute,
    channel: Channel,
    posts: Sequence[Post],
    *,
    now: datetime,
    offset: int = 0,
    next_offset: int | None = None,
    language: str = "",
) -> dict[str, Any]:
    """The feed of a channel that strangers see. Args: absolute: makes an address of ours whole.

    Cost: up to nine queries.
    """
    address = channels.href_of(channel)
    here = reverse("storefront:channel-feed", args=[channel.slug])
    chosen = {"lang": language} if language else {}

    def page(after: int | None) -> str:
        asked = urlencode({**chosen, **({"after": after} if after else {})})
        return absolute(f"{here}?{asked}" if asked else here)

    feed: dict[str, Any] = {
        "version": VERSION,
        "title": words.name_of(channel),
        "home_page_url": absolute(address),
        "feed_url": page(offset),
        "language": get_language(),
    }
    if about := words.about_of(channel):
        feed["description"] = about
    if picture := pictures.shipped(channel.text.picture):
        feed["icon"] = absolute(static(pictures.picture_path(picture)))
    if next_offset is not None:
        feed["next_url"] = page(next_offset)
    faces = social.faces_by_person(_STRANGER, {post.owner_id for post in posts})
    pointed, topics = _pointed(posts, now), content.topics_by_post(post.id for post in posts)
    feed["items"] = [
        _item(
            absolute, address, post, people.face(faces[post.owner_id].person), pointed[post.id], topics.get(post.id, ())
        )
        for post in posts
        if post.owner_id in faces
    ]
    return feed


def _item(
    absolute: Absolute, origin: str, post: Post, author: Any, pointed: Sequence[Pointed], topics: Sequence[Topic]
) -> dict[str, Any]:
    picture = post.photos[0] if post.photos else post.video.poster if post.video else None
    item: dict[str, Any] = {
        "id": absolute(post_cards.href_of(post.id)),
        "url": absolute(f"{post_cards.href_of(post.id)}?{urlencode({'from': origin})}"),
        "title": post_cards.name_of(post),
        "content_text": post.plain,
        "authors": [{"name": author.name, **({"url": absolute(author.href)} if author.href else {})}],
        "tags": [topic.name for topic in topics],
    }
    if picture:
        item["image"] = absolute(covers.of_post_photo(picture).photo)
    if post.published_at:
        item["date_published"] = post.published_at.isoformat()
    if post.edited_at:
        item["date_modified"] = post.edited_at.isoformat()
    item["_wuyou"] = {
        "kind": post.kind.value,
        "is_advertising": post.is_ad,
        "tags": [_tag(absolute, one) for one in pointed],
    }
    return item


def _tag(absolute: Absolute, tag: Pointed) -> dict[str, Any]:
    """What a post points at. Its address is the tag's own, so that whoever follows it was brought by the author."""
    return {
        "title": tag.title,
        "words": tag.words,
        "url": absolute(tag.href),
        "is_sold": tag.is_sold,
        "price": _amount(tag.price),
        "team_price": _amount(tag.price_team),
        "picture": _picture(absolute, tag.cover),
    }


def _amount(amount: Money | None) -> dict[str, object] | None:
    return None if amount is None else {"amount_minor": amount.amount_minor, "currency": amount.currency.code}


def _picture(absolute: Absolute, cover: Cover) -> str | None:
    if cover.photo:
        return absolute(cover.photo)
    return absolute(static(pictures.picture_path(cover.art))) if cover.art else None


def _pointed(posts: Sequence[Post], now: datetime) -> dict[int, list[Pointed]]:
    tags = [tag for its in content.tags_by_post(_STRANGER, (post.id for post in posts)).values() for tag in its]
    found: dict[int, list[Pointed]] = defaultdict(list)
    for tag, pointed in zip(tags, post_tags.pointed_at(_STRANGER, tags, now), strict=True):
        found[tag.post_id].append(pointed)
    return found
