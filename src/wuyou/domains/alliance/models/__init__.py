"""Rows of the alliance, by noun."""

from wuyou.domains.alliance.models.holding import Finding, Hold
from wuyou.domains.alliance.models.privileges import VoucherOrigin
from wuyou.domains.alliance.models.reversing import Reversal, ReversalPart
from wuyou.domains.alliance.models.selling import (
    Activity,
    Click,
    Collaboration,
    Commission,
    Conversion,
    Enrolment,
    Link,
    Participant,
    Plan,
    Promoting,
    Publisher,
    Slot,
    Subsidy,
)

__all__ = [
    "Activity",
    "Click",
    "Collaboration",
    "Commission",
    "Conversion",
    "Enrolment",
    "Finding",
    "Hold",
    "Link",
    "Participant",
    "Plan",
    "Promoting",
    "Publisher",
    "Reversal",
    "ReversalPart",
    "Slot",
    "Subsidy",
    "VoucherOrigin",
]
