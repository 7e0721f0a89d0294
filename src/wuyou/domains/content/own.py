"""What several operations share: one's own post, locked, and the products that one sells."""

from __future__ import annotations

from dataclasses import dataclass

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import errors
from wuyou.domains.content.types import PostKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import AudienceRule, Sight, rule_of


@dataclass(frozen=True, slots=True)
class Locked:
    """A post of one's own whose row is locked."""

    id: int
    owner_id: int
    kind: PostKind
    title: str
    text: str
    is_ad: bool
    version: int
    origin_id: int | None
    is_published: bool
    is_scheduled: bool
    is_held: bool
    rule: AudienceRule

    @property
    def is_withheld(self) -> bool:
        """Whether only its author sees it for now."""
        return self.is_held or not self.is_published


def lock_own(actor: Actor, post_id: int) -> Locked:
    """One's own post, its row locked. Raises `PostNotFound`."""
    found = db.row(
        """
        SELECT id, owner_id, kind, title, text, is_ad, version, origin_id, published_at IS NOT NULL,
               publish_at IS NOT NULL, held_at IS NOT NULL, sight_opens, sight_closes
        FROM content_post WHERE id = %s AND owner_id = %s FOR UPDATE
        """,
        [post_id, actor.person_id],
    )
    if found is None:
        raise errors.PostNotFound()
    (_, owner_id, kind, title, text, is_ad, version, origin_id, is_published, is_scheduled, is_held, opens,
     closes) = found  # fmt: skip
    rule = rule_of(Sight(owner_id, tuple(opens), tuple(closes)))
    return Locked(
        post_id,
        owner_id,
        PostKind(kind),
        title,
        text,
        is_ad,
        version,
        origin_id,
        is_published,
        is_scheduled,
        is_held,
        rule,
    )


def own_products(actor: Actor) -> set[int]:
    """The products that somebody sells themselves."""
    shops = catalog.list_shops_of(actor.person_id)
    return {product for shop in shops for product in catalog.list_product_ids(shop.id)}
