"""Nobody changes a shop without leaving a row in its log: each operation that does so for somebody writes the act.

Every public operation that takes an actor stands in one of two tables: how it is called, and what it is called in the
log, or why what it changes is no shop. A new one that stands in neither is told here.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from pytest_django import Settings

import wuyou.domains
from tests.builders import alliance as markets
from tests.builders import claims as claiming
from tests.builders import goods
from tests.builders.keywords import make_keyword
from tests.builders.pictures import make_photo
from wuyou.domains.aftersales import operations as aftersales
from wuyou.domains.aftersales.types import ClaimKind
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import Collaboration
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog import queries as catalog_queries
from wuyou.domains.catalog.operations import VariantDraft
from wuyou.domains.catalog.types import PhotoDraft, Product, Role
from wuyou.domains.complaints import operations as complaints
from wuyou.domains.complaints.types import Reason
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy.types import Campaign
from wuyou.domains.identity import queries as identity
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders.types import Order, ParcelDraft, ScanKind
from wuyou.domains.promotions import operations as promotions
from wuyou.domains.promotions.types import Funder, Promotion, PromotionDraft, PromotionKind
from wuyou.infra import db as database
from wuyou.infra import pictures
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency
from wuyou.surfaces.seller.pages.clerks import DONE

DAY = timedelta(days=1)


@dataclass
class Stage:
    """A shop with its owner, somebody who works there, and people around it."""

    now: datetime
    market: markets.Market = field(init=False)
    owner: Actor = field(init=False)
    clerk: Actor = field(init=False)
    product: Product = field(init=False)

    def __post_init__(self) -> None:
        self.market = markets.Market(self.now)
        self.owner = Actor(self.market.shop.owner_id)
        self.clerk = Actor(self.market.person())
        self.invite(self.clerk)
        catalog.answer_invitation(actor=self.clerk, shop_id=self.shop_id, accepts=True, now=self.now)
        drafts = [VariantDraft(name, name, goods.yuan(5_900), goods.yuan(3_900)) for name in ("one", "two")]
        self.product = goods.make_product(self.now, shop=self.market.shop, variants=drafts)

    @property
    def shop_id(self) -> int:
        return self.market.shop.id

    def invite(self, who: Actor) -> None:
        catalog.invite_clerk(
            actor=self.owner, shop_id=self.shop_id, person_id=who.person_id, role=Role.MANAGER, now=self.now
        )

    @property
    def variant_id(self) -> int:
        return self.product.variants[0].id

    def photos(self, count: int, product_id: int | None) -> tuple[int, ...]:
        drafts = [PhotoDraft("a.jpg", pictures.take_in(make_photo(64, 64, seed))) for seed in range(count)]
        return catalog.add_photos(
            actor=PLATFORM, shop_id=self.shop_id, product_id=product_id, drafts=drafts, now=self.now
        )

    def order(self) -> Order:
        """A paid order of two pieces."""
        placed = self.market.buy(self.market.person(), self.product, quantity=2)
        return orders_queries.get_order(placed.id)

    def sent(self) -> Order:
        order = self.order()
        orders.ship_order(actor=PLATFORM, order_id=order.id, now=self.now, parcel=ParcelDraft("LOCAL"))
        return order

    def campaign(self, opens_at: datetime | None = None) -> Campaign:
        return groupbuy.open_campaign(
            actor=PLATFORM, product_id=self.product.id, size=3, max_per_order=5, opens_at=opens_at, now=self.now
        )

    def team(self) -> int:
        """A forming team, whose leader has paid."""
        seat = groupbuy.open_team(
            actor=Actor(self.market.person()),
            campaign_id=self.campaign().id,
            variant_id=self.variant_id,
            quantity=1,
            now=self.now,
        )
        self.market.pay(orders_queries.get_order(seat.order_id))  # type: ignore[arg-type]
        groupbuy.pay_seat(order_id=seat.order_id, now=self.now)
        return seat.team_id

    def coupon(self) -> PromotionDraft:
        return PromotionDraft(
            kind=PromotionKind.COUPON,
            funder=Funder.SHOP,
            name="券",
            currency=Currency.CNY,
            from_=self.now,
            until=self.now + DAY,
            shop_id=self.shop_id,
            off_minor=100,
            threshold_minor=101,
        )

    def opened_coupon(self) -> Promotion:
        return promotions.open_promotion(actor=PLATFORM, draft=self.coupon(), now=self.now)

    def collaboration(self) -> Collaboration:
        return alliance.open_collaboration(
            actor=PLATFORM, shop_id=self.shop_id, name="圈", terms="", takes_applications=True, now=self.now
        )

    def applied(self) -> int:
        publisher = self.market.publisher()
        return alliance.apply_to_join(
            actor=Actor(publisher.user_id),
            collaboration_id=self.collaboration().id,
            publisher_id=publisher.id,
            words="",
            now=self.now,
        ).id

    def activity_id(self) -> int:
        return alliance.open_activity(
            actor=PLATFORM, recruiter_id=None, title="秋", brief="", keyword_ids=[], least_rate_bps=100, service_bps=0,
            enrols_until=self.now + DAY, from_=self.now, until=self.now + DAY, now=self.now,
        ).id  # fmt: skip

    def claim(self, kind: ClaimKind) -> tuple[int, str]:
        """A claim, of a return one that is on its way back; with the order's number."""
        order = self.sent()
        person = identity.persons_by_id([order.buyer_id])[order.buyer_id]
        buyer = Actor(person.id)
        if kind is ClaimKind.RETURN:
            orders.receive_order(order_id=order.id, now=self.now)
        draft = claiming.draft_for(order.order_no, person, kind=kind)
        claim_id = aftersales.ask(actor=buyer, order_no=order.order_no, draft=draft, now=self.now)
        if kind is ClaimKind.RETURN:
            aftersales.agree(actor=self.owner, claim_id=claim_id, now=self.now)
            parcel = ParcelDraft("SF", "SF1234567890")
            aftersales.send_back(actor=buyer, claim_id=claim_id, parcel=parcel, now=self.now)
        return claim_id, order.order_no


