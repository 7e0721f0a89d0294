"""商品库: shops, products and their variants with the price alone and the price in a team.

Nouns: Shop, Product, Variant.
Invariants: prices are positive integers of the smallest unit; the team price is below the price alone.
Never: knows how many are left (inventory), who buys (orders) or who earns (alliance).
"""
