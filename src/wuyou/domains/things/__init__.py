"""物: what people have, wish for and had, and the things themselves.

Nouns: Thing (family → model → variant), Holding (my copy), Review, Provenance (a line of its history), Shelf,
HoldingLabel, Arrival (an order line that has come).
Invariants: nothing points to a merged thing but its redirect, of one step; a holding is private until its owner says
otherwise; the lines of a holding are a chain of allowed moves that ends where it stands; an order line arrives once.
Never: sells (catalog, orders), knows who is whose friend (social), or shows a copy to whom its rule does not open it.
"""
