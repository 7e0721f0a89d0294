"""拼团: buying together at the team price.

Nouns: Campaign (拼团活动: how a product is sold to teams), Team (团), Seat (one order's place in a team).
States: team FORMING → FORMED | EXPIRED | CANCELLED;
seat HELD(until) → PAID → CONFIRMED | RELEASED | REFUND_DUE → REFUNDED.
Invariants: held + paid <= size; FORMED exactly when paid = size or the seller openly waived the rest; no CONFIRMED seat
without captured money; every captured payment ends shipped, refunded, or in a seat of a forming team.
Never: invents members, touches money itself (orders do), or decides by reading first and writing later.
"""
