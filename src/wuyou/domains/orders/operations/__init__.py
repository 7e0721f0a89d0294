"""Every write of orders, by noun."""

from wuyou.domains.orders.operations.buying import (
    PAY_WITHIN,
    PURPOSE,
    announce_late_order,
    close_order,
    mark_paid,
    note_origin,
    place_order,
    release_orders,
    take_up_late_order,
)
from wuyou.domains.orders.operations.carts import erase_person, put_in_cart, take_from_cart
from wuyou.domains.orders.operations.charging_back import end_charge_back, hold_charged_back
from wuyou.domains.orders.operations.refunding import (
    mark_refund_returned,
    refund_rest,
    refund_unsent,
    refund_up_to,
    request_refund,
)
from wuyou.domains.orders.operations.shipping import (
    complete_order,
    correct_parcel,
    dispute_order,
    receive_order,
    receive_overdue_order,
    record_scan,
    settle_dispute,
    ship_order,
    ship_orders,
)

__all__ = [
    "PAY_WITHIN",
    "PURPOSE",
    "announce_late_order",
    "close_order",
    "complete_order",
    "correct_parcel",
    "dispute_order",
    "end_charge_back",
    "erase_person",
    "hold_charged_back",
    "mark_paid",
    "mark_refund_returned",
    "note_origin",
    "place_order",
    "put_in_cart",
    "receive_order",
    "receive_overdue_order",
    "record_scan",
    "refund_rest",
    "refund_unsent",
    "refund_up_to",
    "release_orders",
    "request_refund",
    "settle_dispute",
    "ship_order",
    "ship_orders",
    "take_from_cart",
    "take_up_late_order",
]
