"""The homes of the world brought to life through the public operations: relations, things, copies, gifts, talk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from wuyou.domains.messaging import operations as messaging
from wuyou.domains.messaging.types import Draft
from wuyou.domains.social import operations as social
from wuyou.domains.social import queries as relations
from wuyou.domains.social.types import AgeBand, FaceDraft, GiftDraft, GiftKind, Role
from wuyou.domains.things import operations as things
from wuyou.domains.things import queries as holdings
from wuyou.domains.things.types import Condition, HoldingDraft, HoldingSource, HoldingState, ThingKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import business_date
from wuyou.kernel.sight import Audience, AudienceRule, make_viewer
from wuyou.surfaces.cli.demo.homes import Call, Copy, Friends, Gift, Home, Homes, OtherFace, Self, Talk
from wuyou.surfaces.cli.demo.picturing import Picturing
from wuyou.surfaces.cli.demo.posting import publish_posts
from wuyou.surfaces.cli.demo.town import Settled
from wuyou.surfaces.cli.demo.world import variant_of

Step = tuple[datetime, int, Callable[[], object]]
"""When, in which order among those of the same moment, and what is done then."""

FIRST_DAY = 36
"""Days before the moment of loading on which the first copy is put on record."""
AFTER = timedelta(hours=3)
"""Between a gift's offer, the answer, the giving and the thanks."""
_STATES = (*["OWN"] * 13, *["HAD"] * 4, *["WANT"] * 3)
_CONDITIONS = ("", "", "GOOD", "GOOD", "WORN", "NEW")
_FROM_ELSEWHERE = 4
"""Every so manieth drawn copy is of a family that its owner did not name."""


def settle_homes(homes: Homes, settled: Settled, *, now: datetime, progress: Callable[[int], None]) -> None:
    """Live through what is written down up to `now`, each step in a transaction of its own, in the order of time."""
    town = _Town(homes, settled, now)
    for _, _, act in sorted(town.steps(), key=lambda step: step[:2]):
        db.in_transaction(act)
        progress(1)
    Picturing(settled.people, town.things, town.copies, now).picture(homes)
    publish_posts(homes, settled, town.things, now=now)


def count_steps(homes: Homes) -> int:
    """About how many steps there are: a bar may reach its end a little early or late."""
    return sum(home.count for home in homes.homes) + len(homes.copies) + 2 * len(homes.friends) + 60


