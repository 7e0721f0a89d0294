"""Who may do what with campaigns and teams."""

from __future__ import annotations

from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog.types import Permission, Shop
from wuyou.domains.groupbuy import events
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def may_run_campaigns(actor: Actor, shop: Shop) -> bool:
    """The shop opens campaigns, waives the rest of a team and dissolves teams; staff may for any shop."""
    return catalog_policies.may(actor, shop, Permission.MARKETING)


PERSON_COLUMNS = PersonColumns(
    kept={
        "groupbuy_campaign_use.user_id": "how many pieces of a campaign are gone, under a pseudonym",
        "groupbuy_team.leader_id": "the team that others bought in, under a pseudonym",
        "groupbuy_seat.user_id": "the place of an order in a team, under a pseudonym",
    },
    kept_events=(events.TeamOpened, events.TeamFormed, events.TeamEnded),
)
