"""店面: where people look, buy together, pay, and follow what they bought and earned.

Pages parse, call one operation or a few queries, build a frozen view-model and render it; nothing here decides anything
about goods, money or teams.
"""
