"""Processes of their own that work on the database of the tests."""

from __future__ import annotations

import os
from urllib.parse import quote, urlencode

from django.db import connection


def environment() -> dict[str, str]:
    """This process's environment, with the database that this test writes to."""
    kept = connection.settings_dict
    owner = f"{quote(str(kept['USER']))}:{quote(str(kept['PASSWORD']))}"
    place = urlencode({"host": kept["HOST"], **({"port": kept["PORT"]} if kept["PORT"] else {})})
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{owner}@/{kept['NAME']}?{place}",
        "DJANGO_SETTINGS_MODULE": "wuyou.config.settings",
    }
