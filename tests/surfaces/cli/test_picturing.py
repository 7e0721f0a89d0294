"""What is written down of photos and words fits the town, and still lifes are pictures that can be told apart."""

from __future__ import annotations

import io

from PIL import Image

from wuyou.domains.things.rules import check_region
from wuyou.domains.things.types import Purpose, Region
from wuyou.infra import pictures
from wuyou.surfaces.cli.demo.homes import read_homes
from wuyou.surfaces.cli.demo.still_life import draw_still_life
from wuyou.surfaces.cli.demo.world import STAFF, read_world
from wuyou.surfaces.ui.pictures import THINGS

HOMES = read_homes()


def test_photos_show_what_is_shipped() -> None:
    shown = [photo for copy in HOMES.copies for photo in copy.photos]
    shown += [photo for review in HOMES.reviews for photo in review.photos]

    assert len(shown) >= 20
    assert all(1 <= len(photo) <= 3 and set(photo) <= set(THINGS) for photo in shown)


def test_words_are_of_the_towns_people_about_things_that_its_makers_made() -> None:
    handles = {person.handle for person in read_world().people if person.login != STAFF}
    above = {thing.key: thing.above for thing in HOMES.things}
    made_up = {"bend-cameras", "slate-pens", "morning-radios", "table-games"}
    threads = [*HOMES.threads, *(thread for review in HOMES.reviews for thread in review.threads)]

    for review in HOMES.reviews:
        assert {review.person, *review.thanks} <= handles
        assert review.person not in review.thanks
        assert all(0 <= thread.place < len(review.photos) for thread in review.threads)
    for thread in threads:
        assert {thread.person, *(who for who, _ in thread.answers)} <= handles
        assert Purpose(thread.purpose)
        assert check_region(Region(*thread.region) if thread.region else None, 1) is None or thread.region
    for name in [*(review.thing for review in HOMES.reviews), *(thread.thing for thread in HOMES.threads)]:
        assert {above[name], above.get(above[name], "")} & made_up, "nobody here praises what is real"


def test_still_life_is_the_same_for_the_same_seed_and_others_look_otherwise() -> None:
    first, other = draw_still_life(["camera", "tea"], "a"), draw_still_life(["radio"], "b")

    assert Image.open(io.BytesIO(first)).size == (720, 900)
    again = draw_still_life(["camera", "tea"], "a")
    assert pictures.distance([pictures.look_of(first)], pictures.look_of(again)) <= 2
    assert pictures.distance([pictures.look_of(first)], pictures.look_of(other)) > pictures.ALIKE
