"""The schedule fires as often as it says: six fields put the seconds last, which is easily written the other way."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from croniter import croniter

from wuyou.config.schedule import SCHEDULE

LONGEST_S = {
    "submit_due_refunds": 2,
    "deliver_due_notices": 2,
    "expire_due_teams": 5,
    "reconcile_due_charges": 5,
    "pass_on_overdue_complaints": 10,
    "move_overdue_claims": 10,
    "close_ended_packets": 30,
    "close_unobjected_complaints": 60,
    "close_unpaid_orders": 10,
    "complete_received_orders": 10,
    "receive_overdue_orders": 60,
    "publish_due_posts": 10,
    "walk_changed_channels": 10,
    "route_due_posts": 60,
    "learn_recommendations": 1200,
    "checkpoint_summed_accounts": 600,
    "close_months": 3600,
    "plan_payouts": 3600,
    "send_due_payouts": 10,
    "remove_discarded": 60,
    "finish_due_removals": 600,
    "write_due_exports": 10,
    "send_due_mail": 15,
    "send_due_pushes": 5,
    "erase_leavers": 600,
    "sweep_exports": 3600,
    "make_days_ahead": 3600,
    "compact_lake": 3600,
    "refresh_figures": 3600,
    "forget_expired_keys": 3600,
    "forget_expired": 3600,
    "forget_changes": 3600,
    "remind_of_fading_ties": 86_400,
    "prove_books": 86_400,
    "end_due_holds": 60,
    "tell_of_activities": 60,
    "collect_reversals": 600,
    "flag_conversions": 86_400,
    "give_due_awards": 3600,
    "discard_orphans": 3600,
    "forget_old_notices": 86_400,
    "follow_disputes": 3600,
    "read_daily_bills": 3600,
}


@pytest.mark.parametrize(("cron", "task"), SCHEDULE, ids=lambda value: getattr(value, "__name__", value))
def test_task_runs_every_so_many_seconds(cron: str, task: object) -> None:
    times = croniter(cron, datetime(2026, 3, 1, 4, 0, 0, tzinfo=UTC))
    moments = [times.get_next(datetime) for _ in range(10)]
    gaps = {(later - earlier).total_seconds() for earlier, later in pairwise(moments)}
    assert gaps == {LONGEST_S[task.__name__]}  # type: ignore[attr-defined]