@dataclass(frozen=True)
class Attempt:
    """What somebody is about to do, and what the log says then that it is about."""

    do: Callable[[Actor], Any]
    about: object = ""
    """A function of what the operation returned, where that is new."""
    refused: Callable[[Actor], Any] | None = None
    """What is refused to everybody; None where the same is refused to a stranger. Who may send and give back is asked
    by who calls the operation."""
    by: Callable[[Stage], Actor] = lambda stage: stage.clerk
    changes_nothing: Callable[[Actor], Any] | None = None
    """What changes nothing after it."""


CASES: list[tuple[str, str, Callable[[Stage], Attempt]]] = []
"""The operations that change a shop: what the log calls it, and an attempt."""


def case(operation: str, what: str) -> Callable[[Callable[[Stage], Attempt]], Callable[[Stage], Attempt]]:
    def keep(scene: Callable[[Stage], Attempt]) -> Callable[[Stage], Attempt]:
        CASES.append((operation, what, scene))
        return scene

    return keep


# ---------------------------------------------------------------- the catalogue, and its stock


@case("catalog.invite_clerk", "clerks")
def _(stage: Stage) -> Attempt:
    new = stage.market.person()
    return Attempt(
        lambda actor: catalog.invite_clerk(
            actor=actor, shop_id=stage.shop_id, person_id=new, role=Role.GOODS, now=stage.now
        ),
        new,
        by=lambda stage: stage.owner,
    )


@case("catalog.answer_invitation", "invitations")
def _(stage: Stage) -> Attempt:
    asked = Actor(stage.market.person(), is_staff=True)
    stage.invite(asked)
    return Attempt(
        lambda actor: catalog.answer_invitation(actor=actor, shop_id=stage.shop_id, accepts=False, now=stage.now),
        "no",
        by=lambda _stage: asked,
    )


@case("catalog.end_clerk", "end-clerk")
def _(stage: Stage) -> Attempt:
    gone = stage.clerk.person_id
    return Attempt(
        lambda actor: catalog.end_clerk(actor=actor, shop_id=stage.shop_id, person_id=gone, now=stage.now),
        gone,
        by=lambda stage: stage.owner,
    )


