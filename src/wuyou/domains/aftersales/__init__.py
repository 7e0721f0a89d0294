"""Aftersales 售后: a buyer asks for money back, with or without sending goods back, and time decides what nobody does.

Nouns: claim (what is asked for, line by line), step (one line of the timeline that both sides read), photo. The shop
has 48 hours; who says nothing agrees. One claim runs at a time for an order, which does not complete while it runs.

Never: books money itself (orders promise it), moves stock, shows a claim to anybody but its buyer, its shop and staff.
"""
