"""Messages, as their reader may see them: what is blocked, gone or not open to them is left out here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.messaging import errors, types
from wuyou.domains.messaging.queries import conversations
from wuyou.domains.messaging.types import MessageKind
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Holding, Thing
from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE
from wuyou.kernel.sight import Kind, Viewer, token

_MESSAGES = """
    SELECT m.id, m.conversation_id, m.seq, m.author_id, m.kind, m.text,
           CASE WHEN m.author_id = p.person_id THEN m.client_id ELSE '' END,
           m.sent_at, m.edited_at, m.withdrawn_at, m.erased_at IS NOT NULL, m.line, m.about_id, m.product_id, m.earns,
           q.seq, q.author_id, left(q.text, 200), q.kind, q.withdrawn_at IS NOT NULL OR q.erased_at IS NOT NULL
    FROM messaging_participant p JOIN messaging_conversation c ON c.id = p.conversation_id
    JOIN messaging_message m ON m.conversation_id = p.conversation_id AND m.seq > p.joined_seq
    LEFT JOIN messaging_message q ON q.conversation_id = m.conversation_id AND q.seq = m.reply_to_seq
         AND q.seq > p.joined_seq AND q.author_id <> ALL(%(blocked)s::bigint[])
    WHERE p.person_id = %(me)s AND p.standing IN ('MEMBER', 'ASKED')
    AND m.author_id <> ALL(%(blocked)s::bigint[]) AND coalesce(m.about_id, 0) <> ALL(%(blocked)s::bigint[])
    AND (c.kind = 'GROUP' OR (c.low_id <> ALL(%(blocked)s::bigint[]) AND c.high_id <> ALL(%(blocked)s::bigint[])))
