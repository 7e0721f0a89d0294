"""Conversations as pages show them: a row in the list, a bubble on the page, a card in a bubble."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wuyou.domains.catalog.types import Product
from wuyou.domains.identity.types import Person
from wuyou.domains.messaging import policies
from wuyou.domains.messaging.queries import MANY
from wuyou.domains.messaging.types import (
    Conversation,
    ConversationKind,
    Line,
    Message,
    MessageKind,
    Photo,
    Quote,
    Standing,
    SystemLine,
)
from wuyou.domains.moderation.types import SubjectKind
from wuyou.domains.things.types import Holding, Thing
from wuyou.kernel.money import Money
from wuyou.surfaces.storefront.viewmodels import covers, goods, judged, people
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui import names, parts

TOGETHER = timedelta(minutes=5)
"""What one person says within this time stands together, under one face."""
_PREVIEW = 80


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the list."""

    id: int
    href: str
    name: str
    face: parts.Person | None
    """None: a group, which has a sign of its own."""
    preview: str
    at: datetime
    is_today: bool
    unread: int
    unread_text: str
    is_muted: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo in a bubble."""

    href: str
    small: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class CardView:
    """A thing or a product in a message; or, without a cover, that there is one which the reader may not see."""

    cover: Cover | None = None
    note: str = ""
    href: str = ""
    price: Money | None = None
    sells: bool = False
    earns: bool = False
    """Who sent it takes a commission from whoever buys by it."""


@dataclass(frozen=True, slots=True)
class QuoteView:
    """What a bubble answers."""

    seq: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message, or a line about the group, on the page."""

    seq: int
    is_mine: bool
    face: parts.Person | None
    """Only where a run of somebody else's bubbles begins in a group or a conversation of two."""
    is_first: bool
    at: datetime
    text: str
    line: str
    is_gone: bool
    is_edited: bool
    greeting: str
    """What is written over the things of a call-out."""
    photos: tuple[PhotoView, ...]
    cards: tuple[CardView, ...]
    quote: QuoteView | None
    day: date | None
    """A day that begins with this message."""
    is_new: bool
    """Here begins what the reader has not seen."""
    may_withdraw: bool
    may_reply: bool
    report_href: str
    """Where another's words are reported; empty for one's own."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over a conversation."""

    id: int
    name: str
    note: str
    face: parts.Person | None
    is_group: bool
    is_request: bool
    is_gone: bool
    """Whether the other of two was erased: nobody is there to write to."""
    is_muted: bool
    href: str
    about_href: str


def people_in(listed: Iterable[Line]) -> set[int]:
    """Whose names the rows of a list need."""
    wanted = set()
    for line in listed:
        if line.conversation.other_id is not None:
            wanted.add(line.conversation.other_id)
        if line.last is not None:
            wanted |= people_of([line.last])
    return wanted


def people_of(messages: Iterable[Message]) -> set[int]:
    """Whose names and faces these messages need."""
    wanted: set[int] = set()
    for message in messages:
        wanted.add(message.author_id)
        if message.about_id is not None:
            wanted.add(message.about_id)
        if message.reply is not None and message.reply.author_id is not None:
            wanted.add(message.reply.author_id)
    return wanted


def things_of(messages: Iterable[Message]) -> list[Thing]:
    """The things on the cards of these messages, as far as the reader sees them."""
    return [card.thing for message in messages for card in message.cards if card.thing]


def row(line: Line, persons: Mapping[int, Person], me: int, now: datetime, current: int | None) -> Row:
    """A conversation in the list of one of its people."""
    conversation = line.conversation
    at = line.last.sent_at if line.last else conversation.last_at
    return Row(
        conversation.id,
        reverse("storefront:conversation", args=[conversation.id]),
        name_of(conversation, persons),
        _face_of(conversation, persons),
        preview(line.last, persons, me, conversation.kind) if line.last else "",
        at,
        timezone.localdate(at) == timezone.localdate(now),
        line.unread,
        f"{MANY - 1}+" if line.unread >= MANY else str(line.unread),
        conversation.is_muted,
        conversation.id == current,
    )


def name_of(conversation: Conversation, persons: Mapping[int, Person]) -> str:
    """The other's name, or the group's."""
    if conversation.other_id is None:
        return conversation.name
    person = persons.get(conversation.other_id)
    return names.name_of(person) if person else _("Somebody")


def head(conversation: Conversation, persons: Mapping[int, Person], member_count: int) -> Head:
    """What stands over a conversation."""
    is_group = conversation.kind is ConversationKind.GROUP
    other = persons.get(conversation.other_id) if conversation.other_id else None
    is_gone = other is not None and other.is_erased
    if is_group:
        note = ngettext("%(n)s member", "%(n)s members", member_count) % {"n": member_count}
    else:
        note = f"@{other.handle}" if other and not is_gone else ""
    return Head(
        conversation.id,
        name_of(conversation, persons),
        note,
        _face_of(conversation, persons),
        is_group,
        conversation.standing is Standing.ASKED,
        is_gone,
        conversation.is_muted,
        reverse("storefront:conversation", args=[conversation.id]),
        reverse("storefront:about-conversation", args=[conversation.id]),
    )


def preview(message: Message, persons: Mapping[int, Person], me: int, kind: ConversationKind) -> str:
    """A message in one short line, and who says it where that is not plain."""
    if message.kind is MessageKind.SYSTEM:
        return line_text(message, persons, me)
    said = _brief(message.kind, " ".join(message.text.split()), is_gone=message.is_gone)
    if message.author_id == me:
        return _("You: %(said)s") % {"said": said}
    if kind is ConversationKind.GROUP:
        return _("%(who)s: %(said)s") % {"who": _name(message.author_id, persons, me), "said": said}
    return said


