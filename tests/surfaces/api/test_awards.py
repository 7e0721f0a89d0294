"""Awards by the API: who shows that they won, without figures; and one's own, with them."""

from __future__ import annotations

import pytest

from tests.builders import awards, social
from tests.builders.people import make_person
from tests.surfaces.api.client import ApiClient, client_for
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.usefixtures("world")


def test_awards_of_a_month_name_who_shows_it_to_who_may_meet_them() -> None:
    now, mei, lin = utc_now(), make_person(utc_now(), "Mei"), make_person(utc_now(), "Lin")
    anybody = ApiClient()
    assert anybody.get("/awards").ok() == {"month": None, "items": []}
    honour = awards.won_by(now, mei)
    month = honour.round.month.isoformat()
    (given,) = anybody.get("/awards").ok()["items"]
    assert given["winners"] == []

    awards.show(honour)

    told = anybody.get(f"/awards?month={month[:8]}15").ok()
    ((given,), told_month) = told["items"], told["month"]
    assert told_month == month
    assert given["award"] == {
        "id": honour.round.award.id, "title": "月度好文", "title_en": "Read of the month", "rule": "MOST_READ",
        "least": 20, "least_reads": 0, "winner_count": 1,
    }  # fmt: skip
    (winner,) = given["winners"]
    assert (winner["place"], winner["person"]["id"]) == (1, mei.id)
    assert "figure" not in str(told)
    social.block(now, mei, lin)
    assert client_for(lin).get("/awards").ok()["items"][0]["winners"] == []
    assert anybody.get("/awards?month=1999-12-01").ok()["items"] == []
    assert anybody.get("/awards?month=soon").code == "surface.form_malformed"


def test_figures_are_told_to_the_winner_alone() -> None:
    now, mei = utc_now(), make_person(utc_now(), "Mei")
    awards.withdraw(now, awards.won_by(now, mei), "照片不是本人拍的")

    (mine,) = client_for(mei).get("/me/awards").ok()["items"]

    assert {name: mine[name] for name in ("place", "state", "is_shown", "figure", "reads", "reason")} == {
        "place": 1, "state": "WITHDRAWN", "is_shown": False, "figure": 100, "reads": 100, "reason": "照片不是本人拍的",
    }  # fmt: skip
    assert client_for(make_person(now)).get("/me/awards").ok()["items"] == []
    assert ApiClient().get("/me/awards").status == 401
