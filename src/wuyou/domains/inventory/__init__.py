"""库存: how many there are, and for whom they are kept.

Nouns: StockItem (one a variant: on hand, reserved), Reservation (so many of a variant kept for one order).
Invariants: 0 <= reserved <= on hand; reserved = the sum of open reservations; on hand + shipped is constant but for
`add_stock`. Guarded by single statements: nothing is read, then decided, then written.
Never: knows prices or people.
"""
