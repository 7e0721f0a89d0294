"""Staff let people recruit, set subsidies, and call for goods in the site's name."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.builders.people import make_person
from tests.surfaces.staff.conftest import signed_in
from tests.surfaces.storefront.conftest import footprint, key, make_market
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import EnrolmentState
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now


def send(client: Client, page: str, *arguments: object, **said: object) -> int:
    return client.post(reverse(f"staff:{page}", args=arguments), key() | said).status_code


def test_what_staff_set_is_there_once(world: None, plain_static_files: None) -> None:
    market, lin = make_market(), make_person(utc_now(), "Lin")
    client = signed_in(make_person(utc_now(), is_staff=True))
    assert send(client, "let-recruit", handle=f"@{lin.handle}") == 302
    (recruiter,) = queries.list_recruiters()
    assert recruiter.user_id == lin.id

    subsidy = {"name": "春天", "rate": "2.5", "cap": "3.00", "budget": "500", "product": market.product.id, "days": 30}
    form = key() | subsidy
    for _ in range(2):  # the same form again is obeyed once
        assert client.post(reverse("staff:add-subsidy"), form).status_code == 302
    (set_,) = queries.list_subsidies()
    assert (set_.rate_bps, set_.cap.amount_minor, set_.budget.amount_minor) == (250, 300, 50_000)
    assert (set_.shop_id, set_.product_id) == (market.shop.id, market.product.id)

    assert send(client, "open-activity", title="秋收", least_rate="12", enrol_days=7, days=30) == 302
    (activity,) = queries.list_activities(None)
    for rate_bps, accepts in ((1_200, "no"), (1_500, "yes")):
        enrolled = db.in_transaction(
            lambda rate_bps=rate_bps: alliance.enrol(
                actor=Actor(market.owner.id),
                activity_id=activity.id,
                product_id=market.product.id,
                rate_bps=rate_bps,
                now=utc_now(),
            )
        )
        page = client.get(reverse("staff:activity", args=[activity.id])).content.decode()
        assert market.product.title_en in page or market.product.title in page
        assert (
            send(client, "decide-enrolment", enrolled.id, accepts=accepts, words="太贵" if accepts == "no" else "")
            == 302
        )
    states = [one.state for one in queries.list_enrolments(activity.id)]
    assert states == [EnrolmentState.ACCEPTED, EnrolmentState.REFUSED]
    page = client.get(reverse("staff:alliance")).content.decode()
    assert all(word in page for word in ("春天", "秋收", "Lin"))


def test_what_does_not_fit_changes_nothing(world: None, plain_static_files: None) -> None:
    market, host = make_market(), make_person(utc_now(), "Hou")
    publisher = db.in_transaction(lambda: alliance.ensure_publisher(user_id=host.id, now=utc_now()))
    client = signed_in(make_person(utc_now(), is_staff=True))
    before = footprint()
    fits = {"name": "x", "rate": "1", "cap": "1", "budget": "1", "days": 3}
    refused: list[tuple[str, list[object], dict[str, object], int]] = [
        ("let-recruit", [], {"handle": "nobody_here"}, 404),
        ("let-recruit", [], {"handle": ""}, 422),
        ("add-subsidy", [], fits | {"cap": "0"}, 422),
        ("add-subsidy", [], fits | {"rate": "101"}, 422),
        ("add-subsidy", [], fits | {"product": 10**9}, 404),
        ("open-activity", [], {"title": "x", "least_rate": "91", "enrol_days": 1, "days": 1}, 422),
        ("decide-enrolment", [10**9], {"accepts": "yes"}, 404),
    ]
    for page, arguments, said, status in refused:
        assert send(client, page, *arguments, **said) == status, (page, said)
    assert footprint() == before
    assert market.shop
    assert publisher.recruits_since is None
    assert client.get(reverse("staff:activity", args=[10**9])).status_code == 404
