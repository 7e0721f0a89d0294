"""Rates as people write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

_BPS_OF_A_PERCENT = Decimal(100)


class PercentField(forms.DecimalField):
    """A rate in per cent with at most two digits after the point; cleaned to basis points."""

    def __init__(self, *, most: int = 90, **more: Any) -> None:
        super().__init__(min_value=0, max_value=most, decimal_places=2, **more)

    def clean(self, value: object) -> int | None:
        percent = super().clean(value)
        return None if percent is None else int(percent * _BPS_OF_A_PERCENT)
