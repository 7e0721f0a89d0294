"""Pure decisions of content: what a post may hold, what is advertising, what an article becomes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

from wuyou.domains.content import errors
from wuyou.domains.content.types import WHOLE, PostDraft, PostKind, TagDraft
from wuyou.kernel import text as texts

MAX_TITLE, MAX_TEXT, MAX_ARTICLE, MAX_COMMENT, MAX_TAG_WORDS = 60, 2_000, 20_000, 1_000, 30
MAX_PHOTOS, MAX_TAGS, MAX_TAGS_OF_PHOTO, MAX_TOPICS, MAX_TOPIC, MAX_SERIES = 18, 20, 5, 10, 30, 100
LATEST = timedelta(days=365)
"""So far ahead a post can be scheduled."""

_TOPIC = re.compile(r"[\w·]{1,30}")
_NAMED = re.compile(r"(?<![\w#])#([\w·]{1,30})#?")
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
_TAGS = {
    "h1",
    "h2",
    "h3",
    "h4",
    "p",
    "br",
    "strong",
    "em",
    "s",
    "blockquote",
    "ul",
    "ol",
    "li",
    "hr",
    "code",
    "pre",
    "a",
    "img",
}
_ATTRIBUTES = {"a": {"href"}, "img": {"data-photo", "alt"}, "ol": {"start"}}
_PHOTO = re.compile(r"\d{1,2}")


def clean_title(title: str) -> str:
    """A title, or none. Raises `TextMalformed`."""
    return _clean(texts.clean_line, title, "title", MAX_TITLE, may_be_empty=True)


def clean_text(kind: PostKind, text: str) -> str:
    """What a post says. Raises `TextMalformed`."""
    most = MAX_ARTICLE if kind is PostKind.ARTICLE else MAX_TEXT
    return _clean(texts.clean_lines, text, "text", most, may_be_empty=True)


def clean_comment(text: str) -> str:
    """What somebody says under a post. Raises `TextMalformed`."""
    return _clean(texts.clean_lines, text, "comment", MAX_COMMENT)


def clean_series(title: str) -> str:
    """The title of a series. Raises `TextMalformed`."""
    return _clean(texts.clean_line, title, "series", MAX_TITLE)


def check_tags(
    kind: PostKind, tags: Sequence[TagDraft], photos: int, film_ms: int | None = None
) -> tuple[TagDraft, ...]:
    """Tags as they may stand on a post with so many pictures, and a film of so many milliseconds if there is one.

    Raises: `TagMalformed`, `TextMalformed`, `TooMany`.
    """
    if len(tags) > MAX_TAGS:
        raise errors.TooMany(what="tags", most=MAX_TAGS)
    for tag in tags:
        if (tag.thing_id is None) == (tag.product_id is None) or not _has_its_place(kind, tag, photos):
            raise errors.TagMalformed()
        check_moment_in_film(film_ms, tag.from_ms)
        _clean(texts.clean_line, tag.words, "tag", MAX_TAG_WORDS, may_be_empty=True)
    on_photo = Counter(tag.photo for tag in tags if tag.photo is not None)
    if any(count > MAX_TAGS_OF_PHOTO for count in on_photo.values()):
        raise errors.TooMany(what="tags_of_photo", most=MAX_TAGS_OF_PHOTO)
    return tuple(tags)


def check_moment_in_film(film_ms: int | None, from_ms: int | None) -> None:
    """That a tag comes into view before the film is over. Raises `TagMalformed`."""
    if film_ms is not None and from_ms is not None and from_ms >= film_ms:
        raise errors.TagMalformed()


def check_film(kind: PostKind, photos: int) -> None:
    """That a post may have a film. Raises `FilmMisplaced`."""
    if kind is not PostKind.VIDEO or photos:
        raise errors.FilmMisplaced()


def topics_of(draft: PostDraft) -> tuple[str, ...]:
    """Names of a post's topics, each once: those that are given, then those that its text names.

    Raises: `TopicMalformed`, `TooMany`.
    """
    given = [name.strip().strip("#").strip() for name in draft.topics]
    if any(not _TOPIC.fullmatch(name) for name in given):
        raise errors.TopicMalformed()
    names: dict[str, str] = {}
    for name in (*given, *_NAMED.findall(draft.text)):
        names.setdefault(topic_key(name), name)
    if len(names) > MAX_TOPICS:
        raise errors.TooMany(what="topics", most=MAX_TOPICS)
    return tuple(names.values())


def topic_key(name: str) -> str:
    """What a topic is known by, however it is written."""
    return texts.fold(name)


def check_complete(kind: PostKind, title: str, text: str, photos: int, has_video: bool) -> None:
    """That a post has what its readers would look for. Raises `PostIncomplete`."""
    is_complete = {
        PostKind.PHOTOS: photos > 0 or bool(text),
        PostKind.ARTICLE: bool(title and text),
        PostKind.VIDEO: has_video,
    }[kind]
    if not is_complete:
        raise errors.PostIncomplete(kind=kind.value)


def check_moment(at: datetime, now: datetime) -> None:
    """That a post can be scheduled for this moment. Raises `NotInFuture`."""
    if not now < at <= now + LATEST:
        raise errors.NotInFuture()


def is_ad(*, earns: bool, tagged_products: Collection[int], own_products: Collection[int]) -> bool:
    """Whether a post must say that it is advertising: it leads to a purchase, and its author gains by it.

    Source: 互联网广告管理办法 (in force since 2023-05-01), art. 9: shared experience, reviews and knowledge with a link
    to a purchase are marked 广告.
    """
    return bool(tagged_products) and (earns or not set(own_products).isdisjoint(tagged_products))


def html_of(kind: PostKind, text: str, photos: int) -> str:
    """The clean HTML of an article, in which `<img data-photo="2">` is its second picture; else nothing.

    Markdown without HTML of its own; then nh3 leaves what a text needs. Pictures from elsewhere are none.
    """
    if kind is not PostKind.ARTICLE:
        return ""
    html = nh3.clean(
        _MARKDOWN.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_photo_of(photos),
        url_schemes={"http", "https"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    html = re.sub(r'<img(?![^>]*data-photo=")[^>]*>', "", html)
    return re.sub(r"(</?)h1>", r"\1h2>", html)  # the page's first heading is the title


def plain_of(kind: PostKind, text: str) -> str:
    """What is read of a post where there is one line for it."""
    return re.sub(r"!\[[^\]]*\]\([^)]*\)|[#>*_`~]", "", text).strip() if kind is PostKind.ARTICLE else text


def _render_photo(self: object, tokens: Sequence[Token], at: int, options: object, env: object) -> str:
    token = tokens[at]
    return f'<img data-photo="{escapeHtml(str(token.attrs.get("src", "")))}" alt="{escapeHtml(token.content)}">'


_MARKDOWN.add_render_rule("image", _render_photo)


def _photo_of(photos: int) -> Callable[[str, str, str], str | None]:
    def kept(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) != ("img", "data-photo"):
            return value
        return value if _PHOTO.fullmatch(value) and 1 <= int(value) <= photos else None

    return kept


def _has_its_place(kind: PostKind, tag: TagDraft, photos: int) -> bool:
    in_film = tag.from_ms is not None or tag.until_ms is not None
    on_photo = tag.x is not None or tag.y is not None
    if tag.photo is None:
        if on_photo:
            return False
        return not in_film or (kind is PostKind.VIDEO and tag.from_ms is not None and tag.from_ms >= 0
                               and (tag.until_ms is None or tag.until_ms > tag.from_ms))  # fmt: skip
    if in_film or not 0 <= tag.photo < photos:
        return False
    return (tag.x is None) == (tag.y is None) and all(at is None or 0 <= at <= WHOLE for at in (tag.x, tag.y))


def _clean(how: Callable[..., str], text: str, field: str, most: int, *, may_be_empty: bool = False) -> str:
    try:
        return how(text, most, may_be_empty=may_be_empty)
    except ValueError as error:
        raise errors.TextMalformed(field=field) from error