@case("catalog.end_clerk", "leave")
def _(stage: Stage) -> Attempt:
    return Attempt(
        lambda actor: catalog.end_clerk(actor=actor, shop_id=stage.shop_id, person_id=actor.person_id, now=stage.now)
    )


@case("catalog.add_product", "new-product")
def _(stage: Stage) -> Attempt:
    return Attempt(
        lambda actor: catalog.add_product(
            actor=actor, shop_id=stage.shop_id, title="茶", title_en="Tea", brief="", brief_en="", picture="gift",
            variants=[VariantDraft("一", "One", goods.yuan(900))], now=stage.now,
        ),
        lambda made: made.id,
    )  # fmt: skip


@case("catalog.set_prices", "save-variants")
def _(stage: Stage) -> Attempt:
    def set_prices(actor: Actor) -> object:
        price = goods.yuan(6_900)
        return catalog.set_prices(actor=actor, variant_id=stage.variant_id, price=price, team_price=None, now=stage.now)

    return Attempt(set_prices, stage.product.id, changes_nothing=set_prices)


@case("catalog.unlist_product", "shelve-product")
def _(stage: Stage) -> Attempt:
    def unlist(actor: Actor) -> object:
        return catalog.unlist_product(actor=actor, product_id=stage.product.id, now=stage.now)

    return Attempt(unlist, stage.product.id, changes_nothing=unlist)


@case("catalog.list_product", "shelve-product")
def _(stage: Stage) -> Attempt:
    def put_up(actor: Actor) -> object:
        return catalog.list_product(actor=actor, product_id=stage.product.id, now=stage.now)

    catalog.unlist_product(actor=PLATFORM, product_id=stage.product.id, now=stage.now)
    return Attempt(put_up, stage.product.id, changes_nothing=put_up)


@case("catalog.describe_product", "describe-product")
def _(stage: Stage) -> Attempt:
    def describe(actor: Actor) -> object:
        return catalog.describe_product(
            actor=actor, product_id=stage.product.id, title="茶", title_en="Tea", brief="甜", brief_en="Sweet",
            picture="tea", now=stage.now,
        )  # fmt: skip

    return Attempt(describe, stage.product.id, changes_nothing=describe)


@case("catalog.add_variant", "add-variant")
def _(stage: Stage) -> Attempt:
    draft = VariantDraft("三", "Three", goods.yuan(900))
    return Attempt(
        lambda actor: catalog.add_variant(actor=actor, product_id=stage.product.id, draft=draft, now=stage.now),
        stage.product.id,
    )


@case("catalog.rename_variant", "save-variants")
def _(stage: Stage) -> Attempt:
    def rename(actor: Actor) -> object:
        return catalog.rename_variant(actor=actor, variant_id=stage.variant_id, name="罐", name_en="Jar", now=stage.now)

    return Attempt(rename, stage.product.id, changes_nothing=rename)


@case("catalog.set_product_keywords", "set-product-keywords")
def _(stage: Stage) -> Attempt:
    put = [make_keyword(stage.now).id]

    def set_keywords(actor: Actor) -> object:
        return catalog.set_product_keywords(actor=actor, product_id=stage.product.id, keyword_ids=put, now=stage.now)

    return Attempt(set_keywords, stage.product.id, changes_nothing=set_keywords)


@case("catalog.add_photos", "add-product-photos")
def _(stage: Stage) -> Attempt:
    draft = PhotoDraft("a.jpg", pictures.take_in(make_photo(64, 64)))

    def add(actor: Actor, count: int = 1) -> object:
        drafts = [draft] * count
        return catalog.add_photos(
            actor=actor, shop_id=stage.shop_id, product_id=stage.product.id, drafts=drafts, now=stage.now
        )

    return Attempt(add, stage.product.id, changes_nothing=lambda actor: add(actor, 0))


@case("catalog.add_photos", "photos")
def _(stage: Stage) -> Attempt:
    drafts = [PhotoDraft("a.jpg", pictures.take_in(make_photo(64, 64)))]
    return Attempt(
        lambda actor: catalog.add_photos(
            actor=actor, shop_id=stage.shop_id, product_id=None, drafts=drafts, now=stage.now
        )
    )


