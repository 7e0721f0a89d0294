"""Where the money of red packets lies, and whose it is."""

from __future__ import annotations

from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.promotions.types import Funder, Promotion


def fund_of(promotion: Promotion) -> AccountRef:
    """What was set aside for a red packet and is not paid out yet."""
    return AccountRef(AccountKind.PROMOTION_FUND, f"packet:{promotion.id}", promotion.currency)


def funder_of(promotion: Promotion) -> AccountRef:
    """Whose money it is: it comes from here, and what is left goes back here."""
    if promotion.funder is Funder.PLATFORM:
        return AccountRef(AccountKind.PLATFORM_REVENUE, "", promotion.currency)
    if promotion.funder is Funder.PUBLISHER:
        return AccountRef(AccountKind.PROMOTER_PAYABLE, f"publisher:{promotion.publisher_id}", promotion.currency)
    return AccountRef(AccountKind.MERCHANT_PAYABLE, f"shop:{promotion.shop_id}", promotion.currency)
