"""What is looked at before it is paid, in people's words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wuyou.domains.alliance.hold_types import FlagRule, HoldState
from wuyou.surfaces.ui import parts

RULES: Mapping[FlagRule, object] = {
    FlagRule.SELF_BUY: gettext_lazy("Somebody who is paid for the sale, or sells it, bought it themselves."),
    FlagRule.SAME_BROWSER: gettext_lazy("The buyer and somebody who is paid for the sale look like one person."),
    FlagRule.SAME_HANDS: gettext_lazy("The shop and the publisher look like one person."),
    FlagRule.RATE: gettext_lazy("More visitors of one place bought in a day than people do."),
    FlagRule.RETURNS: gettext_lazy("Most of what was ordered this way came back."),
    FlagRule.NO_MOVEMENT: gettext_lazy("The goods were received sooner than goods travel."),
    FlagRule.RING: gettext_lazy("Many sales of one shop by one publisher went to very few buyers."),
}
"""What a rule looks for, without a word of who it was."""

STATES: Mapping[HoldState, tuple[object, parts.Tone, str]] = {
    HoldState.HELD: (gettext_lazy("Looked at"), "amber", "clock"),
    HoldState.PUNISHED: (gettext_lazy("Found to be no sale"), "accent", "alert-circle"),
    HoldState.APPEALED: (gettext_lazy("Appealed"), "amber", "clock"),
    HoldState.RELEASED: (gettext_lazy("Released"), "jade", "check"),
    HoldState.VOID: (gettext_lazy("Void"), "plain", ""),
}


def chip(state: HoldState) -> parts.Chip:
    """Where the looking is."""
    label, tone, icon = STATES[state]
    return parts.Chip(str(label), tone, icon)


def evidence_line(evidence: Mapping[str, object]) -> str:
    """The numbers of a finding, for staff."""
    named = {
        "click": _("click"),
        "others": _("other clicks"),
        "roles": _("paid as"),
        "same": _("the same"),
        "orders": _("orders"),
        "visitors": _("visitors"),
        "returned": _("returned"),
        "buyers": _("buyers"),
        "shipped_at": _("sent"),
        "received_at": _("received"),
        "scans": _("scans"),
        "least_orders": _("at least so many orders"),
        "most_bps": _("at most, in basis points"),
        "least_bps": _("at least, in basis points"),
        "most_buyers": _("at most so many buyers"),
        "days": _("days"),
        "hours": _("hours"),
    }
    return " · ".join(
        f"{named.get(name, name)}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in evidence.items()
    )
