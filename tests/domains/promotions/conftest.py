"""A shop whose goods have promotions."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.builders.alliance import Market


@pytest.fixture
def market(db: None, now: datetime) -> Market:
    return Market(now)
