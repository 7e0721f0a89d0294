"""A market for the tests of the alliance."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.builders.alliance import Market


@pytest.fixture
def market(db: None, now: datetime) -> Market:
    """A market whose doings are rolled back."""
    return Market(now)
