"""Photos of the homes' things, and what people say of these things: taken in before, and put where they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import operations as things
from wuyou.domains.things import queries
from wuyou.domains.things.types import AnnotationDraft, Purpose, Region, ReviewDraft
from wuyou.infra import db, pictures, sight
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC
from wuyou.surfaces.cli.demo.homes import Copy, Homes, Review, Thread
from wuyou.surfaces.cli.demo.still_life import draw_still_life

_TAKEN = timedelta(days=12)
"""Before the moment of loading, the photos of copies were added."""
_ANSWERED = timedelta(hours=3)
"""Between what is said in a thread and each answer."""


class Picturing:
    """People by handle, things by key, copies by owner and thing."""

    def __init__(
        self,
        people: Mapping[str, int],
        thing_ids: Mapping[str, int],
        copies: Mapping[tuple[str, str], int],
        now: datetime,
    ) -> None:
        self._people, self._things, self._copies, self._now = people, thing_ids, copies, now

    def picture(self, homes: Homes) -> None:
        """Everything, each copy and each review in a transaction of its own; its pictures are taken in before."""
        for copy in homes.copies:
            if copy.photos:
                taken = take_photos(copy.photos, f"{copy.owner} {copy.thing}")
                db.in_transaction(partial(self._add, copy, taken))
        for review in sorted(homes.reviews, key=lambda review: -review.days_ago):
            taken = take_photos(review.photos, f"{review.person} says {review.thing}")
            db.in_transaction(partial(self._say, review, taken))
        for thread in homes.threads:
            db.in_transaction(partial(self._begin, thread, self._things[thread.thing], None))

    def _add(self, copy: Copy, taken: Sequence[Picture]) -> None:
        holding_id = self._copies[copy.owner, copy.thing]
        things.add_photos(actor=self._actor(copy.owner), holding_id=holding_id, pictures=taken, now=self._now - _TAKEN)

    def _say(self, review: Review, taken: Sequence[Picture]) -> None:
        at, thing_id = self._ago(review.days_ago), self._things[review.thing]
        review_id = things.write_review(
            actor=self._actor(review.person),
            thing_id=thing_id,
            draft=ReviewDraft(review.text, review.rating, audience=PUBLIC),
            now=at,
            pictures=taken,
        )
        shown = queries.get_review_for(sight.get_viewer(self._people[review.person]), review_id).pictures
        for thread in review.threads:
            self._begin(thread, thing_id, shown[thread.place].id)
        for handle in review.thanks:
            things.give_thanks(
                actor=self._actor(handle), kind=AppreciatedKind.REVIEW, source_id=review_id, now=at + _ANSWERED
            )

    def _begin(self, thread: Thread, thing_id: int, picture_id: int | None) -> None:
        at = self._ago(thread.days_ago)
        region = Region(*thread.region) if thread.region else None
        draft = AnnotationDraft(
            thread.text, Purpose(thread.purpose), picture_id=picture_id, region=region, audience=PUBLIC
        )
        made = things.annotate(actor=self._actor(thread.person), thing_id=thing_id, draft=draft, now=at)
        for place, (handle, text) in enumerate(thread.answers, 1):
            things.reply(actor=self._actor(handle), annotation_id=made, text=text, now=at + place * _ANSWERED)

    def _actor(self, handle: str) -> Actor:
        return Actor(self._people[handle])

    def _ago(self, days: float) -> datetime:
        return self._now - timedelta(days=days)


def take_photos(photos: Sequence[Sequence[str]], seed: str) -> list[Picture]:
    """Still lifes of these pictures, taken in."""
    return [pictures.take_in(draw_still_life(shown, f"{seed} {place}")) for place, shown in enumerate(photos)]
