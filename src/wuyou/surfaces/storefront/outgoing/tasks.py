"""What time does to what waits unread. Entry points."""

from __future__ import annotations

from datetime import datetime

import structlog

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import SenderUnavailable
from wuyou.domains.identity.providers import senders
from wuyou.domains.identity.types import Contact, ContactKind
from wuyou.domains.notifications import operations, policies, queries
from wuyou.domains.notifications.types import Channel, Turn, Waiting
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.storefront.outgoing import mail
from wuyou.surfaces.storefront.viewmodels.notifications import people_in

log = structlog.get_logger(__name__)

MOST_A_RUN = 50
"""So many mails a run: even when each waits for its time-out, the run ends before its turns can be taken again."""


@db.outside_transaction
def send_due_mail(now: datetime) -> int:
    """Mail people what they have not read; returns how many mails went out.

    A turn that fails is taken again later by the ladder of `rules.AGAIN_AFTER_S`, and keeps nobody else waiting. What a
    mail server has taken is sent twice only when the process dies before it has noted that.
    """
    sent = 0
    for _ in range(MOST_A_RUN):
        turn = db.in_transaction(lambda: operations.begin_turn(channel=Channel.MAIL, now=now))
        if turn is None:
            break
        try:
            sent += _mail(turn, now)
        except SenderUnavailable as refused:
            log.warning("digest_not_taken", person_id=turn.person_id, tries=turn.tries, sender=str(refused))
        except Exception:
            log.exception("digest_failed", person_id=turn.person_id, tries=turn.tries)
    return sent


def _mail(turn: Turn, now: datetime) -> bool:
    # Who looks, and what there is to see, are read in one moment, right before it is sent.
    with db.reading():
        viewer = get_viewer(turn.person_id)
        waiting = queries.look_at_waiting(viewer, Channel.MAIL)
        people = people_in(viewer, waiting.groups)
    to = _address(turn.person_id)
    goes_at = queries.mail_from(waiting, turn.told_at)
    if to is None or goes_at is None or policies.is_given_up(turn):
        _end(turn, waiting, was_told=False, now=now)
        return False
    if goes_at > now:
        db.in_transaction(lambda: operations.postpone_turn(turn=turn, until=goes_at))
        return False
    senders.send(mail.compose(turn.person_id, waiting, people, to))
    _end(turn, waiting, was_told=True, now=now)
    return True


def _end(turn: Turn, waiting: Waiting, *, was_told: bool, now: datetime) -> None:
    db.in_transaction(lambda: operations.end_turn(turn=turn, told_ids=waiting.ids, was_told=was_told, now=now))


def _address(person_id: int) -> Contact | None:
    """The first address of somebody, if this installation can send there."""
    if not senders.can_send(ContactKind.EMAIL):
        return None
    return next((own.contact for own in identity.contacts_of(person_id) if own.contact.kind is ContactKind.EMAIL), None)
