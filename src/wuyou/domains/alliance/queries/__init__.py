"""Every read of the alliance."""

from wuyou.domains.alliance.queries.commissions import (
    account_of,
    conversions_by_order,
    earnings_of,
    list_conversions,
    list_conversions_of_shop,
    list_merchants,
    sales_by_post,
    standings_of_order,
    trace,
)
from wuyou.domains.alliance.queries.person import export_person, obstacles_of
from wuyou.domains.alliance.queries.proofs import verify
from wuyou.domains.alliance.queries.publishing import (
    find_link_by_token,
    find_plan,
    find_publisher,
    get_link_by_token,
    get_publisher,
    has_clicked,
    list_links,
    list_plans,
    list_slots,
    publishers_by_id,
)

__all__ = [
    "account_of",
    "conversions_by_order",
    "earnings_of",
    "export_person",
    "find_link_by_token",
    "find_plan",
    "find_publisher",
    "get_link_by_token",
    "get_publisher",
    "has_clicked",
    "list_conversions",
    "list_conversions_of_shop",
    "list_links",
    "list_merchants",
    "list_plans",
    "list_slots",
    "obstacles_of",
    "publishers_by_id",
    "sales_by_post",
    "standings_of_order",
    "trace",
    "verify",
]
