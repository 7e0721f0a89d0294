"""The workbench's addresses."""

from __future__ import annotations

from django.urls import path

import wuyou.surfaces.ui.parsing  # noqa: F401  (names the converter of ids)
from wuyou.surfaces.seller import access
from wuyou.surfaces.seller.pages import (
    campaigns,
    claims,
    clerks,
    complaints,
    coupons,
    effect,
    enrolling,
    orders,
    overview,
    photos,
    product_files,
    products,
    promotion,
    seeding,
    shipping,
    statement,
    teams,
)

app_name = "seller"

urlpatterns = [
    path("", access.enter, name="enter"),
    path("invitations", clerks.invitations, name="invitations"),
    path("<bigid:shop_id>", overview.overview, name="overview"),
    path("<bigid:shop_id>/orders", orders.orders, name="orders"),
    path("<bigid:shop_id>/orders/ship", shipping.ship_many, name="ship-many"),
    path("<bigid:shop_id>/orders/import", shipping.import_tracking, name="import-tracking"),
    path("<bigid:shop_id>/orders/<slug:order_no>", orders.order, name="order"),
    path("<bigid:shop_id>/orders/<slug:order_no>/ship", shipping.ship, name="ship"),
    path("<bigid:shop_id>/orders/<slug:order_no>/parcel", shipping.correct, name="correct-parcel"),
    path("<bigid:shop_id>/orders/<slug:order_no>/scan", shipping.scan, name="scan"),
    path("<bigid:shop_id>/orders/<slug:order_no>/refund", orders.refund, name="refund"),
    path("<bigid:shop_id>/orders/<slug:order_no>/unsent", shipping.refund_unsent, name="refund-unsent"),
    path("<bigid:shop_id>/claims", claims.claims, name="claims"),
    path("<bigid:shop_id>/products", products.products, name="products"),
    path("<bigid:shop_id>/products/new", products.new_product, name="new-product"),
    path("<bigid:shop_id>/products/import", product_files.import_products, name="import-products"),
    path("<bigid:shop_id>/products/<bigid:product_id>", products.product, name="product"),
    path("<bigid:shop_id>/products/<bigid:product_id>/describe", products.describe, name="describe-product"),
    path("<bigid:shop_id>/products/<bigid:product_id>/keywords", products.set_keywords, name="set-product-keywords"),
    path("<bigid:shop_id>/products/<bigid:product_id>/variants", products.save_variants, name="save-variants"),
    path("<bigid:shop_id>/products/<bigid:product_id>/add", products.add_variant, name="add-variant"),
    path("<bigid:shop_id>/products/<bigid:product_id>/shelf", products.shelve, name="shelve-product"),
    path("<bigid:shop_id>/products/<bigid:product_id>/photos", photos.add, name="add-product-photos"),
    path("<bigid:shop_id>/products/<bigid:product_id>/photos/take", photos.take_up, name="take-up-photos"),
    path("<bigid:shop_id>/photos", photos.aside, name="photos"),
    path("<bigid:shop_id>/photos/<bigid:photo_id>/<int:width>", photos.show_photo, name="photo"),
    path("<bigid:shop_id>/photos/<bigid:photo_id>/change", photos.change_photo, name="change-photo"),
    path("<bigid:shop_id>/complaints", complaints.complaints, name="complaints"),
    path("<bigid:shop_id>/clerks", clerks.clerks, name="clerks"),
    path("<bigid:shop_id>/clerks/leave", clerks.leave, name="leave"),
    path("<bigid:shop_id>/clerks/<bigid:person_id>/end", clerks.end, name="end-clerk"),
    path("<bigid:shop_id>/coupons", coupons.coupons, name="coupons"),
    path("<bigid:shop_id>/campaigns", campaigns.campaigns, name="campaigns"),
    path("<bigid:shop_id>/campaigns/<bigid:campaign_id>/stop", campaigns.stop, name="stop-campaign"),
    path("<bigid:shop_id>/money/<slug:kind>/<slug:code>", statement.statement, name="statement"),
    path("<bigid:shop_id>/effect", effect.effect, name="effect"),
    path("<bigid:shop_id>/seeding", seeding.seeding, name="seeding"),
    path("<bigid:shop_id>/creators", effect.creators, name="creators"),
    path("<bigid:shop_id>/campaigns/<bigid:campaign_id>/change", campaigns.change_one, name="change-campaign"),
    path("<bigid:shop_id>/promotion", promotion.promotion, name="promotion"),
    path("<bigid:shop_id>/promotion/plans", promotion.set_plan, name="set-plan"),
    path("<bigid:shop_id>/collaborations/new", promotion.open_collaboration, name="open-collaboration"),
    path("<bigid:shop_id>/libraries/new", promotion.open_library, name="open-library"),
    path("<bigid:shop_id>/collaborations/<bigid:collaboration_id>", promotion.collaboration, name="collaboration"),
    path("<bigid:shop_id>/collaborations/<bigid:collaboration_id>/invite", promotion.invite, name="invite"),
    path(
        "<bigid:shop_id>/collaborations/<bigid:collaboration_id>/close",
        promotion.close_collaboration,
        name="close-collaboration",
    ),
    path("<bigid:shop_id>/participants/<bigid:participant_id>/answer", promotion.answer, name="answer-application"),
    path(
        "<bigid:shop_id>/participants/<bigid:participant_id>/end", promotion.end_participation, name="end-participation"
    ),
    path("<bigid:shop_id>/activities", enrolling.activities, name="activities"),
    path("<bigid:shop_id>/activities/<bigid:activity_id>/enrol", enrolling.enrol, name="enrol"),
    path("<bigid:shop_id>/enrolments/<bigid:enrolment_id>/withdraw", enrolling.withdraw, name="withdraw"),
    path("<bigid:shop_id>/teams", teams.teams, name="teams"),
    path("<bigid:shop_id>/teams/<bigid:team_id>/waive", teams.waive, name="waive"),
    path("<bigid:shop_id>/teams/<bigid:team_id>/dissolve", teams.dissolve, name="dissolve"),
]
