"""What notifications refuse."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError


class TooManyAtOnce(DomainError):
    """So many are marked at once at most. Facts: most."""

    code = "notifications.too_many_at_once"


class SubscriptionMalformed(DomainError):
    """What the browser said of its push service cannot be used."""

    code = "notifications.subscription_malformed"
