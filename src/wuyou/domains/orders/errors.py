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
