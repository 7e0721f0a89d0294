"""The tree of things: adding, linking to the catalogue, merging."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.things import copies, errors, events, policies, queries, rules, types
from wuyou.domains.things.naming import words_of
from wuyou.domains.things.queries.tree import ABOVE, SUBJECTS
from wuyou.domains.things.types import ThingKind
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import KEY_BITS, SubjectKind

_ABOUT_A_THING = ("things_holding", "things_review", "things_annotation", "things_reply")
"""Sighted tables whose rows are about a thing: they go with it, and close with it."""


@db.requires_transaction
def add_thing(
    *, kind: ThingKind, name: str, now: datetime, name_en: str = "", brand: str = "", parent_id: int | None = None
) -> types.Thing:
    """Add a thing that no shop of this installation sells.

    Raises: `TextMalformed`, `ThingNotFound` (the parent), `TreeMalformed`.
    Locks: the parent, so that it is not merged away meanwhile.
    """
    name = rules.clean_line(name, "name", rules.MAX_NAME)
    name_en = rules.clean_line(name_en, "name_en", rules.MAX_NAME, may_be_empty=True)
    brand = rules.clean_line(brand, "brand", rules.MAX_NAME, may_be_empty=True)
    above: types.Thing | None = None
    if parent_id is not None:
        above = queries.get_thing(copies.keep_things([parent_id])[parent_id])
    if (above.kind if above else None) not in rules.PARENT_OF[kind]:
        raise errors.TreeMalformed()
    made = db.row(
        """
        INSERT INTO things_thing (kind, parent_id, name, name_en, brand, words, added_at)
        VALUES (%s, %s, %s, %s, %s, %s::tsvector, %s) RETURNING id
        """,
        [kind.value, above.id if above else None, name, name_en, brand, words_of(name, name_en, brand), now],
    )
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    return queries.get_thing(made[0])


@db.requires_transaction
def ensure_variants(*, variant_ids: Iterable[int], now: datetime) -> dict[int, types.Thing]:
    """The things that these variants of the catalogue are, made with their models where they are not there yet.

    Two that make the same at once make it once. Names are the catalogue's of that moment.
    Raises: `catalog.VariantNotFound`. Cost: one query when all are there, six when not.
    """
    wanted = sorted(set(variant_ids))
    found = queries.things_by_variant(wanted)
    missing = [variant_id for variant_id in wanted if variant_id not in found]
    if not missing:
        return found
    variants = catalog.variants_by_id(missing)
    if len(variants) != len(missing):
        raise catalog_errors.VariantNotFound()
    products = catalog.products_by_id(variant.product_id for variant in variants.values())
    ordered = [products[product_id] for product_id in sorted(products)]
    db.execute(
        """
        INSERT INTO things_thing (kind, name, name_en, brand, words, product_id, added_at)
        SELECT 'MODEL', p.name, p.name_en, '', p.words::tsvector, p.id, %s::timestamptz
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS p (id, name, name_en, words)
        ON CONFLICT (product_id) DO NOTHING
        """,
        [
            now,
            [p.id for p in ordered],
            [p.title for p in ordered],
            [p.title_en for p in ordered],
            [words_of(p.title, p.title_en) for p in ordered],
        ],
    )
    models = queries.things_by_product(products)
    copies.keep_things([model.id for model in models.values()])
    drafts = [variants[variant_id] for variant_id in missing]
    db.execute(
        """
        INSERT INTO things_thing (kind, parent_id, name, name_en, brand, words, variant_id, added_at)
        SELECT 'VARIANT', coalesce(m.merged_into_id, m.id), v.name, v.name_en, '', '', v.id, %s::timestamptz
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS v (id, product_id, name, name_en)
        JOIN things_thing m ON m.product_id = v.product_id
        ON CONFLICT (variant_id) DO NOTHING
        """,
        [now, [v.id for v in drafts], [v.product_id for v in drafts], [v.name for v in drafts],
         [v.name_en for v in drafts]],
    )  # fmt: skip
    return queries.things_by_variant(wanted)


@db.requires_transaction
def merge_things(*, actor: Actor, thing_id: int, into_id: int, now: datetime) -> None:
    """Two things are one: all that is of the first or below it goes over to the second, and the first redirects to it.

    Raises: `NotYours`, `ThingNotFound` (also for one that was merged already), `TreeMalformed` (of different kinds, or
    the same). Publishes: `ThingMerged`.
    Locks: both by id, all below the first by id, then the copies and what was said, by id.
    """
    policies.require_curator(actor)
    both = dict(
        db.rows(
            "SELECT id, kind FROM things_thing WHERE id = ANY(%s) AND merged_into_id IS NULL ORDER BY id FOR UPDATE",
            [sorted({thing_id, into_id})],
        )
    )
    if not both.keys() >= {thing_id, into_id}:
        raise errors.ThingNotFound()
    if thing_id == into_id or both[thing_id] != both[into_id]:
        raise errors.TreeMalformed()
    # With those below, so that no copy is added under a family or model that it is about no more.
    tree = [below for (below,) in db.rows(
        """
        WITH RECURSIVE tree AS (
            SELECT %s::bigint AS id UNION SELECT t.id FROM things_thing t JOIN tree ON t.parent_id = tree.id)
        SELECT t.id FROM things_thing t WHERE t.id IN (SELECT id FROM tree) ORDER BY t.id FOR UPDATE
        """,
        [thing_id],
    )]  # fmt: skip
    said = {
        table: [row for (row,) in db.rows(
            f"SELECT id FROM {table} WHERE thing_id = ANY(%s) ORDER BY id FOR UPDATE", [tree]  # noqa: S608
        )]
        for table in _ABOUT_A_THING
    }  # fmt: skip
    db.execute(
        """
        UPDATE things_thing SET parent_id = CASE WHEN parent_id = %(from)s THEN %(into)s ELSE parent_id END,
               merged_into_id = CASE WHEN id = %(from)s OR merged_into_id = %(from)s THEN %(into)s
                                     ELSE merged_into_id END
        WHERE id = %(from)s OR parent_id = %(from)s OR merged_into_id = %(from)s
        """,
        {"from": thing_id, "into": into_id},
    )
    for table, ids in said.items():
        db.execute(
            f"UPDATE {table} SET thing_id = %s WHERE id = ANY(%s) AND thing_id = %s",  # noqa: S608  (a name of ours)
            [into_id, ids, thing_id],
        )
        # They are about other things now: who wants to see nothing about the one that stays, does not see them.
        db.execute(
            f"""
            UPDATE {table} h SET sight_closes = ARRAY(
                SELECT closing FROM unnest(h.sight_closes) AS closing
                WHERE closing >> {KEY_BITS} NOT IN ({", ".join(str(int(kind)) for kind in SubjectKind)})
                UNION SELECT unnest({SUBJECTS}) ORDER BY 1)
            FROM things_thing t {ABOVE} WHERE h.id = ANY(%s) AND t.id = h.thing_id
            """,  # noqa: S608  (names and numbers of ours)
            [ids],
        )
    publish(events.ThingMerged(thing_id, into_id, now))
