"""Promotions: what somebody takes off a price, and who pays for it.

Nouns: Promotion (a coupon, or a red packet), Voucher (one of it, claimed by a person), Use (of it, for an order).
Invariants: no promotion gives more than it has; a voucher pays once at a time; what a red packet may still pay lies in
an account of its own; the parts of a discount sum to it, and every line still costs at least one of the smallest unit.
Never: decides who came by a link (alliance does), or moves the money of an order (orders do).
"""
