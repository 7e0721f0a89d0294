"""The town answers a visitor who writes to one of it, or asks to be friends; it begins with neither."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from wuyou.domains.messaging import operations as messaging
from wuyou.domains.messaging import queries as talks
from wuyou.domains.messaging.types import ConversationKind, Draft, Line, Standing
from wuyou.domains.social import operations as social
from wuyou.domains.social import queries as relations
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.surfaces.cli.demo.life.plans import Plan
from wuyou.surfaces.cli.demo.life.rhythm import Moment
from wuyou.surfaces.cli.demo.life.written import Written

_AFTER = timedelta(seconds=40)
_ONCE_IN = timedelta(hours=1)
"""So long nothing more is said in a conversation, however much is written to it."""


def answer_letter(moment: Moment, written: Written) -> Plan | None:
    """Answer what a visitor wrote to one of the town, once an hour and conversation, and let them in who ask."""
    unread = talks.count_unread_by_person(moment.neighbours.ids)
    for person in sorted(person for person, count in unread.items() if count):
        viewer = get_viewer(person)
        for line in (*talks.list_requests(viewer), *talks.list_conversations(viewer)[0]):
            if line.unread and _waits(moment, line):
                return _answer(moment, person, line, moment.pick("letter", written.letters) or "")
    return None


def befriend(moment: Moment) -> Plan | None:
    """Agree to be friends with a visitor who asked some moments ago."""
    for person in sorted(moment.neighbours.ids):
        for asked in relations.list_requests_to(person):
            if moment.neighbours.is_guest(asked.sender_id) and moment.now - asked.asked_at >= _AFTER:
                agree = partial(social.accept_request, actor=Actor(person), request_id=asked.id, now=moment.now)
                return Plan("befriend", agree)
    return None


def _waits(moment: Moment, line: Line) -> bool:
    talk, last = line.conversation, line.last
    if talk.kind is not ConversationKind.PAIR or last is None or not moment.neighbours.is_guest(last.author_id):
        return False
    return moment.now - last.sent_at >= _AFTER


def _answer(moment: Moment, person: int, line: Line, text: str) -> Plan:
    """Seen in any case; said something where nothing was said to them for an hour."""
    talk, actor = line.conversation, Actor(person)
    latest = talks.list_messages(get_viewer(person), talk.id, limit=50)
    mine = [message for message in latest if message.author_id == person]

    def deed() -> None:
        if talk.standing is Standing.ASKED:
            messaging.accept(actor=actor, conversation_id=talk.id, now=moment.now)
        messaging.mark_seen(actor=actor, conversation_id=talk.id, seq=talk.last_seq, now=moment.now)
        if not mine or moment.now - mine[-1].sent_at >= _ONCE_IN:
            messaging.send_message(
                actor=actor, conversation_id=talk.id, client_id=f"life-{moment.slot}", draft=Draft(text), now=moment.now
            )

    return Plan("answer_letter", deed)