@case("catalog.arrange_photos", "change-photo")
def _(stage: Stage) -> Attempt:
    one, two = stage.photos(2, stage.product.id)

    def swap(actor: Actor) -> object:
        return catalog.arrange_photos(actor=actor, product_id=stage.product.id, photo_ids=[two, one], now=stage.now)

    return Attempt(swap, stage.product.id, changes_nothing=swap)


@case("catalog.arrange_photos", "take-up-photos")
def _(stage: Stage) -> Attempt:
    aside = stage.photos(1, None)
    return Attempt(
        lambda actor: catalog.arrange_photos(actor=actor, product_id=stage.product.id, photo_ids=aside, now=stage.now),
        stage.product.id,
    )


@case("catalog.describe_photo", "change-photo")
def _(stage: Stage) -> Attempt:
    (photo,) = stage.photos(1, stage.product.id)

    def describe(actor: Actor) -> object:
        return catalog.describe_photo(
            actor=actor, shop_id=stage.shop_id, photo_id=photo, alt="罐", alt_en="Jar", variant_id=None, now=stage.now
        )

    return Attempt(describe, photo, changes_nothing=describe)


@case("catalog.remove_photos", "change-photo")
def _(stage: Stage) -> Attempt:
    one, two = stage.photos(2, stage.product.id)
    return Attempt(
        lambda actor: catalog.remove_photos(actor=actor, shop_id=stage.shop_id, photo_ids=[two, one], now=stage.now),
        f"{one} {two}",
    )


@case("inventory.add_stock", "save-variants")
def _(stage: Stage) -> Attempt:
    return Attempt(
        lambda actor: inventory.add_stock(actor=actor, variant_id=stage.variant_id, quantity=5, now=stage.now),
        stage.product.id,
    )


@case("inventory.change_stock", "save-variants")
def _(stage: Stage) -> Attempt:
    return Attempt(
        lambda actor: inventory.change_stock(actor=actor, variant_id=stage.variant_id, by=-5, now=stage.now),
        stage.product.id,
    )


# ---------------------------------------------------------------- orders


@case("orders.ship_order", "ship")
def _(stage: Stage) -> Attempt:
    order, sent = stage.order(), stage.sent()

    def ship(actor: Actor, order_id: int = order.id) -> object:
        return orders.ship_order(actor=actor, order_id=order_id, now=stage.now)

    return Attempt(ship, order.order_no, refused=lambda actor: ship(actor, sent.id))


@case("orders.ship_orders", "ship-many")
def _(stage: Stage) -> Attempt:
    first, second, sent = stage.order(), stage.order(), stage.sent()

    def ship(actor: Actor, *also: Order) -> object:
        parcels = [(order.id, ParcelDraft("LOCAL")) for order in (first, second, *also)]
        return orders.ship_orders(actor=actor, parcels=parcels, now=stage.now)

    return Attempt(ship, refused=lambda actor: ship(actor, sent))


@case("orders.correct_parcel", "correct-parcel")
def _(stage: Stage) -> Attempt:
    order = stage.sent()

    def correct(actor: Actor, number: str = "SF7654321") -> object:
        parcel = ParcelDraft("SF", number)
        return orders.correct_parcel(actor=actor, order_id=order.id, parcel=parcel, now=stage.now)

    return Attempt(correct, order.order_no, refused=lambda actor: correct(actor, "1"))


@case("orders.record_scan", "scan")
def _(stage: Stage) -> Attempt:
    order = stage.sent()

    def scan(actor: Actor, place: str = "西安") -> object:
        return orders.record_scan(actor=actor, order_id=order.id, kind=ScanKind.PICKED_UP, place=place, now=stage.now)

    return Attempt(scan, order.order_no, refused=lambda actor: scan(actor, "\x00"))


@case("orders.request_refund", "refund")
def _(stage: Stage) -> Attempt:
    order = stage.order()

    def refund(actor: Actor, minor: int = 100) -> object:
        return orders.request_refund(seller=actor, order_id=order.id, amount_minor=minor, reason="shop", now=stage.now)

    return Attempt(refund, order.order_no, refused=lambda actor: refund(actor, 10**9))


