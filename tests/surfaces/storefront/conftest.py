"""A small market, people with browsers, and the footprint that a refused request must leave as it was."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client

from tests.builders import goods
from tests.builders.people import make_person
from wuyou.domains.catalog.types import Product, Shop
from wuyou.domains.groupbuy.types import Campaign
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.tokens import new_token


@dataclass(frozen=True)
class Market:
    """One shop with one product: ¥59 alone, ¥39 for a team of two; the shop pays 10 % commission."""

    owner: Person
    shop: Shop
    product: Product
    campaign: Campaign

    @property
    def variant_id(self) -> int:
        return self.product.variants[0].id


@pytest.fixture(autouse=True)
def without_built_names(plain_static_files: None) -> None:
    """No page here needs a collected manifest."""


def make_market() -> Market:
    now = utc_now()
    owner = make_person(now, "Zhou")
    shop = goods.make_shop(now, owner_id=owner.id)
    goods.make_plan(now, shop)
    product = goods.make_product(now, shop=shop)
    return Market(owner, shop, product, goods.make_campaign(now, product, size=2))


@pytest.fixture
def market(db: None) -> Market:
    """A market that is rolled back."""
    return make_market()


@pytest.fixture
def committed(world: None) -> Market:
    """A market that is committed, for what handlers do."""
    return make_market()


def browser(person: Person | None = None, language: str = "en") -> Client:
    """The browser of somebody who has signed in, or of a stranger."""
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    if person is not None:
        client.force_login(get_user_model().objects.get(pk=person.id))
    return client


def key() -> dict[str, str]:
    """The hidden field of a form that was just rendered."""
    return {"idempotency_key": new_token()}


def footprint() -> dict[str, str]:
    """Every table but sessions with a digest of its rows: two equal footprints mean that nothing has changed.

    Most have none, and are not asked: it would take ten times as long.
    """
    has_pages = dict(
        db.rows(
            """
            SELECT c.relname, pg_relation_size(c.oid) > 0 FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'django_session'
            """
        )
    )
    digests = " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t HAVING count(*) > 0"
        for name in sorted(has_pages)
        if has_pages[name]
    )
    return dict.fromkeys(has_pages, "") | dict(db.rows(digests))
