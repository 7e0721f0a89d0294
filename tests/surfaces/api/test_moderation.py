"""Reports, decisions and the public log over the API."""

from __future__ import annotations

import pytest

from tests.builders import moderation as judging
from tests.builders import things
from tests.builders.people import make_person
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import everything
from wuyou.domains.moderation import queries
from wuyou.domains.moderation.types import Category, Outcome, Verdict
from wuyou.domains.things.types import Thing
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

NOBODY = ApiClient()


@pytest.fixture
def mei(db: None) -> ApiClient:
    return new_client()


@pytest.fixture
def thing(mei: ApiClient) -> Thing:
    known = things.make_thing(utc_now(), "海鸥相机")
    things.make_holding(utc_now(), mei.person, known, audience=PUBLIC)
    return known


def test_a_report_is_one_s_own_and_its_answer_comes_to_who_made_it(mei: ApiClient, thing: Thing) -> None:
    lin, other = new_client(), new_client()
    review = things.make_review(utc_now(), mei.person, thing, "包治百病")
    said = {"kind": "REVIEW", "subject_id": review, "category": "FALSEHOOD", "words": "没有疗效"}

    made = lin.post("/reports", said, key="report-1")

    assert (made.status, made.body["outcome"]) == (201, None)
    assert lin.post("/reports", said).body == made.body
    assert other.get("/reports").ok()["items"] == []
    (case,) = queries.list_cases().items
    decision = judging.decide(utc_now(), make_person(utc_now(), is_staff=True), case.id, Outcome.WARN, note="慎言")
    (line,) = lin.get("/reports").ok()["items"]
    assert (line["id"], line["outcome"]) == (made.body["id"], "WARN")
    own = mei.get(f"/decisions/{decision}").ok()
    assert (own["outcome"], own["note"], own["appeal"]) == ("WARN", "慎言", None)
    assert mei.get("/decisions").ok()["items"] == [own]
    assert lin.get(f"/decisions/{decision}").code == "moderation.decision_not_found"

    appealed = mei.post(f"/decisions/{decision}/appeal", {"words": "说的是心情"})

    assert (appealed.status, appealed.body["appeal"]["is_granted"]) == (201, None)
    assert mei.post(f"/decisions/{decision}/appeal", {"words": "再说一次"}).code == "moderation.appealed_already"
    (logged,) = NOBODY.get("/moderation/log").ok()["items"]
    assert (logged["kind"], logged["outcome"], logged["was_reported"]) == ("REVIEW", "WARN", True)
    assert not {"id", "subject_id", "note", "owner"} & set(logged)


def test_what_cannot_be_reported_or_appealed_changes_nothing(mei: ApiClient, thing: Thing) -> None:
    lin = new_client()
    hidden = things.make_review(utc_now(), mei.person, thing, "只给自己", audience=things.ONLY_ME)
    mine = things.make_review(utc_now(), mei.person, thing, "我说的")
    before = everything()
    for who, body, code in (
        (lin, {"kind": "REVIEW", "subject_id": hidden, "category": "FRAUD"}, "moderation.subject_not_found"),
        (lin, {"kind": "SHOP", "subject_id": 1, "category": "FRAUD"}, "moderation.subject_not_found"),
        (mei, {"kind": "REVIEW", "subject_id": mine, "category": "FRAUD"}, "moderation.own_subject"),
        (lin, {"kind": "REVIEW", "subject_id": mine, "category": "NOTHING"}, "surface.form_malformed"),
    ):
        assert who.post("/reports", body).code == code, body
    assert lin.post("/decisions/1/appeal", {"words": "不对"}).code == "moderation.decision_not_found"
    assert everything() == before


def test_words_that_a_rule_refuses_are_refused_here_too_and_what_it_holds_is_one_s_own(
    mei: ApiClient, thing: Thing
) -> None:
    staff, lin = make_person(utc_now(), is_staff=True), new_client()
    judging.make_rule(utc_now(), staff, "加微信", Verdict.REFUSE, Category.ADVERTISING)
    judging.make_rule(utc_now(), staff, "刷单")
    path, everyone = f"/things/{thing.id}/reviews", {"to": {"everyone": True}}

    refused = mei.post(path, {"text": "加 微 信", "audience": everyone})
    held = mei.post(path, {"text": "刷單", "audience": everyone}).ok()

    assert (refused.status, refused.code) == (422, "moderation.words_refused")
    assert "加 微 信" in refused.body["detail"]
    assert mei.get(f"/reviews/{held['id']}").status == 200
    waiting = mei.get("/decisions/waiting").ok()["items"]
    assert waiting == [{"kind": "REVIEW", "subject_id": held["id"], "category": "FRAUD"}]
    assert lin.get("/decisions/waiting").ok()["items"] == []
    assert lin.get(f"/reviews/{held['id']}").status == NOBODY.get(f"/reviews/{held['id']}").status == 404
