"""Complaints 投诉: a buyer says that something is wrong with an order, and somebody has to answer.

Nouns: complaint, step (one line of the timeline that both sides read), photo. The seller has 48 hours; what they leave
unanswered, or answer without solving it, goes to staff, who decide: money back by the orders' own refund, or not, with
reasons. One runs at a time for an order, and what staff decided stays decided.

Never: books money itself, shows a complaint to anybody but its buyer, its shop and staff.
"""