@case("orders.refund_unsent", "refund-unsent")
def _(stage: Stage) -> Attempt:
    order, sent = stage.order(), stage.sent()

    def drop(actor: Actor, order_id: int = order.id) -> object:
        return orders.refund_unsent(seller=actor, order_id=order_id, reason="shop", now=stage.now)

    return Attempt(drop, order.order_no, refused=lambda actor: drop(actor, sent.id))


@case("aftersales.agree", "claim-agreed")
def _(stage: Stage) -> Attempt:
    claim_id, order_no = stage.claim(ClaimKind.REFUND)
    return Attempt(lambda actor: aftersales.agree(actor=actor, claim_id=claim_id, now=stage.now), order_no)


@case("aftersales.refuse", "claim-refused")
def _(stage: Stage) -> Attempt:
    claim_id, order_no = stage.claim(ClaimKind.REFUND)
    return Attempt(
        lambda actor: aftersales.refuse(actor=actor, claim_id=claim_id, text="好的。", now=stage.now), order_no
    )


@case("aftersales.confirm_return", "claim-arrived")
def _(stage: Stage) -> Attempt:
    claim_id, order_no = stage.claim(ClaimKind.RETURN)
    return Attempt(lambda actor: aftersales.confirm_return(actor=actor, claim_id=claim_id, now=stage.now), order_no)


@case("aftersales.object_to_return", "claim-objected")
def _(stage: Stage) -> Attempt:
    claim_id, order_no = stage.claim(ClaimKind.RETURN)
    return Attempt(
        lambda actor: aftersales.object_to_return(actor=actor, claim_id=claim_id, text="空的。", now=stage.now),
        order_no,
    )


@case("complaints.reply", "complaint-words")
def _(stage: Stage) -> Attempt:
    order = stage.sent()
    complaint_id = complaints.complain(
        actor=Actor(order.buyer_id), order_no=order.order_no, reason=Reason.DAMAGED, text="碎了。", now=stage.now
    )
    return Attempt(
        lambda actor: complaints.reply(actor=actor, complaint_id=complaint_id, text="补发。", now=stage.now),
        order.order_no,
    )


# ---------------------------------------------------------------- what brings buyers


@case("promotions.open_promotion", "coupons")
def _(stage: Stage) -> Attempt:
    return Attempt(
        lambda actor: promotions.open_promotion(actor=actor, draft=stage.coupon(), now=stage.now),
        lambda made: made.id,
    )


@case("promotions.stop_promotion", "coupons")
def _(stage: Stage) -> Attempt:
    coupon = stage.opened_coupon()

    def stop(actor: Actor) -> object:
        return promotions.stop_promotion(actor=actor, promotion_id=coupon.id, now=stage.now)

    return Attempt(stop, coupon.id, changes_nothing=stop)


@case("alliance.stop_promotion", "coupons")
def _(stage: Stage) -> Attempt:
    coupon = stage.opened_coupon()

    def stop(actor: Actor) -> object:
        return alliance.stop_promotion(actor=actor, promotion_id=coupon.id, now=stage.now)

    return Attempt(stop, coupon.id, changes_nothing=stop)


@case("alliance.set_plan", "set-plan")
def _(stage: Stage) -> Attempt:
    return Attempt(
        lambda actor: alliance.set_plan(
            actor=actor, shop_id=stage.shop_id, product_id=stage.product.id, rate_bps=1_000, publisher_share_bps=7_000,
            partner_share_bps=2_000, platform_share_bps=1_000, from_=stage.now, until=None, now=stage.now,
        ),
        stage.product.id,
    )  # fmt: skip


@case("alliance.open_collaboration", "open-collaboration")
def _(stage: Stage) -> Attempt:
    return Attempt(
        lambda actor: alliance.open_collaboration(
            actor=actor, shop_id=stage.shop_id, name="新圈", terms="", takes_applications=True, now=stage.now
        ),
        lambda made: made.id,
    )


@case("alliance.close_collaboration", "close-collaboration")
def _(stage: Stage) -> Attempt:
    circle = stage.collaboration()

    def close(actor: Actor) -> object:
        return alliance.close_collaboration(actor=actor, collaboration_id=circle.id, now=stage.now)

    return Attempt(close, circle.id, changes_nothing=close)


