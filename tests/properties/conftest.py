"""Where worlds are lived through."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture
def home(world: None, plain_static_files: None, settings: Settings, tmp_path: Path) -> None:
    """A committed world whose pages can be drawn, and where photos lie meanwhile."""
    settings.MEDIA_ROOT = str(tmp_path)
