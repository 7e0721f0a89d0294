"""Posts as cards of a waterfall: the picture first, then what it says, then who says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from wuyou.domains.content import queries
from wuyou.domains.content.types import Called, Post, PostKind, PostState
from wuyou.domains.social import queries as social
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.viewmodels import covers, films, people
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.hrefs import href
from wuyou.surfaces.ui.texts import shortened

_WORDS_SHOWN = 120
_NAME_SHOWN = 40


@dataclass(frozen=True, slots=True)
class PostCard:
    """A post in a grid."""

    id: int
    href: str
    kind: PostKind
    title: str
    """What it is called; of one without a title how it begins."""
    words: str
    """How it goes on, where there is no picture to look at."""
    cover: Cover | None
    shape: str
    """Of the picture: `wide`, `square` or `tall`."""
    photo_count: int
    length: str
    """Of a film, as people read it; else empty."""
    film_href: str
    """Where it is played from; empty without one."""
    author: parts.Person
    is_ad: bool
    answers: int
    passed_on_by: parts.Person | None = None
    """Of a repost: who passes it on; the card is that of the post itself."""
    said: str = ""
    """Of a repost: the words with which it is passed on."""
    state: PostState = PostState.PUBLISHED
    publish_at: datetime | None = None
    edit_href: str = ""
    """Of one that is not published yet: where it is written on."""


def href_of(post_id: int) -> str:
    """The page of a post."""
    return href("storefront:post", post_id)


def name_of(post: Post | Called) -> str:
    """What a post is called: its title, else how it begins, else what it is."""
    return (
        post.title or shortened(post.plain, _NAME_SHOWN) or (_("Video") if post.kind is PostKind.VIDEO else _("Photos"))
    )


def of_posts(viewer: Viewer, posts: Iterable[Post]) -> tuple[PostCard, ...]:
    """Posts that the viewer sees as cards, in their order; of a repost the post that it passes on.

    Cost: none for no posts; two queries; one more where some pass others on.
    """
    return with_people(viewer, posts, ())[0]


def with_people(
    viewer: Viewer, posts: Iterable[Post], person_ids: Iterable[int]
) -> tuple[tuple[PostCard, ...], Mapping[int, parts.Person]]:
    """The same, and the faces of these people beside those of who wrote; at the same cost."""
    posts = tuple(posts)
    origins = {post.origin_id for post in posts if post.origin_id is not None}
    passed_on = queries.posts_by_id(viewer, origins) if origins else {}
    shown = {post.id: post for post in (*posts, *passed_on.values())}
    met = social.faces_by_person(viewer, {*person_ids, *(post.owner_id for post in shown.values())})
    faces = {key: people.face(face.person) for key, face in met.items()}
    answers = queries.count_comments(viewer, shown)
    return tuple(card for post in posts if (card := _card_of(post, passed_on, faces, answers))), faces


def shape_of(width: int, height: int) -> str:
    """Into which of three shapes a picture fits best."""
    if not width or not height:
        return "square"
    return "wide" if width * 4 >= height * 5 else "tall" if height * 7 >= width * 8 else "square"


def _card_of(
    post: Post, passed_on: Mapping[int, Post], faces: Mapping[int, parts.Person], answers: Mapping[int, int]
) -> PostCard | None:
    shown = passed_on.get(post.origin_id) if post.origin_id is not None else post
    if shown is None or not {shown.owner_id, post.owner_id} <= faces.keys():
        return None
    picture = shown.photos[0] if shown.photos else shown.video.poster if shown.video else None
    is_repost = post is not shown
    return PostCard(
        post.id,
        href_of(post.id),
        shown.kind,
        name_of(shown),
        _words(shown, has_picture=picture is not None),
        covers.of_post_photo(picture, shown.title) if picture else None,
        shape_of(picture.width, picture.height) if picture else "square",
        len(shown.photos),
        films.clock(shown.video.duration_ms) if shown.video else "",
        films.href_of(shown.id) if shown.video else "",
        faces[shown.owner_id],
        shown.is_ad,
        answers.get(shown.id, 0),
        faces[post.owner_id] if is_repost else None,
        shortened(post.plain, _WORDS_SHOWN) if is_repost else "",
        post.state,
        post.publish_at,
        href("storefront:edit-post", post.id) if post.state is not PostState.PUBLISHED else "",
    )


def _words(post: Post, *, has_picture: bool) -> str:
    """How a post goes on after what it is called."""
    if has_picture:
        return ""
    return shortened(post.plain, _WORDS_SHOWN) if post.title else ""


def more_href(address: str, cursor: int | None, **kept: str) -> str:
    """Where a list goes on; empty at its end."""
    if cursor is None:
        return ""
    return f"{address}?{urlencode({**{name: value for name, value in kept.items() if value}, 'after': cursor})}"
