"""What became of a payout, in people's words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wuyou.domains.ledger.types import PayoutState, WriteOffState
from wuyou.surfaces.ui import parts

STATES: Mapping[PayoutState, tuple[object, parts.Tone]] = {
    PayoutState.DUE: (gettext_lazy("To be sent"), "amber"),
    PayoutState.SENT: (gettext_lazy("On its way"), "amber"),
    PayoutState.PAID: (gettext_lazy("Paid"), "jade"),
    PayoutState.FAILED: (gettext_lazy("Failed, came back"), "accent"),
    PayoutState.SKIPPED: (gettext_lazy("Not paid"), "plain"),
}


def chip(state: PayoutState) -> parts.Chip:
    """The state of a payout."""
    label, tone = STATES[state]
    return parts.Chip(str(label), tone)


def why(code: str) -> str:
    """Why a payout was not made."""
    return {
        "below_zero": _("more was taken back than is owed"),
        "below_minimum": _("below the minimum, it waits for the next month"),
        "no_payee": _("nobody said where to pay"),
        "held": _("held while something is looked into"),
        "balance_gone": _("it was taken back meanwhile"),
        "account_closed": _("the account that was named is closed"),
    }.get(code, code)


def write_off_chip(state: WriteOffState) -> parts.Chip:
    """Where the forgiving of a debt is."""
    match state:
        case WriteOffState.ASKED:
            return parts.Chip(pgettext("payout", "Asked for"), "amber", "clock")
        case WriteOffState.APPROVED:
            return parts.Chip(_("Written off"), "jade", "check")
        case WriteOffState.REFUSED:
            return parts.Chip(_("The debt stands"), "plain")