@case("alliance.open_library", "open-library")
def _(stage: Stage) -> Attempt:
    publisher, product_ids = stage.market.publisher(), [stage.product.id, stage.market.product().id]
    return Attempt(
        lambda actor: alliance.open_library(
            actor=actor, shop_id=stage.shop_id, publisher_id=publisher.id, name="库",
            product_ids=product_ids, rate_bps=1_000, until=None, words="",
            now=stage.now,
        )
    )  # fmt: skip


@case("alliance.invite", "invite")
def _(stage: Stage) -> Attempt:
    circle, publisher = stage.collaboration(), stage.market.publisher()

    def invite(actor: Actor) -> object:
        return alliance.invite(
            actor=actor, collaboration_id=circle.id, publisher_id=publisher.id, words="", now=stage.now
        )

    return Attempt(invite, circle.id, changes_nothing=invite)


@case("alliance.answer_application", "answer-application")
def _(stage: Stage) -> Attempt:
    applied = stage.applied()
    return Attempt(
        lambda actor: alliance.answer_application(actor=actor, participant_id=applied, takes=True, now=stage.now),
        applied,
    )


@case("alliance.end_participation", "end-participation")
def _(stage: Stage) -> Attempt:
    applied = stage.applied()
    alliance.answer_application(actor=PLATFORM, participant_id=applied, takes=True, now=stage.now)
    return Attempt(
        lambda actor: alliance.end_participation(actor=actor, participant_id=applied, now=stage.now), applied
    )


@case("alliance.enrol", "enrol")
def _(stage: Stage) -> Attempt:
    activity_id = stage.activity_id()
    return Attempt(
        lambda actor: alliance.enrol(
            actor=actor, activity_id=activity_id, product_id=stage.product.id, rate_bps=500, now=stage.now
        ),
        activity_id,
    )


@case("alliance.withdraw_enrolment", "withdraw")
def _(stage: Stage) -> Attempt:
    enrolled = alliance.enrol(
        actor=PLATFORM, activity_id=stage.activity_id(), product_id=stage.product.id, rate_bps=500, now=stage.now
    )
    return Attempt(
        lambda actor: alliance.withdraw_enrolment(actor=actor, enrolment_id=enrolled.id, now=stage.now), enrolled.id
    )


@case("groupbuy.open_campaign", "campaigns")
def _(stage: Stage) -> Attempt:
    return Attempt(
        lambda actor: groupbuy.open_campaign(actor=actor, product_id=stage.product.id, size=3, now=stage.now),
        lambda made: made.id,
    )


@case("groupbuy.change_campaign", "change-campaign")
def _(stage: Stage) -> Attempt:
    campaign, closes_at = stage.campaign(), stage.now + DAY

    def change(actor: Actor) -> object:
        return groupbuy.change_campaign(
            actor=actor, campaign_id=campaign.id, max_per_order=2, max_per_person=None, total_limit=None,
            closes_at=closes_at, now=stage.now,
        )  # fmt: skip

    return Attempt(change, campaign.id, changes_nothing=change)


@case("groupbuy.close_campaign", "stop-campaign")
def _(stage: Stage) -> Attempt:
    campaign = stage.campaign(opens_at=stage.now + DAY)
    return Attempt(
        lambda actor: groupbuy.close_campaign(actor=actor, campaign_id=campaign.id, now=stage.now), campaign.id
    )


@case("groupbuy.waive_rest", "waive")
def _(stage: Stage) -> Attempt:
    team_id = stage.team()
    return Attempt(lambda actor: groupbuy.waive_rest(actor=actor, team_id=team_id, now=stage.now), team_id)


@case("groupbuy.cancel_team", "dissolve")
def _(stage: Stage) -> Attempt:
    team_id = stage.team()
    return Attempt(lambda actor: groupbuy.cancel_team(actor=actor, team_id=team_id, now=stage.now), team_id)


