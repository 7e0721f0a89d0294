"""Insight: what people saw and did, counted.

Nouns: Report (a plain SQL text over the lake), DailyFigure (what a day brought an object, kept for pages).
Invariants: a report gives the same rows on every engine that reads the lake; what is marked does not count; figures of
few people are shown to staff alone.
Never: decides anything, or knows what an object is: kinds and numbers are enough.
"""
