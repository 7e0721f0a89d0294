"""The local carrier: the shop's own people or a courier of the place, with labels made here and scans by hand."""

from __future__ import annotations

from wuyou.domains.orders.rules import check_digit


class LocalCarrier:
    """Its number is the order's with a check digit, so the same order never has two, and a mistyped one is noticed."""

    code = "LOCAL"
    makes_labels = True

    def number_for(self, *, order_no: str, given: str) -> str:
        """`WY` + order number + check digit. What was given is ignored."""
        return f"WY{order_no}{check_digit(order_no)}"
