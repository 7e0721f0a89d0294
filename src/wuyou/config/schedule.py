"""What happens by itself, and how often.

Every task is an entry point that reads the clock, finds what is due by an index and handles each row in a transaction
of its own. A task that did not run is made up for by its next run; one that runs twice finds nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

from wuyou.domains.aftersales import tasks as aftersales
from wuyou.domains.alliance import tasks as alliance
from wuyou.domains.awards import tasks as awards
from wuyou.domains.channels import tasks as channels
from wuyou.domains.complaints import tasks as complaints
from wuyou.domains.content import tasks as content
from wuyou.domains.feed import tasks as feed
from wuyou.domains.groupbuy import tasks as groupbuy
from wuyou.domains.identity import tasks as identity
from wuyou.domains.insight import tasks as insight
from wuyou.domains.ledger import tasks as ledger
from wuyou.domains.messaging import tasks as messaging
from wuyou.domains.moderation import tasks as moderation
from wuyou.domains.orders import tasks as orders
from wuyou.domains.payments import tasks as payments
from wuyou.domains.promotions import tasks as promotions
from wuyou.domains.social import tasks as social
from wuyou.infra import db, idempotency, lake, storage
from wuyou.infra.behaviour import partitions as behaviour
from wuyou.infra.clock import real_time
from wuyou.kernel.clock import utc_now
from wuyou.surfaces import proofs
from wuyou.surfaces.storefront.outgoing import tasks as outgoing

log = structlog.get_logger(__name__)


def forget_expired_keys(now: datetime) -> int:
    """Drop kept answers older than a day."""
    return db.in_transaction(lambda: idempotency.forget_expired(now))


def prove_books(now: datetime) -> int:
    """Prove every promise about money and awards from its rows, and log what each proof saw; returns how many rows.

    What is broken is an error in the log; what looked at nothing proves nothing, which a young installation may have.
    """
    with db.reading():
        db.hold_moment()
        checks = proofs.prove_all()
    for check in checks:
        tell = log.error if check.breach_count else log.info
        tell(
            "proof", name=check.name, holds=check.holds, checked=check.checked_count, unit=check.unit,
            wrong=check.breach_count, examples=check.examples,
        )  # fmt: skip
    return sum(check.checked_count for check in checks)


def compact_lake(now: datetime) -> int:
    """Bring the lake up to the tables; where somebody is at it, they do."""
    try:
        return lake.compact(now)
    except lake.BusyError:
        return 0


SCHEDULE: tuple[tuple[str, Callable[[datetime], int]], ...] = (
    ("* * * * * */2", payments.submit_due_refunds),
    ("* * * * * */2", payments.deliver_due_notices),
    ("* * * * * */5", groupbuy.expire_due_teams),
    ("* * * * * */5", payments.reconcile_due_charges),
    ("* * * * * */10", orders.close_unpaid_orders),
    ("* * * * * */10", orders.complete_received_orders),
    ("* * * * * */10", content.publish_due_posts),
    ("* * * * * */10", channels.walk_changed_channels),
    ("* * * * *", channels.route_due_posts),
    ("* * * * * */10", aftersales.move_overdue_claims),
    ("* * * * * */30", promotions.close_ended_packets),
    ("* * * * * */10", complaints.pass_on_overdue_complaints),
    ("* * * * *", complaints.close_unobjected_complaints),
    ("* * * * *", orders.receive_overdue_orders),
    ("*/10 * * * *", ledger.checkpoint_summed_accounts),
    ("1 * * * *", ledger.close_months),
    ("11 * * * *", ledger.plan_payouts),
    ("* * * * * */10", ledger.send_due_payouts),
    ("* * * * * */10", identity.write_due_exports),
    ("* * * * * */5", outgoing.send_due_pushes),
    ("* * * * * */15", outgoing.send_due_mail),
    ("* * * * *", storage.remove_discarded),
    ("*/10 * * * *", moderation.finish_due_removals),
    ("*/10 * * * *", identity.erase_leavers),
    ("57 * * * *", behaviour.make_days_ahead),
    ("*/20 * * * *", feed.learn_recommendations),
    ("3 * * * *", compact_lake),
    ("13 * * * *", insight.refresh_figures),
    ("7 * * * *", forget_expired_keys),
    ("17 * * * *", messaging.forget_changes),
    ("* * * * *", alliance.end_due_holds),
    ("* * * * *", alliance.tell_of_activities),
    ("*/10 * * * *", alliance.collect_reversals),
    ("40 1 * * *", alliance.flag_conversions),
    ("53 * * * *", awards.give_due_awards),
    ("20 1 * * *", social.remind_of_fading_ties),
    ("40 19 * * *", prove_books),
    ("27 * * * *", identity.sweep_exports),
    ("37 * * * *", storage.discard_orphans),
    ("47 * * * *", identity.forget_expired),
    ("50 3 * * *", payments.forget_old_notices),
    ("23 * * * *", payments.follow_disputes),
    ("33 * * * *", payments.read_daily_bills),
)
"""Cron, with seconds as a sixth field where a minute is too long, and what runs then."""


def _scheduled(cron: str, task: Callable[[datetime], int]) -> Task:  # type: ignore[type-arg]
    name = f"{task.__module__.split('.')[-2]}.{task.__name__}"

    def run(timestamp: int) -> None:
        with real_time() as is_real:
            if is_real and (done := task(utc_now())):
                log.info("task_done", task=name, count=done)

    # The queueing lock keeps one waiting run a task: a busy worker never piles them up.
    return app.periodic(cron=cron, periodic_id=name)(app.task(name=name, queueing_lock=name, pass_context=False)(run))


TASKS = tuple(_scheduled(cron, task) for cron, task in SCHEDULE)
