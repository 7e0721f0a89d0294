"""Staff see what was found and decide; the publisher reads why, and appeals; nobody learns who bought."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.builders import holds
from tests.builders.people import make_person
from tests.surfaces.staff.conftest import signed_in
from tests.surfaces.storefront.conftest import browser, footprint, key
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.hold_types import HoldState
from wuyou.infra import db
from wuyou.kernel.clock import utc_now


def test_sale_is_looked_at_punished_appealed_and_let_go(world: None, plain_static_files: None) -> None:
    now = utc_now()
    lin, stranger = make_person(now, "Lin"), make_person(now, "Mei")
    market, hold = db.in_transaction(lambda: holds.held_of(now, lin.id))
    first, second = signed_in(make_person(now, is_staff=True)), signed_in(make_person(now, is_staff=True))
    with CaptureQueriesContext(connection) as asked:
        page = first.get(reverse("staff:holds")).content.decode()
    assert hold.order_no in page
    assert len(asked) <= 12
    detail = reverse("staff:hold", args=[hold.id])
    assert "SELF_BUY.1" in first.get(detail).content.decode()

    decide, appeal = reverse("staff:decide-hold", args=[hold.id]), reverse("studio:appeal-hold", args=[hold.id])
    before = footprint()
    assert first.post(decide, key() | {"decision": "punish", "text": " "}).status_code == 422
    assert footprint() == before
    assert first.post(decide, key() | {"decision": "punish", "text": "This was no sale."}).status_code == 302

    mine = reverse("studio:hold", args=[hold.id])
    read = browser(lin).get(mine).content.decode()
    assert "This was no sale." in read
    (buyer_name,) = db.rows("SELECT display_name FROM identity_user WHERE id = %s", [market.shop.owner_id])[0]
    assert buyer_name not in read
    assert hold.order_no not in read
    others = (browser(stranger), first)
    before = footprint()
    for who in others:  # staff have no part in it either
        assert who.get(mine).status_code == 404
        assert who.post(appeal, key() | {"words": "me"}).status_code == 404
    assert footprint() == before
    assert browser(lin).post(appeal, key() | {"words": "It was a present."}).status_code == 302
    assert browser(lin).post(appeal, key() | {"words": "Again."}).status_code == 409

    form = {"decision": "release", "text": "A present indeed."}
    assert first.post(decide, key() | form).status_code == 403
    assert second.post(decide, key() | form).status_code == 302
    assert queries.get_hold(hold.id).state is HoldState.RELEASED
    listed = browser(lin, "zh-hans").get(reverse("studio:holds")).content.decode()
    assert mine in listed
