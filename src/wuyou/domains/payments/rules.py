"""Decisions about payments: values in, values out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import Enum

from wuyou.domains.payments import errors
from wuyou.domains.payments.types import ChargeState, Intent
from wuyou.kernel import text as texts

POLL_AFTER_S = (5, 15, 60, 300, 1800)
"""Pause before the first, second … question about a charge; the last one repeats."""

LOOK_AGAIN_AFTER_S = 3
"""How long a provider is left alone about one payment while somebody waits at a page."""

REFUND_AGAIN_AFTER_S = (10, 60, 600, 3600, 21600)
"""Pause after the first, second … turn to the provider about a refund; the last one repeats.

Never under 3 s: Alipay wants that between two refunds of one trade.
"""

MAX_REFUND_ATTEMPTS = 6
"""Failures after which a refund waits for staff: about 8 h after the first."""

MARGIN = timedelta(minutes=10)
"""How long after an intent's expiry an open charge is still waited for before its number is given up."""

BILL_DAYS = 30
"""So far back bills are asked for; providers have them for three months."""

EMPTY_AFTER = timedelta(days=3)
"""So long a provider may take to make its bill; after that there was nothing to bill."""

MAX_RESOLUTION = 500

MOST_REPETITIONS = 100
"""So often one notice is kept when it comes again and again; providers repeat theirs twenty times at most."""

MOST_REFUSED_AN_HOUR = 600
"""So many notices that were not believed are kept of a provider in an hour; the others are counted."""

KEEP_NOTICES_DAYS = 400
"""How long it can be looked up what a provider told us: a disputed payment is settled by then."""

KEEP_REFUSED_DAYS = 30
"""The same for what nobody signed."""

FOLLOW_DISPUTES_DAYS = 4
"""How far back providers are asked for disputes of which we may not have heard; longer than one may be down."""

_NUMBER = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def is_number(text: str) -> bool:
    """Whether a text may be an intent's or a refund's number: 1 to 64 letters, digits, dots, dashes, colons, …"""
    return _NUMBER.fullmatch(text) is not None


class Step(Enum):
    """What to do at the provider after it told us how a charge stands."""

    NOTHING = "nothing"
    CAPTURE = "capture"
    VOID = "void"


def next_step(intent: Intent, charge: ChargeState | None, now: datetime) -> Step:
    """Decide what the provider should do next.

    A charge that nobody waits for is voided, so that it cannot be paid unheard: one whose intent is closed, and one
    still unpaid `MARGIN` after its expiry. What is held for an open intent is taken once somebody asked for it.
    """
    if charge in (ChargeState.CAPTURED, ChargeState.VOIDED):
        return Step.NOTHING
    if intent.closed_at is not None:
        return Step.VOID
    if charge is ChargeState.AUTHORISED:
        return Step.CAPTURE if intent.capture_asked_at else Step.NOTHING
    return Step.VOID if now >= intent.expires_at + MARGIN else Step.NOTHING


def clean_resolution(text: str) -> str:
    """Why a discrepancy is none any more. Raises `ResolutionMissing`."""
    try:
        return texts.clean_lines(text, MAX_RESOLUTION)
    except ValueError as error:
        raise errors.ResolutionMissing from error
