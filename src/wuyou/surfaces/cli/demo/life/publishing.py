"""The town publishes: a few posts a day from what is written down, then of one good after the other."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import timedelta

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import operations as content
from wuyou.domains.content import queries as posts
from wuyou.domains.content.types import PostDraft, PostKind, TagDraft
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, make_viewer
from wuyou.surfaces.cli.demo.life.plans import Plan
from wuyou.surfaces.cli.demo.life.rhythm import Moment, draw
from wuyou.surfaces.cli.demo.life.written import THING, NewPost, Written, beginning
from wuyou.surfaces.cli.demo.picturing import take_photos

_LEAST, _MOST = 100, 170
"""Minutes between a post of the town and the next."""
_REMEMBERED = 6
"""So many pages of a hundred posts are looked at for what was told already."""


def publish(moment: Moment, written: Written) -> Plan | None:
    """Show the next post that is written down, or tell of a good what was told of another, when it is time."""
    if not moment.is_day or not _is_time(moment):
        return None
    told = _told()
    names = {number: handle for handle, number in moment.neighbours.living.items()}
    known = {(names[owner], name) for owner, name in told if owner in names}
    post = moment.pick("post", [post for post in written.posts if (post.person, post.name) not in known])
    return _plan(moment, post or _retold(moment, written, known))


def _is_time(moment: Moment) -> bool:
    newest = posts.list_newest(make_viewer(None), limit=24).items
    mine = [post for post in newest if post.owner_id in moment.neighbours.ids and post.published_at]
    if not mine:
        return True
    pause = timedelta(minutes=_LEAST + draw(f"{mine[0].id}/pause", _MOST - _LEAST))
    return mine[0].published_at is not None and moment.now - mine[0].published_at >= pause


def _told() -> set[tuple[int, str]]:
    found: set[tuple[int, str]] = set()
    cursor: int | None = None
    for _ in range(_REMEMBERED):
        page = posts.list_newest(make_viewer(None), cursor=cursor, limit=100)
        found |= {(post.owner_id, beginning(post.title, post.text)) for post in page.items}
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def _retold(moment: Moment, written: Written, known: AbstractSet[tuple[str, str]]) -> NewPost | None:
    """What nobody has said of this good lately, said by somebody who does not sell it."""
    goods = sorted(moment.neighbours.products)
    names = {name for _, name in known}
    product_names = {
        product.id: product.title for product in catalog.products_by_id(moment.neighbours.products.values()).values()
    }
    for picture in moment.shuffle("goods", goods):
        product_id = moment.neighbours.products[picture]
        tellers = [
            who for who, number in moment.neighbours.living.items() if number != moment.neighbours.seller_of[product_id]
        ]
        teller = moment.pick("teller", tellers)
        for template in moment.shuffle("template", written.retold):
            post = _about(template, picture, product_names.get(product_id, ""))
            if teller and post.name not in names and product_id in product_names:
                return replace(post, person=teller)
    return None


def _about(template: NewPost, picture: str, title: str) -> NewPost:
    return replace(
        template,
        title=template.title.replace(THING, title),
        text=template.text.replace(THING, title),
        photos=tuple(tuple(picture if shown == THING else shown for shown in photo) for photo in template.photos),
        tags=tuple((picture, *tag[1:]) for tag in template.tags),
    )


def _plan(moment: Moment, post: NewPost | None) -> Plan | None:
    if post is None:
        return None
    # Before the transaction, because drawing takes a while; what is not published is swept later.
    taken = take_photos(post.photos, f"{post.person} {post.name}")
    actor = Actor(moment.neighbours.living[post.person])
    draft = PostDraft(
        PostKind(post.kind),
        post.text,
        post.title,
        _tags(post, moment.neighbours.products),
        post.topics,
        audience=PUBLIC,
    )

    def deed() -> None:
        post_id = content.start_post(actor=actor, draft=draft, now=moment.now, pictures=taken)
        content.publish_post(actor=actor, post_id=post_id, now=moment.now)

    return Plan("publish", deed)


def _tags(post: NewPost, products: Mapping[str, int]) -> tuple[TagDraft, ...]:
    return tuple(
        TagDraft(product_id=products[picture], photo=photo, x=x, y=y)
        for picture, photo, x, y in post.tags
        if picture in products
    )
