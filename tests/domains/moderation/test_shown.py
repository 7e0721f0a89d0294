"""Copies, faces, names, goods and shops under review: what others may see of them is held against the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest

from tests.builders import faces, goods
from tests.builders import moderation as judging
from tests.builders.people import actor_for, make_person
from tests.builders.pictures import make_photo
from tests.builders.things import make_holding
from wuyou.config.wiring import SUBSCRIBERS
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import errors, operations, queries
from wuyou.domains.moderation.types import Category, Outcome, Subject, SubjectKind, Verdict
from wuyou.domains.social import operations as social
from wuyou.domains.social import queries as relations
from wuyou.domains.social.types import FaceDraft
from wuyou.domains.things import operations as things_operations
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Words
from wuyou.infra import db, events, pictures
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC, AudienceRule

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def lin(now: datetime) -> Person:
    return make_person(now, "林")


@pytest.fixture
def mei(now: datetime) -> Person:
    return make_person(now, "梅")


def refused(kind: type[DomainError], act: Callable[[], object]) -> None:
    with pytest.raises(kind):
        act()


def settle(now: datetime) -> None:
    events.drain(SUBSCRIBERS, now)


def keep(now: datetime, staff: Person, subject: Subject, outcome: Outcome = Outcome.KEEP) -> None:
    """The open case of a subject is decided, and everybody hears of it."""
    (case,) = [case for case in queries.list_cases().items if case.subject == subject]
    judging.decide(now, staff, case.id, outcome)
    settle(now)


# ---------------------------------------------------------------------- copies


def tell(now: datetime, owner: Person, holding_id: int, story: str) -> None:
    db.in_transaction(
        lambda: things_operations.describe_holding(
            actor=actor_for(owner), holding_id=holding_id, words=Words(story=story), now=now
        )
    )


def open_to(now: datetime, owner: Person, holding_id: int, rule: AudienceRule) -> None:
    db.in_transaction(
        lambda: things_operations.set_audience(actor=actor_for(owner), holding_ids=[holding_id], rule=rule, now=now)
    )


def sees(person: Person, holding_id: int) -> bool:
    return holding_id in things.holdings_by_id(get_viewer(person.id), [holding_id])


def test_a_story_that_a_rule_holds_closes_its_copy_until_it_is_kept(
    now: datetime, lin: Person, mei: Person, staff: Person
) -> None:
    copy = make_holding(now, lin, audience=PUBLIC)
    tell(now, lin, copy.id, "来 刷單 呀")

    assert (sees(lin, copy.id), sees(mei, copy.id)) == (True, False)
    open_to(now, lin, copy.id, AudienceRule(PUBLIC.to, FRIENDS.to))
    tell(now, lin, copy.id, "不说了")
    assert not sees(mei, copy.id)

    keep(now, staff, Subject(SubjectKind.COPY, copy.id))
    assert sees(mei, copy.id)


def test_what_is_noted_for_oneself_alone_is_looked_at_when_it_is_opened(
    now: datetime, lin: Person, mei: Person, staff: Person
) -> None:
    held, stays_out = make_holding(now, lin, story="刷单"), make_holding(now, lin, story="加 微 信")
    assert db.rows("SELECT 1 FROM moderation_case") == []

    open_to(now, lin, held.id, PUBLIC)
    refused(errors.WordsRefused, partial(open_to, now, lin, stays_out.id, PUBLIC))

    assert [case.subject.id for case in queries.list_cases().items] == [held.id]
    assert [sees(mei, each.id) for each in (held, stays_out)] == [False, False]
    open_to(now, lin, held.id, ONLY_ME)  # closing it is never refused


def test_who_is_paused_may_still_close_what_they_opened(now: datetime, lin: Person, mei: Person, staff: Person) -> None:
    shown, kept_back = make_holding(now, lin, audience=PUBLIC, story="旧的"), make_holding(now, lin, story="新的")
    for _ in range(3):
        judging.report(now, mei, SubjectKind.COPY, shown.id)
        judging.decide(now, staff, queries.list_cases().items[0].id, Outcome.WARN)

    refused(errors.Paused, partial(open_to, now, lin, kept_back.id, PUBLIC))
    refused(errors.Paused, partial(tell, now, lin, shown.id, "更新"))
    open_to(now, lin, shown.id, ONLY_ME)

    assert (sees(mei, shown.id), sees(mei, kept_back.id)) == (False, False)


def test_a_photo_that_looks_like_one_that_is_refused_is_not_added(now: datetime, lin: Person, staff: Person) -> None:
    copy = make_holding(now, lin, audience=PUBLIC)
    picture = pictures.take_in(make_photo(seed=3))
    db.in_transaction(
        lambda: operations.add_picture_rule(
            actor=Actor(staff.id, is_staff=True),
            phash=picture.phash,
            verdict=Verdict.REFUSE,
            category=Category.RIGHTS,
            note="",
            now=now,
        )
    )

    with pytest.raises(errors.PictureRefused):
        db.in_transaction(
            lambda: things_operations.add_photos(actor=actor_for(lin), holding_id=copy.id, pictures=[picture], now=now)
        )

    assert db.rows("SELECT 1 FROM things_photo") == []


def test_a_copy_is_reported_by_who_sees_it_and_withheld_not_removed(
    now: datetime, lin: Person, mei: Person, staff: Person
) -> None:
    shown, private = make_holding(now, lin, audience=PUBLIC), make_holding(now, lin)
    refused(errors.SubjectNotFound, partial(judging.report, now, mei, SubjectKind.COPY, private.id))
    judging.report(now, mei, SubjectKind.COPY, shown.id)
    case = queries.list_cases().items[0]
    refused(errors.OutcomeImpossible, partial(judging.decide, now, staff, case.id, Outcome.REMOVE))

    keep(now, staff, Subject(SubjectKind.COPY, shown.id), Outcome.WITHHOLD)
    assert (sees(lin, shown.id), sees(mei, shown.id)) == (True, False)


# ---------------------------------------------------------------------- faces and names


def words_seen(viewer: Person, person: Person) -> tuple[str, str]:
    face = relations.faces_by_person(get_viewer(viewer.id), [person.id])[person.id]
    return face.person.display_name, face.words


def test_a_face_that_a_rule_holds_is_not_shown_and_the_next_one_is(
    now: datetime, lin: Person, mei: Person, staff: Person
) -> None:
    faces.describe(lin, "做灯的")
    face = faces.make_face(lin, "刷单林", words="找我")

    assert words_seen(mei, lin) == ("林", "做灯的")
    faces.change_face(lin, face, FaceDraft("设计师林", words="找我", audience=PUBLIC))
    assert words_seen(mei, lin) == ("林", "做灯的")
    keep(now, staff, Subject(SubjectKind.FACE, face))
    assert words_seen(mei, lin) == ("设计师林", "找我")

    faces.describe(mei, "刷单")
    assert (words_seen(lin, mei), words_seen(mei, mei)) == (("梅", ""), ("梅", "刷单"))


def test_a_face_with_words_that_are_refused_is_not_made(now: datetime, lin: Person, mei: Person, staff: Person) -> None:
    face = faces.make_face(lin, "设计师林")

    refused(errors.WordsRefused, partial(faces.make_face, lin, "加微信"))
    refused(errors.WordsRefused, partial(faces.change_face, lin, face, FaceDraft("林", words="加微信")))
    refused(errors.WordsRefused, partial(faces.describe, lin, "加微信"))

    assert words_seen(mei, lin) == ("设计师林", "")
    assert len(relations.list_own_faces(lin.id).others) == 1


def test_only_the_face_that_one_sees_can_be_reported(now: datetime, lin: Person, mei: Person, staff: Person) -> None:
    for_friends, for_all = faces.make_face(lin, "老林", audience=FRIENDS), faces.make_face(lin, "林老板")

    refused(errors.SubjectNotFound, partial(judging.report, now, mei, SubjectKind.FACE, for_friends))
    judging.report(now, mei, SubjectKind.FACE, for_all)
    keep(now, staff, Subject(SubjectKind.FACE, for_all), Outcome.WITHHOLD)

    assert words_seen(mei, lin) == ("林", "")
    refused(errors.SubjectNotFound, partial(judging.report, now, mei, SubjectKind.FACE, for_all))


def test_nobody_joins_under_a_name_that_is_refused_and_staff_look_at_others(
    now: datetime, lin: Person, staff: Person
) -> None:
    newcomer, other = make_person(now, "刷单小号"), make_person(now, "加微信")

    db.in_transaction(lambda: social.screen_newcomer(person_id=newcomer.id, now=now))
    with pytest.raises(errors.WordsRefused):
        db.in_transaction(lambda: social.screen_newcomer(person_id=other.id, now=now))

    (case,) = queries.list_cases().items
    assert (case.subject, case.is_held) == (Subject(SubjectKind.PERSON, newcomer.id), False)
    assert queries.list_held(newcomer.id) == ()


# ---------------------------------------------------------------------- goods and shops


def test_goods_that_a_rule_holds_are_listed_once_staff_have_looked(now: datetime, lin: Person, staff: Person) -> None:
    shop = goods.make_shop(now, owner_id=lin.id)
    product = goods.make_product(now, shop=shop, title="刷单神器")

    assert (product.is_listed, catalog.list_products().items) == (False, ())
    keep(now, staff, Subject(SubjectKind.PRODUCT, product.id))
    assert [each.id for each in catalog.list_products().items] == [product.id]
    refused(errors.WordsRefused, partial(goods.make_product, now, shop=shop, title="加微信"))
    assert [each.id for each in catalog.list_products().items] == [product.id]


def test_a_shop_is_reported_and_its_name_is_held_against_the_rules(
    now: datetime, lin: Person, mei: Person, staff: Person
) -> None:
    refused(errors.WordsRefused, partial(goods.make_shop, now, owner_id=lin.id, name="加微信"))
    assert catalog.list_shops_of(lin.id) == ()
    shop = goods.make_shop(now, owner_id=lin.id, name="刷单小店")

    judging.report(now, mei, SubjectKind.SHOP, shop.id)
    refused(errors.OwnSubject, partial(judging.report, now, lin, SubjectKind.SHOP, shop.id))

    (case,) = queries.list_cases().items
    assert (case.subject.kind, case.is_held, case.report_count, case.hit_count) == (SubjectKind.SHOP, False, 1, 1)
    refused(errors.OutcomeImpossible, partial(judging.decide, now, staff, case.id, Outcome.WITHHOLD))
