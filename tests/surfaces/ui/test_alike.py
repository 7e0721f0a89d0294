"""Pictures of the interface's set are found by what looks like them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.builders.pictures import alter, make_photo, shipped
from wuyou.infra import pictures as taken
from wuyou.surfaces.ui import pictures

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def looks_of(content: bytes) -> tuple[int, ...]:
    return taken.looks_of(taken.take_in(content).key)


def test_picture_that_was_cut_brightened_and_compressed_again_is_found_among_all_that_are_shipped() -> None:
    """The figures of docs/domains/things.md: how many are found, are found first, and how many others come along."""
    looks = {name: looks_of(alter(shipped(name))) for name in pictures.THINGS}
    answers = {name: pictures.alike(frames) for name, frames in looks.items()}
    count = len(answers)

    found = sum(name in answer for name, answer in answers.items())
    first = sum(answer[:1] == (name,) for name, answer in answers.items())
    others = sum(len(set(answer) - {name}) for name, answer in answers.items())
    in_one_frame = sum(name in pictures.alike(frames[:1]) for name, frames in looks.items())
    print(f"{found} of {count} found, {first} first, {others} others; in one frame {in_one_frame}")
    assert in_one_frame < found
    assert found >= 0.95 * count
    assert first >= 0.95 * count
    assert others <= 0.1 * count


def test_picture_of_something_else_is_not_found() -> None:
    assert pictures.alike(looks_of(make_photo(seed=7))) == ()
