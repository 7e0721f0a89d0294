"""Who brings parcels, by the code that stands on a parcel.

To add one: a class that fits `base.Carrier`, and its line here; its name for people is in `surfaces/ui/carriers.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from wuyou.domains.orders import errors
from wuyou.domains.orders.providers.carriers.base import Carrier
from wuyou.domains.orders.providers.carriers.local import LocalCarrier
from wuyou.domains.orders.providers.carriers.numbered import NumberedCarrier

__all__ = ["CARRIERS", "LOCAL", "Carrier", "carrier_of"]

LOCAL = LocalCarrier.code

CARRIERS: Mapping[str, Carrier] = {
    LOCAL: LocalCarrier(),
    **{code: NumberedCarrier(code) for code in ("SF", "JD", "ZTO", "YTO", "STO", "YUNDA", "JT", "EMS", "OTHER")},
}


def carrier_of(code: str) -> Carrier:
    """A carrier by its code. Raises `CarrierUnknown`."""
    carrier = CARRIERS.get(code)
    if carrier is None:
        raise errors.CarrierUnknown(carrier=code[:16])
    return carrier
