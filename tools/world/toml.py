"""Writing TOML in the form in which the demo world is written down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


def tables(name: str, entries: Iterable[Mapping[str, Any]]) -> str:
    """An array of tables."""
    return "".join(f"\n[[{name}]]\n{_lines(entry)}" for entry in entries)


def _lines(entry: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in entry.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(part)}" for key, part in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    # Strings, numbers and truth are written alike in JSON, but for a sign that JSON lets stand.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
