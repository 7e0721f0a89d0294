"""What inventory refuses."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class OutOfStock(DomainError):
    """Fewer are left than asked for."""

    code = "inventory.out_of_stock"
    kind = ErrorKind.CONFLICT


class QuantityOutOfRange(DomainError):
    """A quantity is 1 to 1,000,000."""

    code = "inventory.quantity_out_of_range"


class BelowReserved(DomainError):
    """So many cannot be taken away: they are kept for orders, or are not there."""

    code = "inventory.below_reserved"
    kind = ErrorKind.CONFLICT


class NotReserved(DomainError):
    """Fewer are kept for this order than shall leave, or be free again."""

    code = "inventory.not_reserved"
    kind = ErrorKind.CONFLICT
