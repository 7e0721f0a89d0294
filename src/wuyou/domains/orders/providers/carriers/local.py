"""The local carrier: the shop's own people or a courier of the place, with labels made here and scans by hand."""

from __future__ import annotations

from wuyou.domains.orders.rules import check_digit


class LocalCarrier:
    """Its number is the order's with a check digit, so the same parcel never has two, and a mistyped one is noticed."""

    code = "LOCAL"
    makes_labels = True

    def number_for(self, *, order_no: str, given: str, nth: int = 1) -> str:
        """`WY` + order number + check digit, of a later parcel with its place between. What was given is ignored."""
        digits = order_no if nth == 1 else f"{order_no}{nth:02}"
        return f"WY{digits}{check_digit(digits)}"
