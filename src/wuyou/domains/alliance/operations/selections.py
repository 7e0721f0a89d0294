"""Selections (选品单): goods that somebody puts together, to choose from later or to show.

Whoever may see one opens its goods by its owner's links, in a slot of its own. Lock: the selection's row.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.alliance import errors, queries, types
from wuyou.domains.alliance.operations import following
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.moderation import operations as moderation
from wuyou.domains.social import queries as social
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import ONLY_ME, AudienceRule
from wuyou.kernel.tokens import new_token

MAX_NAME, MAX_WORDS = 60, 120
MAX_SELECTIONS, MAX_PICKS = 50, 200
TOKEN_BYTES = 12


@db.requires_transaction
def make_selection(*, actor: Actor, name: str, now: datetime, audience: AudienceRule = ONLY_ME) -> int:
    """Begin a selection; returns its id.

    Raises: `SelectionMalformed`, `SelectionNameTaken`, `SelectionFull`, `moderation.WordsRefused`, what
    `social.check_rule` refuses. Locks: one's selections, advisory.
    """
    me, name = actor.person_id, _name(name, now)
    social.check_rule(me, audience)
    _wait_for_turn(me)
    own = queries.list_selections(me)
    if any(each.name == name for each in own):
        raise errors.SelectionNameTaken()
    if len(own) >= MAX_SELECTIONS:
        raise errors.SelectionFull(most=MAX_SELECTIONS)
    made = db.row(
        """
        INSERT INTO alliance_selection (owner_id, name, token, made_at, sight_opens, sight_closes)
        VALUES (%(me)s, %(name)s, %(token)s, %(now)s, %(sight_opens)s::bigint[], %(sight_closes)s::bigint[])
        RETURNING id
        """,
        {"me": me, "name": name, "token": new_token(TOKEN_BYTES), "now": now, **sight.columns(me, audience)},
    )
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    return int(made[0])


@db.requires_transaction
def change_selection(*, actor: Actor, selection_id: int, name: str, audience: AudienceRule, now: datetime) -> None:
    """Call a selection otherwise, or open it to others than before; its address stays.

    Raises: `SelectionNotFound`, `SelectionMalformed`, `SelectionNameTaken`, `moderation.WordsRefused`, what
    `social.check_rule` refuses. Locks: one's selections, advisory.
    """
    me, name = actor.person_id, _name(name, now)
    social.check_rule(me, audience)
    _wait_for_turn(me)
    if any(each.name == name and each.id != selection_id for each in queries.list_selections(me)):
        raise errors.SelectionNameTaken()
    changed = db.execute(
        """
        UPDATE alliance_selection
        SET name = %(name)s, sight_opens = %(sight_opens)s::bigint[], sight_closes = %(sight_closes)s::bigint[]
        WHERE id = %(id)s AND owner_id = %(me)s
        """,
        {"id": selection_id, "me": me, "name": name, **sight.columns(me, audience)},
    )
    if not changed:
        raise errors.SelectionNotFound()


@db.requires_transaction
def remove_selection(*, actor: Actor, selection_id: int) -> None:
    """Take a selection apart; links that it made go on to lead to their goods. Raises: `SelectionNotFound`."""
    _lock(actor, selection_id)
    db.execute("DELETE FROM alliance_pick WHERE selection_id = %s", [selection_id])
    db.execute("DELETE FROM alliance_selection WHERE id = %s", [selection_id])


@db.requires_transaction
def pick(*, actor: Actor, selection_id: int, product_id: int, now: datetime, words: str = "") -> None:
    """Put goods that are for sale into a selection; again changes what is said of them.

    Raises: `SelectionNotFound`, `SelectionMalformed`, `SelectionFull`, catalog's `ProductNotFound`,
    `moderation.WordsRefused`. Locks: the selection.
    """
    words = words.strip()
    if len(words) > MAX_WORDS or not words.isprintable():
        raise errors.SelectionMalformed(field="words")
    moderation.check_name(texts=[words] if words else [], now=now)
    catalog.get_product(product_id)
    _lock(actor, selection_id)
    _put(selection_id, [(product_id, words)], now)


@db.requires_transaction
def unpick(*, actor: Actor, selection_id: int, product_id: int) -> None:
    """Take goods out of a selection; twice is once. Raises: `SelectionNotFound`. Locks: the selection."""
    _lock(actor, selection_id)
    db.execute("DELETE FROM alliance_pick WHERE selection_id = %s AND product_id = %s", [selection_id, product_id])


@db.requires_transaction
def copy_selection(*, actor: Actor, token: str, name: str, now: datetime) -> int:
    """Make a selection of one's own of what another shows, without their words; returns its id.

    Only what is for sale now comes along. Raises: `SelectionNotFound`, and what `make_selection` refuses.
    """
    shown = queries.get_selection_for(sight.get_viewer(actor.person_id), token)
    listed = catalog.listed_among({each.product_id for each in queries.picks_of(shown.id)})
    own = make_selection(actor=actor, name=name, now=now)
    _put(own, [(product_id, "") for product_id in sorted(listed)], now)
    return own


@db.requires_transaction
def follow_pick(*, token: str, product_id: int, visitor: str, user_id: int | None, now: datetime) -> types.Followed:
    """Somebody opens goods of a selection that they see: the click is its owner's.

    Raises: `SelectionNotFound`, also for goods that are not in it, or not for sale. Locks: the visitor's clicks.
    Cost: five queries and those of `follow_offer`.
    """
    shown = queries.get_selection_for(sight.get_viewer(user_id), token)
    is_in = any(each.product_id == product_id for each in queries.picks_of(shown.id))
    if not is_in or not catalog.listed_among([product_id]):
        raise errors.SelectionNotFound()
    return following.follow_offer(
        owner_id=shown.owner_id,
        product_id=product_id,
        slot_name=types.slot_of_selection(shown.id),
        visitor=visitor,
        user_id=user_id,
        now=now,
    )


def _wait_for_turn(person_id: int) -> None:
    # In a statement of its own: what the next ones read is read after the wait.
    db.rows("SELECT pg_advisory_xact_lock(hashtextextended('alliance_selections', %s))", [person_id])


def _name(said: str, now: datetime) -> str:
    name = said.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise errors.SelectionMalformed(field="name")
    moderation.check_name(texts=[name], now=now)
    return name


def _lock(actor: Actor, selection_id: int) -> None:
    found = db.rows(
        "SELECT FROM alliance_selection WHERE id = %s AND owner_id = %s FOR UPDATE", [selection_id, actor.person_id]
    )
    if not found:
        raise errors.SelectionNotFound()


def _put(selection_id: int, goods: list[tuple[int, str]], now: datetime) -> None:
    """Write goods into a selection that is locked, or new."""
    db.execute(
        """
        INSERT INTO alliance_pick (selection_id, product_id, words, picked_at)
        SELECT %s, g.product_id, g.words, %s FROM unnest(%s::bigint[], %s::text[]) AS g (product_id, words)
        ON CONFLICT (selection_id, product_id) DO UPDATE SET words = EXCLUDED.words
        """,
        [selection_id, now, [product_id for product_id, _ in goods], [words for _, words in goods]],
    )
    if len(queries.picks_of(selection_id)) > MAX_PICKS:
        raise errors.SelectionFull(most=MAX_PICKS)
