"""联盟: who brought a sale, by which link, and what everyone who moved it is owed.

Nouns: Publisher, Slot, Plan, Link, Click, Conversion (one an order line), Commission (a party's part of a conversion).
Invariants: a conversion's winner is a function of the click log and the order's time; its rate and shares are frozen
when it is paid; the parts of a commission sum to it; every completed order is settled once, and a refund takes back
from each party exactly what that party would not have got had the refund come first.
Never: holds a balance (the ledger does), counts a click before its visitor is known, pays anyone for buying themselves.
"""