def bubbles(
    messages: Sequence[Message],
    persons: Mapping[int, Person],
    faces: Mapping[int, Cover],
    *,
    me: int,
    now: datetime,
    before: Message | None = None,
    seen_up_to: int | None = None,
    may_write: bool = True,
) -> tuple[Bubble, ...]:
    """Messages in the order of their numbers, with the days, the runs and the line of what is new between them.

    Args: faces: covers of `things_of` these; before: the message over the first; seen_up_to: None draws no line.
    """
    made, last, is_line_drawn = [], before, seen_up_to is None
    for message in messages:
        day = timezone.localdate(message.sent_at)
        is_new_day = last is None or timezone.localdate(last.sent_at) != day
        is_first = (
            is_new_day
            or last is None
            or last.author_id != message.author_id
            or last.kind is MessageKind.SYSTEM
            or message.sent_at - last.sent_at > TOGETHER
        )
        is_mine, is_line = message.author_id == me, message.kind is MessageKind.SYSTEM
        is_new = not is_line_drawn and not is_mine and not is_line and message.seq > (seen_up_to or 0)
        is_line_drawn = is_line_drawn or is_new
        author = persons.get(message.author_id)
        made.append(
            Bubble(
                seq=message.seq,
                is_mine=is_mine,
                face=people.face(author) if author and is_first and not is_mine and not is_line else None,
                is_first=is_first or is_new,
                at=message.sent_at,
                text=message.text,
                line=line_text(message, persons, me) if is_line else "",
                is_gone=message.is_gone,
                is_edited=message.edited_at is not None and not message.is_gone,
                greeting=_greeting(message, persons, me),
                photos=tuple(_photo(photo) for photo in message.photos),
                cards=_cards(message, faces),
                quote=_quote(message.reply, persons, me) if message.reply else None,
                day=day if is_new_day else None,
                is_new=is_new,
                may_withdraw=is_mine and policies.may_revise(message, now),
                may_reply=may_write and not is_line and not message.is_gone,
                report_href="" if is_mine else judged.report_href(SubjectKind.MESSAGE, message.id),
            )
        )
        last = message
    return tuple(made)


def line_text(message: Message, persons: Mapping[int, Person], me: int) -> str:
    """A line about the group in words."""
    who = _name(message.author_id, persons, me)
    about = _name(message.about_id, persons, me) if message.about_id else _("Somebody")
    sentences = {
        SystemLine.MADE: _("%(who)s began the group “%(name)s”"),
        SystemLine.ADDED: _("%(who)s brought in %(about)s"),
        SystemLine.REMOVED: _("%(who)s removed %(about)s"),
        SystemLine.LEFT: _("%(who)s left the group"),
        SystemLine.RENAMED: _("%(who)s named the group “%(name)s”"),
        SystemLine.PROMOTED: _("%(who)s lets %(about)s run the group too"),
    }
    if message.line is None:
        return ""
    return sentences[message.line] % {"who": who, "about": about, "name": message.text}


def copy_card(holding: Holding, cover: Cover) -> CardView:
    """One's own copy, to choose."""
    return CardView(cover, holding.thing.brand)


def _cards(message: Message, faces: Mapping[int, Cover]) -> tuple[CardView, ...]:
    if message.is_gone:
        return ()
    if message.kind is MessageKind.PRODUCT:
        return (_product_card(message, message.product) if message.product else CardView(),)
    return tuple(
        CardView(faces[card.thing.id], card.thing.brand, covers.href_of(card.thing.id)) if card.thing else CardView()
        for card in message.cards
    )


def _product_card(message: Message, product: Product) -> CardView:
    price = goods.first_choice(product, {}).price
    href = reverse("storefront:follow-card", args=[message.conversation_id, message.seq])
    return CardView(covers.of_product(product), href=href, price=price, sells=True, earns=message.earns)


def _photo(photo: Photo) -> PhotoView:
    return PhotoView(
        reverse("storefront:talk-photo", args=[photo.key, 1600]),
        reverse("storefront:talk-photo", args=[photo.key, 480]),
        photo.width,
        photo.height,
    )


def _quote(quote: Quote, persons: Mapping[int, Person], me: int) -> QuoteView:
    name = _name(quote.author_id, persons, me) if quote.author_id else _("Somebody")
    return QuoteView(quote.seq, name, _brief(quote.kind, quote.text, is_gone=quote.is_gone))


def _greeting(message: Message, persons: Mapping[int, Person], me: int) -> str:
    if message.kind is not MessageKind.CALL_OUT or message.is_gone:
        return ""
    if message.author_id == me:
        return _("You called out about what you both have")
    return _("%(who)s calls out: you both have this") % {"who": _name(message.author_id, persons, me)}


def _brief(kind: MessageKind, text: str, *, is_gone: bool) -> str:
    if is_gone:
        return _("Taken back")
    signs = {
        MessageKind.PHOTOS: _("[Photo]"),
        MessageKind.THING: _("[Thing]"),
        MessageKind.PRODUCT: _("[Product]"),
        MessageKind.CALL_OUT: _("[Call-out]"),
    }
    short = text if len(text) <= _PREVIEW else f"{text[: _PREVIEW - 1]}…"
    return " ".join(part for part in (signs.get(kind, ""), short) if part)


def _name(person_id: int | None, persons: Mapping[int, Person], me: int) -> str:
    if person_id == me:
        return _("You")
    person = persons.get(person_id) if person_id is not None else None
    return names.name_of(person) if person else _("Somebody")


def _face_of(conversation: Conversation, persons: Mapping[int, Person]) -> parts.Person | None:
    person = persons.get(conversation.other_id) if conversation.other_id is not None else None
    return people.face(person) if person else None
