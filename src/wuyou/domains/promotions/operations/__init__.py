"""Every write of promotions, by noun."""

from wuyou.domains.promotions.operations.claiming import claim
from wuyou.domains.promotions.operations.running import close_packet, open_promotion, stop_promotion
from wuyou.domains.promotions.operations.using import give_back, hold, price, redeem, release, take_up

__all__ = [
    "claim",
    "close_packet",
    "give_back",
    "hold",
    "open_promotion",
    "price",
    "redeem",
    "release",
    "stop_promotion",
    "take_up",
]
