"""What of a campaign may change while it runs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.groupbuy import errors, operations
from wuyou.domains.groupbuy.types import Campaign
from wuyou.infra import db
from wuyou.kernel.actor import Actor

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def product(now: datetime) -> Product:
    return goods.make_product(now)


def change(now: datetime, campaign: Campaign, product: Product, actor: Actor | None = None, **said: object) -> Campaign:
    owner = actor or Actor(catalog.get_shop(product.shop_id).owner_id)
    kept = {
        "max_per_order": campaign.max_per_order,
        "max_per_person": campaign.max_per_person,
        "total_limit": campaign.total_limit,
        "closes_at": campaign.closes_at,
    }
    return db.in_transaction(
        lambda: operations.change_campaign(
            actor=owner,
            campaign_id=campaign.id,
            now=now,
            **(kept | said),  # type: ignore[arg-type]
        )
    )


def test_limits_and_end_move_and_size_stays(now: datetime, product: Product) -> None:
    campaign = goods.make_campaign(now, product, total_limit=10, max_per_person=4)
    changed = change(now, campaign, product, max_per_order=2, total_limit=20, closes_at=now + timedelta(days=1))
    assert (changed.max_per_order, changed.total_limit, changed.size) == (2, 20, campaign.size)
    assert change(now, changed, product, total_limit=None).total_limit is None


def test_no_fewer_than_are_taken_and_no_limit_that_was_not_counted(now: datetime, product: Product) -> None:
    campaign = goods.make_campaign(now, product, total_limit=10, max_per_order=5)
    teams.open_team(now, make_person(now), campaign, product, quantity=3)
    free = goods.make_campaign(now, other := goods.make_product(now))
    stranger = Actor(make_person(now).id)

    before = footprint()
    with pytest.raises(errors.CampaignMalformed):
        change(now, campaign, product, total_limit=2)
    with pytest.raises(errors.CampaignMalformed):
        change(now, free, other, total_limit=100)
    with pytest.raises(errors.CampaignMalformed):
        change(now, free, other, max_per_person=3)
    with pytest.raises(errors.CampaignMalformed):
        change(now, campaign, product, closes_at=now)
    with pytest.raises(errors.CampaignNotFound):
        change(now, campaign, product, stranger, max_per_order=1)
    assert footprint() == before
    assert change(now, campaign, product, total_limit=3).total_limit == 3


def test_what_is_over_stays_over_and_the_next_one_is_not_run_into(now: datetime, product: Product) -> None:
    owner = Actor(catalog.get_shop(product.shop_id).owner_id)
    first = goods.make_campaign(now, product, closes_at=now + timedelta(days=2))
    db.in_transaction(
        lambda: operations.open_campaign(
            actor=owner, product_id=product.id, size=2, opens_at=now + timedelta(days=3), now=now
        )
    )
    before = footprint()
    with pytest.raises(errors.CampaignOverlaps):
        change(now, first, product, closes_at=now + timedelta(days=4))
    assert footprint() == before
    later = now + timedelta(days=2)
    with pytest.raises(errors.CampaignClosed):
        change(later, first, product, closes_at=later + timedelta(hours=1))
