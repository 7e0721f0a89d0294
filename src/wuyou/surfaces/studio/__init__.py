"""The studio: where publishers choose goods, join collaborations and recruit merchants.

Whoever is signed in has one; they join the alliance with the first thing that they do there.
"""