"""


def list_messages(
    viewer: Viewer, conversation_id: int, *, before: int | None = None, after: int | None = None, limit: int = 50
) -> tuple[types.Message, ...]:
    """Messages in the order of their numbers: the latest, those before a number, or the first after one.

    Somebody who takes no part gets none; ask for the conversation first. Cost: one query, and one to three for photos,
    things and products.
    """
    limit = max(1, min(limit, MAX_PAGE))
    newest_first = after is None
    found = db.rows(
        f"""{_MESSAGES} AND m.conversation_id = %(conversation)s
            AND (%(before)s::bigint IS NULL OR m.seq < %(before)s) AND (%(after)s::bigint IS NULL OR m.seq > %(after)s)
            ORDER BY m.seq {"DESC" if newest_first else ""} LIMIT %(limit)s""",
        {
            **_reader(viewer),
            "conversation": conversation_id,
            "before": before,
            "after": after,
            "limit": limit,
        },
    )
    return _messages(viewer, found[::-1] if newest_first else found)


def get_message(viewer: Viewer, conversation_id: int, seq: int) -> types.Message:
    """One message by its number. Raises `MessageNotFound`. Cost: as `list_messages`."""
    found = db.rows(
        f"{_MESSAGES} AND m.conversation_id = %(conversation)s AND m.seq = %(seq)s",
        {**_reader(viewer), "conversation": conversation_id, "seq": seq},
    )
    if not found:
        raise errors.MessageNotFound()
    return _messages(viewer, found)[0]


def messages_by_id(viewer: Viewer, message_ids: Iterable[int]) -> dict[int, types.Message]:
    """Many messages that the viewer may see; others are left out. Cost: as `list_messages`."""
    ids = sorted(set(message_ids))
    if not ids:
        return {}
    found = db.rows(f"{_MESSAGES} AND m.id = ANY(%(ids)s)", {**_reader(viewer), "ids": ids})
    return {message.id: message for message in _messages(viewer, found)}


def search_messages(
    viewer: Viewer, words: str, *, before_id: int | None = None, limit: int = 30
) -> tuple[types.Message, ...]:
    """What was said in one's own conversations with these words in it, latest first.

    Read through one's own participations, whose messages lie together in the index. Cost: as `list_messages`, and the
    texts of one's conversations are looked through.
    """
    words = words.strip()
    if not words:
        return ()
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    found = db.rows(
        f"""{_MESSAGES} AND p.standing = 'MEMBER' AND m.text ILIKE %(pattern)s
            AND (%(before)s::bigint IS NULL OR m.id < %(before)s) ORDER BY m.id DESC LIMIT %(limit)s""",
        {**_reader(viewer), "pattern": pattern, "before": before_id, "limit": max(1, min(limit, MAX_PAGE))},
    )
    return _messages(viewer, found)


def messages_among(viewer: Viewer, message_ids: Collection[int]) -> set[int]:
    """Those of these messages that the viewer may read, and that were not taken back. Cost: one query."""
    return _among(viewer, message_ids, "")


def unread_among(viewer: Viewer, message_ids: Collection[int]) -> set[int]:
    """Those that the viewer may read, has not seen, and wants to hear of. Cost: one query."""
    return _among(viewer, message_ids, "AND m.seq > p.seen_up_to AND NOT p.is_muted")


def _among(viewer: Viewer, message_ids: Collection[int], condition: str) -> set[int]:
    found = db.rows(
        f"{_MESSAGES} AND m.id = ANY(%(ids)s) AND m.withdrawn_at IS NULL AND m.erased_at IS NULL {condition}",
        {**_reader(viewer), "ids": sorted(message_ids)},
    )
    return {columns[0] for columns in found}


def may_see_photo(viewer: Viewer, key: str) -> bool:
    """Whether a picture stands in a message that the viewer may read. Cost: one query."""
    found = db.row(
        f"{_MESSAGES} AND m.id = (SELECT message_id FROM messaging_photo WHERE key = %(key)s)",  # noqa: S608  (a literal)
        {**_reader(viewer), "key": key},
    )
    return found is not None


def _reader(viewer: Viewer) -> dict[str, object]:
    return {"me": conversations.reader_of(viewer), "blocked": conversations.blocked_of(viewer)}


def _messages(viewer: Viewer, found: Sequence[Sequence[Any]]) -> tuple[types.Message, ...]:
    photos = _photos([row[0] for row in found if row[4] == "PHOTOS"])
    cards = _cards(viewer, [(row[0], row[3], MessageKind(row[4])) for row in found if row[4] in {"THING", "CALL_OUT"}],
                   {row[1] for row in found})  # fmt: skip
    products = _products(row[13] for row in found if row[13] is not None)
    made = []
    for row in found:
        (message_id, conversation_id, seq, author_id, kind, text, client_id, sent_at, edited_at, withdrawn_at,
         is_erased, line, about_id, product_id, earns, *quote) = row  # fmt: skip
        is_gone = withdrawn_at is not None or is_erased
        made.append(
            types.Message(
                message_id,
                conversation_id,
                seq,
                author_id,
                MessageKind(kind),
                text,
                client_id,
                sent_at,
                edited_at,
                withdrawn_at,
                is_erased,
                reply=None
                if quote[0] is None or is_gone
                else types.Quote(quote[0], quote[1], quote[2], MessageKind(quote[3]), quote[4]),
                photos=() if is_gone else photos.get(message_id, ()),
                cards=() if is_gone else cards.get(message_id, ()),
                product=None if is_gone else products.get(product_id),
                earns=earns and not is_gone,
                line=types.SystemLine(line) if line else None,
                about_id=about_id,
            )
        )
    return tuple(made)


def _photos(message_ids: list[int]) -> dict[int, tuple[types.Photo, ...]]:
    if not message_ids:
        return {}
    photos: dict[int, list[types.Photo]] = defaultdict(list)
    for message_id, *columns in db.rows(
        """
        SELECT message_id, key, width, height, blurhash FROM messaging_photo
        WHERE message_id = ANY(%s) ORDER BY message_id, position
        """,
        [message_ids],
    ):
        photos[message_id].append(types.Photo(*columns))
    return {message_id: tuple(of) for message_id, of in photos.items()}


def _products(product_ids: Iterable[int]) -> dict[int | None, Product]:
    ids = set(product_ids)
    found = catalog.products_by_id(ids) if ids else {}
    return {product.id: product for product in found.values() if product.is_listed}


def _cards(
    viewer: Viewer, messages: list[tuple[int, int, MessageKind]], conversation_ids: set[int]
) -> dict[int, tuple[types.Card, ...]]:
    """What the reader may see of the things in messages, at this moment."""
    if not messages:
        return {}
    about = {message_id: (author_id, kind) for message_id, author_id, kind in messages}
    found = db.rows(
        """
        SELECT t.message_id, t.thing_id, t.holding_id,
               CASE WHEN c.low_id = m.author_id THEN c.high_id ELSE c.low_id END
        FROM messaging_thing t JOIN messaging_message m ON m.id = t.message_id
        JOIN messaging_conversation c ON c.id = m.conversation_id
        WHERE t.message_id = ANY(%s) ORDER BY t.message_id, t.position
        """,
        [list(about)],
    )
    named = things.things_by_id(row[1] for row in found)
    copies = things.holdings_by_id(viewer, [row[2] for row in found if row[2] is not None])
    # A call-out speaks of what both have: its reader sees what the other lets them see of it now.
    wanted = {
        (_other(viewer, about[message_id][0], other_id), thing_id)
        for message_id, thing_id, _holding, other_id in found
        if about[message_id][1] is MessageKind.CALL_OUT
    }
    shown = things.copies_shown(viewer, wanted) if wanted else frozenset()
    cards: dict[int, list[types.Card]] = defaultdict(list)
    for message_id, thing_id, holding_id, other_id in found:
        author_id, kind = about[message_id]
        if kind is MessageKind.CALL_OUT:
            is_open = (_other(viewer, author_id, other_id), thing_id) in shown
        else:
            is_open = holding_id is None or holding_id in copies
        cards[message_id].append(_card(viewer, named.get(thing_id), copies.get(holding_id), is_open))
    return {message_id: tuple(of) for message_id, of in cards.items()}


def _other(viewer: Viewer, author_id: int, other_id: int) -> int:
    return other_id if author_id == viewer.person_id else author_id


def _card(viewer: Viewer, thing: Thing | None, copy: Holding | None, is_open: bool) -> types.Card:
    if thing is None or not is_open or token(Kind.BLOCKED_THING, thing.id) in viewer.tokens:
        return types.Card(None)
    return types.Card(thing, copy.id if copy else None)