OTHERS: dict[str, str] = {
    "a person's own words, pictures, ties and things": """
        content.start_post content.edit_post content.add_photos content.set_film content.remove_post
        content.publish_post content.unschedule_post content.repost content.write_comment content.edit_comment
        content.remove_comment content.react content.take_reaction_back content.thank_for_post
        content.take_thanks_back content.save_post content.unsave_post content.make_series content.rename_series
        content.remove_series feed.choose_personal identity.ask_for_export identity.ask_to_leave
        notifications.subscribe notifications.unsubscribe notifications.note_presence notifications.mark_read
        notifications.set_preference awards.show_honour
        social.appreciate social.withdraw_appreciation social.thank_for_gift social.describe_oneself social.make_face
        social.change_face social.remove_face social.order_faces social.say_hobby social.say_place social.say_age
        social.drop_refuted_age social.open_trait social.take_trait_back social.offer_gift social.accept_gift
        social.decline_gift social.withdraw_gift social.give_gift social.meet social.follow social.unfollow
        social.request_friend social.accept_request social.decline_request social.withdraw_request social.unfriend
        social.block social.unblock social.block_subject social.unblock_subject social.mute social.unmute
        social.set_note social.make_label social.rename_label social.retire_label social.add_to_label
        social.remove_from_label social.correct_tie social.set_preference social.close_reminder
        things.import_holdings things.block_thing things.block_brand things.offer_copy things.give_copy
        things.add_holding things.describe_holding things.move_holding things.move_holdings things.label_holdings
        things.set_audience things.settle_arrivals things.remove_holdings things.mark_thing things.add_photos
        things.remove_photos things.order_photos things.write_review things.edit_review things.remove_review
        things.make_shelf things.rename_shelf things.order_shelves things.remove_shelf things.put_on_shelf
        things.order_shelf things.give_thanks things.take_thanks_back things.annotate things.remove_annotation
        things.reply things.remove_reply things.allow_finding""",
    "what is said between people, also between a buyer and a shop": """
        messaging.open_conversation messaging.mark_seen messaging.mute_conversation messaging.tell_typing
        messaging.set_doors messaging.make_group messaging.add_member messaging.remove_member messaging.leave_group
        messaging.rename_group messaging.make_admin messaging.send_message messaging.edit_message
        messaging.withdraw_message messaging.take_share messaging.call_out messaging.accept messaging.decline""",
    "what a thing is made of is common knowledge, whoever sells it; each step of it is kept with who made it": """
        things.add_drawing things.renew_drawing things.place_mark things.remove_mark things.add_figure
        things.renew_figure things.add_part things.change_part things.retire_part""",
    "a buyer's": """
        orders.place_order orders.note_origin orders.put_in_cart orders.take_from_cart groupbuy.open_team
        groupbuy.join_team alliance.claim_voucher aftersales.ask aftersales.send_back aftersales.pass_on
        aftersales.withdraw complaints.complain complaints.pass_on complaints.solve""",
    "a publisher's or a recruiter's": """
        alliance.apply_to_join alliance.answer_invitation alliance.appeal_hold alliance.open_packet
        alliance.ensure_publisher alliance.let_shops_find alliance.add_slot alliance.set_slot_keywords
        alliance.ensure_link alliance.open_activity alliance.close_activity alliance.decide_enrolment
        alliance.make_selection alliance.change_selection alliance.remove_selection alliance.pick alliance.unpick
        alliance.copy_selection awards.decline_honour awards.withdraw_honour""",
    "the platform's: staff, and editors of channels": """
        catalog.add_keyword catalog.rename_keyword catalog.retire_keyword catalog.restore_keyword
        alliance.release_hold alliance.punish_hold alliance.answer_hold_appeal alliance.set_subsidy
        alliance.let_recruit aftersales.decide complaints.decide awards.make_award awards.end_award
        channels.make_channel channels.describe_channel channels.open_channel channels.close_channel channels.save_rule
        channels.appoint_editor channels.dismiss_editor channels.pin_post channels.put_in channels.keep_out
        channels.let_go moderation.appeal moderation.answer_appeal moderation.decide moderation.report
        moderation.add_term_rule moderation.import_term_rules moderation.retire_term_rule moderation.add_picture_rule
        moderation.retire_picture_rule moderation.screen moderation.screen_each payments.resolve_discrepancy
        things.merge_things""",
    "the act itself": "catalog.note_act",
}
"""What takes an actor and changes no shop, by why."""


