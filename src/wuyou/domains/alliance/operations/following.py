"""Following what an author points at: the tag makes the author's link, and a tap is one click.

Lock: of one visitor and one link, advisory, so that two taps at once find each other.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.alliance import queries, rules, types
from wuyou.domains.alliance.operations import publishing
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import errors as content_errors
from wuyou.domains.content import queries as content
from wuyou.infra import db, sight

AGAIN_AFTER = timedelta(minutes=1)
"""Taps on one link that come closer to each other than this are one click."""


@db.requires_transaction
def follow_tag(*, post_id: int, tag_id: int, visitor: str, user_id: int | None, now: datetime) -> types.Followed:
    """Somebody taps what a post that they see leads to buying: the click is the author's, if they take a share.

    Nothing is noted of an author who takes none, who sells it themselves, or who taps their own tag.
    Raises: content's `PostNotFound`, also for a tag that is not there, leads to no purchase or may not be known.
    Locks: the visitor's clicks on this link. Cost: six queries, eleven when they earn, two more the first time.
    """
    viewer = sight.get_viewer(user_id)
    post = content.get_post_for(viewer, post_id)
    tags = content.tags_by_post(viewer, [post_id]).get(post_id, ())
    tag = next((one for one in tags if one.id == tag_id and one.product_id is not None), None)
    if tag is None or tag.product_id is None:
        raise content_errors.PostNotFound()
    if not post.earns or post.published_at is None:
        return types.Followed(tag.product_id, "")
    return follow_offer(
        owner_id=post.owner_id,
        product_id=tag.product_id,
        slot_name=types.slot_of_post(post.id),
        visitor=visitor,
        user_id=user_id,
        now=now,
    )


@db.requires_transaction
def follow_offer(
    *, owner_id: int, product_id: int, slot_name: str, visitor: str, user_id: int | None, now: datetime
) -> types.Followed:
    """Somebody taps a product that a person offers and takes a share for: the link is made, and the click noted.

    Who offers joins the alliance by it. Nothing is noted when they sell it themselves, or tap it themselves.
    Locks: the visitor's clicks on this link. Cost: seven queries, two more the first time.
    """
    product = catalog.products_by_id([product_id])[product_id]
    if user_id == owner_id or catalog.get_shop(product.shop_id).owner_id == owner_id:
        return types.Followed(product_id, "")
    publisher = publishing.ensure_publisher(user_id=owner_id, now=now)
    link = publishing.ensure_link(
        publisher_id=publisher.id, slot_name=slot_name, product_id=product_id, path=f"/p/{product_id}", now=now
    )
    _click_once(link.token, visitor, user_id, now, now - AGAIN_AFTER)
    return types.Followed(product_id, link.token)


@db.requires_transaction
def carry_click(*, token: str, visitor: str, user_id: int | None, now: datetime) -> bool:
    """Who followed a link goes on in another browser or app: the click goes along, once in the time that it can earn.

    Args: token: of the link, which the address has brought along. Returns whether it was noted now.
    Raises: `LinkNotFound`, `VisitorMalformed`. Locks: the visitor's clicks on this link. Cost: five statements at most.
    """
    link = queries.get_link_by_token(token)
    if user_id is not None and queries.get_publisher(link.publisher_id).user_id == user_id:
        return False
    return _click_once(token, visitor, user_id, now, now - rules.WINDOW)


def _click_once(token: str, visitor: str, user_id: int | None, now: datetime, since: datetime) -> bool:
    who = f"user:{user_id}" if user_id is not None else visitor
    # In a statement of its own: what the next one reads is read after the wait.
    db.rows("SELECT pg_advisory_xact_lock(hashtextextended('alliance_click:' || %s, hashtext(%s)))", [token, who])
    if queries.has_clicked(token=token, visitor=visitor, user_id=user_id, since=since):
        return False
    publishing.record_click(token=token, visitor=visitor, user_id=user_id, now=now)
    return True