class _Town:
    """People by handle, things by key, copies by owner and thing; what one step makes the later ones find."""

    def __init__(self, homes: Homes, settled: Settled, now: datetime) -> None:
        self._homes, self._settled, self._now = homes, settled, now
        self._people = settled.people
        self.things: dict[str, int] = {}
        self._labels: dict[tuple[str, str], int] = {}
        self._shelves: dict[tuple[str, str], int] = {}
        self.copies: dict[tuple[str, str], int] = {}
        self._order = count()

    def steps(self) -> Iterator[Step]:
        """Everything that is done, in no order."""
        first = self._ago(days=FIRST_DAY, hours=12)
        yield self._at(first, self._add_things)
        for owner, name, people in self._homes.labels:
            yield self._at(first, self._label, owner, name, people)
        for home in self._homes.homes:
            yield self._at(first, self._make_shelves, home)
            yield self._at(self._ago(hours=7), self._open_arrivals, home)
        for friends in self._homes.friends:
            yield from self._befriend(friends)
        for person, whom in self._homes.follows:
            yield self._at(self._ago(days=1 + self._draw(f"{person} follows {whom}", 30)), self._follow, person, whom)
        for said in self._homes.selves:
            yield self._at(self._ago(days=14 + self._draw(f"{said.person} says", 14)), self._say, said)
        for face in self._homes.faces:
            yield self._at(self._ago(days=13), self._show, face)
        for owner, about, text in self._homes.notes:
            yield self._at(self._ago(days=15), self._note, owner, about, text)
        for owner, person in self._homes.blocks:
            yield self._at(self._ago(days=20), self._block, owner, person)
        for copy in (*self._homes.copies, *self._drawn()):
            yield self._at(self._recorded_at(copy), self._own, copy)
        for gift in self._homes.gifts:
            yield from self._give(gift)
        for call in self._homes.calls:
            yield self._at(self._ago(days=call.days_ago), self._call, call)
        for number, talk in enumerate(self._homes.talks):
            yield from self._talk(talk, number)

    # ------------------------------------------------------------------ relations

    def _befriend(self, friends: Friends) -> Iterator[Step]:
        asked_at = self._ago(days=friends.days_ago)
        asks, agrees = self._actor(friends.asks), self._actor(friends.agrees)

        def ask(at: datetime) -> None:
            social.request_friend(actor=asks, person_id=agrees.person_id, reason=friends.reason, now=at)

        def agree(at: datetime) -> None:
            waiting = {request.sender_id: request.id for request in relations.list_requests_to(agrees.person_id)}
            social.accept_request(actor=agrees, request_id=waiting[asks.person_id], now=at)

        yield self._at(asked_at, ask)
        if friends.agrees_after is not None:
            yield self._at(asked_at + timedelta(hours=friends.agrees_after), agree)

    def _follow(self, person: str, whom: str, at: datetime) -> None:
        social.follow(actor=self._actor(person), person_id=self._people[whom], now=at)

    def _note(self, owner: str, about: str, text: str, at: datetime) -> None:
        social.set_note(actor=self._actor(owner), person_id=self._people[about], text=text, now=at)

    def _block(self, owner: str, person: str, at: datetime) -> None:
        social.block(actor=self._actor(owner), person_id=self._people[person], now=at)

    def _label(self, owner: str, name: str, people: Sequence[str], at: datetime) -> None:
        label = social.make_label(actor=self._actor(owner), name=name, now=at)
        self._labels[owner, name] = label.id
        for handle in people:
            social.add_to_label(actor=self._actor(owner), label_id=label.id, person_id=self._people[handle], now=at)

    def _say(self, said: Self, at: datetime) -> None:
        actor, rule = self._actor(said.person), AudienceRule(self._audience(said.person, said.open))
        social.describe_oneself(actor=actor, words=said.words, roles=tuple(map(Role, said.roles)), now=at)
        for hobby in said.hobbies:
            social.say_hobby(actor=actor, hobby=hobby, audience=rule, now=at)
        for place in said.places:
            social.say_place(actor=actor, words=place, audience=rule, now=at)
        if said.born:
            social.say_age(actor=actor, band=AgeBand(*said.born), audience=rule, now=at)

    def _show(self, face: OtherFace, at: datetime) -> None:
        rule = AudienceRule(self._audience(face.owner, face.open))
        draft = FaceDraft(face.name, words=face.words, roles=tuple(map(Role, face.roles)), audience=rule)
        social.make_face(actor=self._actor(face.owner), draft=draft, now=at)

    # ------------------------------------------------------------------ things and copies

    def _add_things(self, at: datetime) -> None:
        for thing in self._homes.things:
            self.things[thing.key] = things.add_thing(
                kind=ThingKind(thing.kind),
                name=thing.name,
                name_en=thing.name_en,
                brand=thing.brand,
                parent_id=self.things[thing.above] if thing.above else None,
                now=at,
            ).id
        named = {copy.thing for copy in self._homes.copies} | {review.thing for review in self._homes.reviews}
        goods = named - self.things.keys()
        variants = {name: self._variant_id(name) for name in goods}
        made = things.ensure_variants(variant_ids=variants.values(), now=at)
        self.things |= {name: made[variant_id].id for name, variant_id in variants.items()}

    def _make_shelves(self, home: Home, at: datetime) -> None:
        for name in home.shelves:
            shelf = things.make_shelf(actor=self._actor(home.person), name=name, now=at)
            self._shelves[home.person, name] = shelf.id

    def _own(self, copy: Copy, at: datetime) -> None:
        actor = self._actor(copy.owner)
        holding_id = things.add_holding(
            actor=actor,
            draft=HoldingDraft(
                thing_id=self.things[copy.thing],
                state=HoldingState(copy.state),
                condition=Condition(copy.condition),
                since_on=copy.since,
                story=copy.story,
                rating=copy.rating,
                fields=copy.fields,
                audience=self._rule(copy),
            ),
            now=at,
        ).id
        self.copies[copy.owner, copy.thing] = holding_id
        if copy.shelf:
            shelf_id = self._shelves[copy.owner, copy.shelf]
            things.put_on_shelf(actor=actor, holding_ids=[holding_id], shelf_id=shelf_id)
        if copy.labels:
            things.label_holdings(actor=actor, holding_ids=[holding_id], add=copy.labels)

    def _open_arrivals(self, home: Home, at: datetime) -> None:
        """Of what came from orders, two of three are open as the home is; the rest stays as it came: private."""
        me = self._people[home.person]
        mine = holdings.list_holdings_of(make_viewer(me), me, limit=100).items
        opened = [
            holding.id
            for holding in mine
            if holding.source is HoldingSource.ORDER and self._draw(f"arrival {holding.id}", 3)
        ]
        if opened:
            rule = AudienceRule(self._audience(home.person, home.open))
            things.set_audience(actor=self._actor(home.person), holding_ids=opened, rule=rule, now=at)

    def _drawn(self) -> Iterator[Copy]:
        """What people have beside the copies that are written down: of what they like, and now and then of the rest."""
        written = {(copy.owner, copy.thing) for copy in self._homes.copies}
        models = self._homes.models_by_family
        everything = sorted(key for family in models.values() for key in family)
        for home in self._homes.homes:
            liked = [key for family in home.tastes for key in models[family]]
            free = {
                True: [key for key in liked if (home.person, key) not in written],
                False: [key for key in everything if key not in liked and (home.person, key) not in written],
            }
            for number in range(home.count):
                name = f"{home.person} {number}"
                pool = free[number % _FROM_ELSEWHERE != _FROM_ELSEWHERE - 1] or free[False]
                thing = pool.pop(self._draw(name, len(pool)))
                state = _STATES[self._draw(f"{name} state", len(_STATES))]
                shelf = self._draw(f"{name} shelf", len(home.shelves) + 1)
                is_there = state == "OWN"
                yield Copy(
                    owner=home.person,
                    thing=thing,
                    state=state,
                    shelf=home.shelves[shelf] if is_there and shelf < len(home.shelves) else "",
                    condition=_CONDITIONS[self._draw(f"{name} condition", len(_CONDITIONS))] if is_there else "",
                    since=business_date(self._ago(days=90 + self._draw(f"{name} since", 4000))) if is_there else None,
                    open=home.open if self._draw(f"{name} open", 5) else (),
                )

    def _rule(self, copy: Copy) -> AudienceRule:
        return AudienceRule(self._audience(copy.owner, copy.open), self._audience(copy.owner, copy.but))

    def _audience(self, owner: str, words: Sequence[str]) -> Audience:
        named = [word.partition(":")[::2] for word in words]
        return Audience(
            everyone="everyone" in words,
            followers="followers" in words,
            friends="friends" in words,
            persons=frozenset(self._people[name] for kind, name in named if kind == "person"),
            labels=frozenset(self._labels[owner, name] for kind, name in named if kind == "label"),
            holders=frozenset(self.things[name] for kind, name in named if kind == "holders"),
        )

    # ------------------------------------------------------------------ gifts and talk

    def _give(self, gift: Gift) -> Iterator[Step]:
        giver, receiver = self._actor(gift.giver), self._actor(gift.receiver)
        offered_at = self._ago(days=gift.days_ago)
        ids: list[int] = []

        def offer(at: datetime) -> None:
            draft = GiftDraft(receiver.person_id, GiftKind(gift.kind), gift.what, gift.words)
            if gift.copy:
                copy_id = self.copies[gift.giver, gift.copy]
                offered = things.offer_copy(actor=giver, holding_id=copy_id, draft=draft, now=at)
            else:
                offered = social.offer_gift(actor=giver, draft=draft, now=at)
            ids.append(offered.id)

        def give(at: datetime) -> None:
            if gift.copy:
                things.give_copy(actor=giver, gift_id=ids[0], now=at)
            else:
                social.give_gift(actor=giver, gift_id=ids[0], now=at)

        def answer(at: datetime) -> None:
            reply = social.decline_gift if gift.state == "DECLINED" else social.accept_gift
            reply(actor=receiver, gift_id=ids[0], now=at)

        def thank(at: datetime) -> None:
            social.thank_for_gift(actor=receiver, gift_id=ids[0], words=gift.thanks, now=at)

        yield self._at(offered_at, offer)
        if gift.state != "OFFERED":
            yield self._at(offered_at + AFTER, answer)
        if gift.state == "GIVEN":
            yield self._at(offered_at + 2 * AFTER, give)
        if gift.thanks:
            yield self._at(offered_at + 3 * AFTER, thank)

    def _call(self, call: Call, at: datetime) -> None:
        caller = self._actor(call.caller)
        messaging.call_out(
            actor=caller,
            person_id=self._people[call.called],
            text=call.text,
            thing_ids=[self.things[name] for name in call.things],
            client_id=f"demo-call-{caller.person_id}",
            now=at,
        )

    def _talk(self, talk: Talk, number: int) -> Iterator[Step]:
        ids: list[int] = []

        def begin(at: datetime) -> None:
            first, *others = (self._people[handle] for handle in talk.people)
            if talk.name:
                ids.append(messaging.make_group(actor=Actor(first), name=talk.name, person_ids=others, now=at))
            else:
                ids.append(messaging.open_conversation(actor=Actor(first), person_id=others[0], now=at))

        def say(place: int, at: datetime) -> None:
            who, _, text = talk.lines[place]
            shown = self.copies[who, talk.shows] if talk.shows and not place else None
            messaging.send_message(
                actor=self._actor(who),
                conversation_id=ids[0],
                client_id=f"demo-talk-{number}-{place}",
                draft=Draft(text, holding_id=shown),
                now=at,
            )

        yield self._at(self._ago(minutes=talk.lines[0][1] + 1), begin)
        for place, (_, minutes, _) in enumerate(talk.lines):
            yield self._at(self._ago(minutes=minutes), say, place)

    # ------------------------------------------------------------------ names and times

    def _at(self, at: datetime, act: Callable[..., object], *about: object) -> Step:
        return at, next(self._order), partial(act, *about, at)

    def _ago(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
        return self._now - timedelta(days=days, hours=hours, minutes=minutes)

    def _recorded_at(self, copy: Copy) -> datetime:
        minutes = self._draw(f"{copy.owner} records {copy.thing}", (FIRST_DAY - 15) * 24 * 60)
        return self._ago(days=FIRST_DAY) + timedelta(minutes=minutes)

    def _actor(self, handle: str) -> Actor:
        return Actor(self._people[handle])

    def _variant_id(self, name: str) -> int:
        picture, place = variant_of(name)
        return self._settled.products[picture].variants[place].id

    def _draw(self, name: str, below: int) -> int:
        """A number in [0, below) that the name decides: the same every time."""
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % below
