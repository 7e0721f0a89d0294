"""What time does to what waits unread. Entry points."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import structlog

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import SenderUnavailable
from wuyou.domains.identity.providers import senders
from wuyou.domains.identity.types import Contact, ContactKind
from wuyou.domains.notifications import operations, policies, queries
from wuyou.domains.notifications.types import Channel, Subscription, Turn, Waiting
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.storefront.outgoing import mail, push, wire
from wuyou.surfaces.storefront.viewmodels.notifications import people_in

log = structlog.get_logger(__name__)

RUN_S = 60
"""So long a run takes turns: it ends before the first of them can be taken again, however slowly others answer."""


@db.outside_transaction
def send_due_mail(now: datetime) -> int:
    """Mail people what they have not read; returns how many mails went out.

    A turn that fails is taken again later by the ladder of `rules.AGAIN_AFTER_S`, and keeps nobody else waiting. What a
    mail server has taken is sent twice only when the process dies before it has noted that.
    """
    return _take_turns(Channel.MAIL, _mail, now)


@db.outside_transaction
def send_due_pushes(now: datetime) -> int:
    """Push to people what they have not read; returns to how many. A turn that fails is taken again as one of mail."""
    return _take_turns(Channel.PUSH, _push, now)


_GONE = frozenset({404, 410})
"""The browser was told to take no more, or is no more."""
_LONGEST_WAIT_S = 24 * 3600


def _take_turns(channel: Channel, tell: Callable[[Turn, datetime], bool], now: datetime) -> int:
    told, end = 0, time.monotonic() + RUN_S
    while time.monotonic() < end:
        turn = db.in_transaction(lambda: operations.begin_turn(channel=channel, now=now))
        if turn is None:
            break
        try:
            told += tell(turn, now)
        except SenderUnavailable as refused:
            log.warning("digest_not_taken", person_id=turn.person_id, tries=turn.tries, sender=str(refused))
        except Exception:
            log.exception("telling_failed", channel=channel.value, person_id=turn.person_id, tries=turn.tries)
    return told


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


def _push(turn: Turn, now: datetime) -> bool:
    with db.reading():
        viewer = get_viewer(turn.person_id)
        waiting = queries.look_at_waiting(viewer, Channel.PUSH)
        count = queries.count_unread(viewer)
        people = people_in(viewer, waiting.groups) if waiting.preference.shows_content else {}
    told_ids = {each.id for group in waiting.groups for each in group.notifications}
    devices = [
        device for device in queries.subscriptions_of(turn.person_id, now) if not device.told.issuperset(told_ids)
    ]
    if policies.is_given_up(turn):
        # Who could not be reached in hours is not there. A browser that is says so again with its next tab.
        _drop(devices)
        devices = []
    if not told_ids or not devices:
        _end(turn, waiting, was_told=False, now=now)
        return False
    here_until = queries.here_until(turn.person_id)
    if here_until is not None and here_until > now:
        db.in_transaction(lambda: operations.postpone_turn(turn=turn, until=here_until))
        return False
    payload = push.compose(waiting, max(count, 1), people)
    # All at once: one that answers slowly costs the others nothing, and a turn never longer than `wire.END_S`.
    with ThreadPoolExecutor(len(devices)) as pool:
        answers = list(pool.map(lambda device: _ask(device, payload, now), devices))
    failed = _note(zip(devices, answers, strict=True), told_ids)
    if failed:
        until = now + timedelta(seconds=min(max(failed), _LONGEST_WAIT_S))
        db.in_transaction(lambda: operations.delay_turn(turn=turn, until=until))
        return False
    _end(turn, waiting, was_told=True, now=now)
    return True


def _ask(device: Subscription, payload: bytes, now: datetime) -> wire.Answer | None:
    try:
        return push.send(device, payload, now)
    except wire.Unreachable as reason:
        log.info("push_not_taken", subscription_id=device.id, reason=str(reason))
        return None


def _note(answers: Iterable[tuple[Subscription, wire.Answer | None]], told_ids: Collection[int]) -> list[int]:
    """Keep what each browser's service said; returns after how many seconds, at least, those want it that failed."""
    failed = []
    for device, answer in answers:
        if answer is not None and answer.status in _GONE:
            _drop([device])
        elif answer is not None and 200 <= answer.status < 300:
            noted = partial(operations.note_pushed, subscription_id=device.id, told_ids=told_ids)
            db.in_transaction(noted)
        else:
            failed.append(answer.retry_after_s if answer else 0)
            log.info("push_failed", subscription_id=device.id, status=answer.status if answer else 0)
    return failed


def _drop(devices: Iterable[Subscription]) -> None:
    for device in devices:
        gone = partial(operations.drop_subscription, subscription_id=device.id, endpoint=device.endpoint)
        db.in_transaction(gone)


def _end(turn: Turn, waiting: Waiting, *, was_told: bool, now: datetime) -> None:
    db.in_transaction(lambda: operations.end_turn(turn=turn, told_ids=waiting.ids, was_told=was_told, now=now))


def _address(person_id: int) -> Contact | None:
    """The first address of somebody, if this installation can send there."""
    if not senders.can_send(ContactKind.EMAIL):
        return None
    return next((own.contact for own in identity.contacts_of(person_id) if own.contact.kind is ContactKind.EMAIL), None)
