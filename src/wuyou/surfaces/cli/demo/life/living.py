"""Living: slot after slot at the real clock, for as long as the town is there and nobody stops it."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import structlog
from django.db import connection

from wuyou.infra import db, idempotency
from wuyou.infra.clock import real_time
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.cli.demo.homes import read_homes
from wuyou.surfaces.cli.demo.life import answering, looking, publishing, talking, trading
from wuyou.surfaces.cli.demo.life.chores import list_chores
from wuyou.surfaces.cli.demo.life.neighbours import find_neighbours
from wuyou.surfaces.cli.demo.life.plans import Kind, Plan
from wuyou.surfaces.cli.demo.life.rhythm import Moment, are_up, begins_at, is_lively, slot_of
from wuyou.surfaces.cli.demo.life.written import Written, read_written
from wuyou.surfaces.cli.demo.world import World

log = structlog.get_logger(__name__)

_LOCK = 7_263_003
"""Key of the advisory lock; the registry of such keys is docs/reference/locks.md."""
_OWNER = "town"
"""Whose keys of idempotency the slots are."""
_CHORES_EVERY = 6
"""Slots between two looks at what is due."""
_TRIES = 3
"""So many of the kinds that are drawn are tried before a slot passes: who has said it all does not buy instead."""
_WEIGHTS = {
    "react": 28,
    "look": 16,
    "join_team": 11,
    "open_team": 9,
    "comment": 8,
    "thank": 5,
    "buy_alone": 4,
    "follow": 4,
    "review": 4,
}
"""How often each kind of act comes, beside the others."""


class Life:
    """The acts of the town. Slots decide what is done; what there is to do is read from the database each time."""

    def __init__(self, world: World, written: Written) -> None:
        self._world, self.neighbours = world, find_neighbours(world)
        self._kinds: Mapping[str, Kind] = {
            "react": talking.react,
            "look": looking.look,
            "comment": partial(talking.comment, written=written),
            "join_team": trading.join_team,
            "open_team": trading.open_team,
            "buy_alone": trading.buy_alone,
            "thank": talking.thank,
            "follow": talking.follow,
            "review": partial(talking.review, written=written),
        }
        self._first: tuple[Kind, ...] = (
            partial(talking.answer_guest, written=written),
            partial(answering.answer_letter, written=written),
            answering.befriend,
            partial(publishing.publish, written=written),
            partial(talking.chat, written=written),
        )
        """What has a time of its own goes before what is drawn."""

    def pass_slot(self, slot: int, now: datetime, woke_at: datetime) -> list[str]:
        """Everything that belongs to a slot; says what was done.

        A visitor's team is not kept waiting for a lively slot. Each act is a transaction of its own.
        """
        moment = Moment(self.neighbours, slot, now, are_up(now, woke_at))
        done: list[str | None] = [self.join_guests(moment)]
        if slot % _CHORES_EVERY == 0:
            done += [_do(chore) for chore in list_chores(self.neighbours, self._world, now)]
        if is_lively(slot, woke_at):
            done.append(self.act_at(moment))
        return [what for what in done if what]

    def join_guests(self, moment: Moment) -> str:
        """Somebody joins a visitor's team, if one waits; then its next seat waits anew."""
        plan = _planned(trading.join_guests_team, moment)
        return (_do(plan) if plan else None) or ""

    def act_at(self, moment: Moment) -> str:
        """One act; the same slot again does nothing. Returns its kind, and nothing when there was nothing to do."""
        for kind in (*self._first, *self._drawn(moment)):
            plan = _planned(kind, moment)
            done = _do(plan, claims=moment.slot) if plan else None
            if done is not None:
                return done
        return ""

    def _drawn(self, moment: Moment) -> Iterator[Kind]:
        """Some kinds, each the likelier the more it weighs."""
        chances = {name: -math.log((moment.draw(name, 1 << 30) + 1) / (1 << 30)) / _WEIGHTS[name] for name in _WEIGHTS}
        return (self._kinds[name] for name in sorted(chances, key=chances.__getitem__)[:_TRIES])


def live(world: World, stopping: threading.Event, say: Callable[[str], None]) -> bool:
    """Live until `stopping` is set; False at once when the town lives already by another process.

    It goes on from now: what a machine that slept has missed is not made up for.
    """
    with alone() as is_alone:
        if not is_alone:
            return False
        life, woke_at = Life(world, read_written(read_homes())), utc_now()
        last = slot_of(woke_at) - 1
        while not stopping.is_set():
            now = utc_now()
            slot = slot_of(now)
            if slot > last:
                last = slot
                with real_time() as is_real:
                    done = life.pass_slot(slot, now, woke_at) if is_real else []
                if done:
                    say(f"{now:%Y-%m-%d %H:%M:%S} {' '.join(done)}")
            stopping.wait(max(0.1, (begins_at(last + 1) - utc_now()).total_seconds()))
    return True


def _planned(kind: Kind, moment: Moment) -> Plan | None:
    """What of a kind can be done; nothing where what it is about went away meanwhile."""
    try:
        return kind(moment)
    except DomainError as error:
        log.debug("act_not_planned", slot=moment.slot, code=error.code)
        return None


def _do(plan: Plan, claims: int | None = None) -> str | None:
    """Do it; None when it was refused, which changes nothing, and an empty word when its slot is done with already."""

    def deed() -> tuple[bool, object]:
        if claims is not None and not _claim(claims):
            return False, None
        return True, plan.deed()

    try:
        is_done, result = db.in_transaction(deed)
        if is_done and plan.then is not None:
            plan.then(result)
    except DomainError as error:
        log.debug("act_refused", what=plan.what, code=error.code)
        return None
    return plan.what if is_done else ""


def _claim(slot: int) -> bool:
    """Whether a slot is still free; it is taken with the act, in one transaction."""
    key, at = f"slot-{slot}", begins_at(slot)
    if idempotency.claim(owner=_OWNER, key=key, request_hash=_OWNER, now=at) is not None:
        return False
    idempotency.keep(owner=_OWNER, key=key, status=200, body="")
    return True


@contextmanager
def alone() -> Iterator[bool]:
    """Whether no other process lives the town's life; held until the end of the block, or of the connection."""
    found = db.row("SELECT pg_try_advisory_lock(%s)", [_LOCK])
    is_alone = bool(found and found[0])
    try:
        yield is_alone
    finally:
        if is_alone and connection.connection is not None:
            db.rows("SELECT pg_advisory_unlock(%s)", [_LOCK])
