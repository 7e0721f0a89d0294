"""Names of the pictures and icons that the front-end build ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

_HERE = Path(__file__).parent


def _names(group: str) -> tuple[str, ...]:
    pictures: dict[str, dict[str, str]] = json.loads((_HERE / "pictures.json").read_text())
    return tuple(sorted(pictures[group]))


THINGS: Final[tuple[str, ...]] = _names("things")
"""Pictures of goods, each at `ui/dist/pictures/<name>.webp`, 256 × 256, transparent."""

FACES: Final[tuple[str, ...]] = _names("faces")
"""Pictures of people and animals for avatars, same folder and size."""

PICTURES: Final[frozenset[str]] = frozenset(THINGS + FACES)

ICONS: Final[frozenset[str]] = frozenset(json.loads((_HERE / "icons.json").read_text()))
"""Names in the icon sprite `ui/dist/icons.svg`."""


def shipped(name: str) -> str:
    """The name of a picture as it is, or nothing where the build ships none of this name: a face that nobody chose."""
    return name if name in PICTURES else ""


def picture_path(name: str) -> str:
    """Static path of a shipped picture, for `django.templatetags.static.static`.

    Raises `KeyError` for a name that the build does not ship.
    """
    if name not in PICTURES:
        raise KeyError(name)
    return f"ui/dist/pictures/{name}.webp"
