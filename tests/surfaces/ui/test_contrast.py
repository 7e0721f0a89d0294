"""The tokens promise WCAG 2.2 AA contrast in both themes; this reads them as the browser does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[3] / "frontend" / "css"
PAIR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")

TEXT = 4.5
EDGE = 3.0

GROUNDS = ("paper", "surface", "raised", "sunken")
PROMISES = [
    *(("ink", ground, TEXT) for ground in GROUNDS),
    *(("ink-soft", ground, TEXT) for ground in GROUNDS),
    *(("accent", ground, TEXT) for ground in ("paper", "surface", "raised", "accent-soft")),
    *(("jade", ground, TEXT) for ground in ("paper", "surface", "raised", "jade-soft")),
    *(("amber", ground, TEXT) for ground in ("paper", "surface", "raised", "amber-soft")),
    ("on-accent", "accent-fill", TEXT),
    ("on-accent", "accent-fill-hover", TEXT),
    ("on-accent", "jade-fill", EDGE),
    *(("line-strong", ground, EDGE) for ground in ("paper", "surface", "raised")),
    *(("accent-fill", ground, EDGE) for ground in ("paper", "surface")),
    *(("jade-fill", ground, EDGE) for ground in ("paper", "surface")),
]


def pairs_of(file: str) -> list[tuple[str, str, str]]:
    return PAIR.findall((CSS / file).read_text())


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("colour", "ground", "least"), PROMISES)
def test_tokens_keep_contrast(colour: str, ground: str, least: float, theme: str) -> None:
    tokens = {name: {"light": light, "dark": dark} for name, light, dark in pairs_of("tokens.css")}
    assert contrast(tokens[colour][theme], tokens[ground][theme]) >= least


def test_initials_are_readable_on_every_ground() -> None:
    inks = {name: (light, dark) for name, light, dark in pairs_of("tokens.css")}["ink"]
    fields = pairs_of("components/field.css")
    assert len(fields) == 24
    for name, *grounds in fields:
        for ink, ground in zip(inks, grounds, strict=True):
            assert contrast(ink, ground) >= TEXT, name
