"""Names of the pictures and icons that the front-end build ships."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from wuyou.infra import pictures

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


def alike(looks: Sequence[int]) -> tuple[str, ...]:
    """The things' pictures that look like another picture, most alike first.

    Args: looks: of the other picture, in each of its frames (`wuyou.infra.pictures.looks_of`).
    Cost: reads the set once a process, half a second.
    """
    apart = {name: pictures.distance(looks, look) for name, look in _looks().items()}
    return tuple(sorted((name for name, bits in apart.items() if bits <= pictures.ALIKE), key=lambda name: apart[name]))


@cache
def _looks() -> Mapping[str, int]:
    """The perceptual hash of each thing's picture. The set is what the build made of it: nothing to keep in a table."""
    folder = _HERE / "static" / "ui" / "dist" / "pictures"
    return {name: pictures.look_of((folder / f"{name}.webp").read_bytes()) for name in THINGS}


def picture_path(name: str) -> str:
    """Static path of a shipped picture, for `django.templatetags.static.static`.

    Raises `KeyError` for a name that the build does not ship.
    """
    if name not in PICTURES:
        raise KeyError(name)
    return f"ui/dist/pictures/{name}.webp"
