"""The sandbox bank: a payment provider to try everything with, whose faults are chosen and repeat exactly."""

from __future__ import annotations

from wuyou.domains.payments.providers.sandbox.bank import SandboxBank, set_faults
from wuyou.domains.payments.providers.sandbox.faults import Faults
from wuyou.domains.payments.providers.sandbox.notices import Send, post_to

__all__ = ["Faults", "SandboxBank", "Send", "post_to", "set_faults"]
