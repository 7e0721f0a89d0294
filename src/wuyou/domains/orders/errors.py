"""What orders refuse."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class OrderNotFound(DomainError):
    """No such order, or not yours."""

    code = "orders.order_not_found"
    kind = ErrorKind.NOT_FOUND


class LinesMalformed(DomainError):
    """An order has 1 to 50 lines of different variants of one shop and one currency, each of 1 to 999 pieces."""

    code = "orders.lines_malformed"


class NotSoldInTeams(DomainError):
    """The variant has no team price."""

    code = "orders.not_sold_in_teams"


class AmountOutOfRange(DomainError):
    """The order would cost more than any order may."""

    code = "orders.amount_out_of_range"


class WrongState(DomainError):
    """The order is no longer where this is possible. Facts: order_no, state."""

    code = "orders.wrong_state"
    kind = ErrorKind.CONFLICT


class RefundOutOfRange(DomainError):
    """A refund is at least one of the smallest unit and at most what is left. Facts: left_minor."""

    code = "orders.refund_out_of_range"


class CartFull(DomainError):
    """A cart holds up to 50 variants."""

    code = "orders.cart_full"
    kind = ErrorKind.CONFLICT


class CarrierUnknown(DomainError):
    """No carrier of this code. Facts: carrier."""

    code = "orders.carrier_unknown"


class NumberMalformed(DomainError):
    """A tracking number has 6 to 32 letters and digits."""

    code = "orders.number_malformed"


class PiecesMalformed(DomainError):
    """A parcel, or what is taken off an order, is of the order's lines, each once, and of no more than is unsent."""

    code = "orders.pieces_malformed"


class ParcelThere(DomainError):
    """The order has another parcel of this carrier and number."""

    code = "orders.parcel_there"
    kind = ErrorKind.CONFLICT


class ParcelNotFound(DomainError):
    """The order was sent without a parcel that is known here, has several, or is not yours."""

    code = "orders.parcel_not_found"
    kind = ErrorKind.NOT_FOUND


class ScanMalformed(DomainError):
    """A place has at most 60 printable characters, and after the delivery nothing happens to a parcel."""

    code = "orders.scan_malformed"
