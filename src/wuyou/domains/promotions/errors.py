"""What promotions refuse."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class PromotionNotFound(DomainError):
    """No such promotion, or not for you."""

    code = "promotions.promotion_not_found"
    kind = ErrorKind.NOT_FOUND


class PromotionMalformed(DomainError):
    """Something of it is out of range, or does not go together. Facts: field."""

    code = "promotions.promotion_malformed"


class PromotionOver(DomainError):
    """It has not begun, or it is over."""

    code = "promotions.promotion_over"
    kind = ErrorKind.CONFLICT


class NoneLeft(DomainError):
    """All of them are claimed, or its budget is used up."""

    code = "promotions.none_left"
    kind = ErrorKind.CONFLICT


class PersonLimitReached(DomainError):
    """You have had as many of it as one person may. Facts: most."""

    code = "promotions.person_limit_reached"
    kind = ErrorKind.CONFLICT


class FundsMissing(DomainError):
    """Who pays for a red packet has less than it may cost. Facts: needed_minor."""

    code = "promotions.funds_missing"
    kind = ErrorKind.CONFLICT


class VoucherUnusable(DomainError):
    """Not yours, used, over, or not for these goods."""

    code = "promotions.voucher_unusable"
    kind = ErrorKind.CONFLICT


class NotCombinable(DomainError):
    """These vouchers may not be used together."""

    code = "promotions.not_combinable"
    kind = ErrorKind.CONFLICT


class VoucherGone(DomainError):
    """An order that was given up is paid after all, and its voucher was used elsewhere meanwhile or is over."""

    code = "promotions.voucher_gone"
    kind = ErrorKind.CONFLICT