def operations_with_an_actor() -> Iterator[str]:
    for domain in pkgutil.iter_modules(wuyou.domains.__path__):
        root = importlib.import_module(f"wuyou.domains.{domain.name}.operations")
        parts = pkgutil.iter_modules(getattr(root, "__path__", []))
        for module in (root, *(importlib.import_module(f"{root.__name__}.{part.name}") for part in parts)):
            for name, found in vars(module).items():
                is_ours = isinstance(found, FunctionType) and (
                    found.__module__ == module.__name__
                    or (module is root and found.__module__.startswith(f"wuyou.domains.{domain.name}."))
                )
                if is_ours and not name.startswith("_") and _takes_actor(found):
                    yield f"{domain.name}.{name}"


def _takes_actor(function: Callable[..., object]) -> bool:
    return any("Actor" in str(each.annotation) for each in inspect.signature(function).parameters.values())


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@contextmanager
def new_acts(stage: Stage) -> Iterator[list[tuple[int, str, str]]]:
    """Who did what meanwhile, about what."""
    before = {act.id for act in catalog_queries.list_acts(stage.shop_id, limit=100).items}
    noted: list[tuple[int, str, str]] = []
    yield noted
    acts = catalog_queries.list_acts(stage.shop_id, limit=100).items
    noted.extend((act.person_id, act.what, act.about) for act in acts if act.id not in before)


def test_every_operation_with_an_actor_writes_an_act_or_says_why_not() -> None:
    listed = [name for names in OTHERS.values() for name in names.split()]
    assert len(listed) == len(set(listed))
    concerned = {operation for operation, _what, _scene in CASES}
    assert not concerned & set(listed)
    found = set(operations_with_an_actor())
    assert len(found) > 200
    assert found == concerned | set(listed)


def test_every_act_has_words_and_no_surface_writes_one() -> None:
    assert {what for _operation, what, _scene in CASES} <= set(DONE)
    surfaces = Path(importlib.import_module("wuyou.surfaces").__path__[0])
    assert [str(file) for file in surfaces.rglob("*.py") if "note_act" in file.read_text()] == []


class Undone(Exception):
    """What was tried is taken back."""


@pytest.mark.parametrize(
    ("what", "scene"), [each[1:] for each in CASES], ids=[f"{each[0]} {each[1]}" for each in CASES]
)
def test_who_changes_a_shop_leaves_one_act(
    db: None, now: datetime, what: str, scene: Callable[[Stage], Attempt]
) -> None:
    stage = Stage(now)
    attempt = scene(stage)
    actor = attempt.by(stage)

    stranger = Actor(stage.market.person())
    refused, who = (attempt.refused, actor) if attempt.refused else (attempt.do, stranger)
    with new_acts(stage) as noted, pytest.raises(DomainError), database.savepoint():
        refused(who)
    assert noted == []

    with suppress(DomainError, Undone), database.savepoint():
        with new_acts(stage) as noted:
            attempt.do(Actor(stranger.person_id, is_staff=True))
        assert noted == [], "what staff do is not the shop's"
        raise Undone

    with new_acts(stage) as noted:
        done = attempt.do(actor)
    about = attempt.about(done) if callable(attempt.about) else attempt.about
    assert noted == [(actor.person_id, what, str(about))]

    if attempt.changes_nothing:
        stage.now += timedelta(minutes=1)
        with new_acts(stage) as noted:
            attempt.changes_nothing(actor)
        assert noted == []


def test_parts_of_a_larger_act_are_one_and_what_is_undone_in_between_loses_none(db: None, now: datetime) -> None:
    stage = Stage(now)
    amid = stage.clerk.within("import-products").within("something else")

    def restock() -> None:
        inventory.change_stock(actor=amid, variant_id=stage.variant_id, by=1, now=now)

    with new_acts(stage) as noted:
        with suppress(Undone), database.savepoint():
            restock()
            raise Undone
        restock()
        catalog.unlist_product(actor=amid, product_id=stage.product.id, now=now)
    assert noted == [(stage.clerk.person_id, "import-products", "")]

    with new_acts(stage) as noted:
        for _time in range(2):
            inventory.change_stock(actor=stage.clerk, variant_id=stage.variant_id, by=1, now=now)
    assert len(noted) == 1
