"""Addresses of the storefront."""

from __future__ import annotations

from django.urls import path, register_converter

from wuyou.surfaces.storefront.pages import (
    account,
    audience,
    cart,
    cashier,
    checkout,
    earnings,
    home,
    links,
    me,
    notifications,
    orders,
    privacy,
    product,
    shop,
    team,
)
from wuyou.surfaces.storefront.parsing import IdConverter

app_name = "storefront"

register_converter(IdConverter, "bigid")

urlpatterns = [
    path("", home.show_home, name="home"),
    path("p/<bigid:product_id>", product.show_product, name="product"),
    path("p/<bigid:product_id>/choose", product.choose, name="choose"),
    path("t/<slug:token>", team.show_team, name="team"),
    path("t/<slug:token>/qr.svg", team.show_qr, name="team-qr"),
    path("s/<slug:token>", links.follow_link, name="link"),
    path("cart", cart.show_cart, name="cart"),
    path("cart/change", cart.change_cart, name="change-cart"),
    path("checkout", checkout.checkout, name="checkout"),
    path("pay/<slug:order_no>", cashier.pay, name="pay"),
    path("orders", orders.list_orders, name="orders"),
    path("orders/<slug:order_no>", orders.show_order, name="order"),
    path("orders/<slug:order_no>/close", orders.close, name="close-order"),
    path("orders/<slug:order_no>/receive", orders.receive, name="receive-order"),
    path("orders/<slug:order_no>/refund", orders.refund, name="refund-order"),
    path("earnings", earnings.show_earnings, name="earnings"),
    path("earnings/links", earnings.list_links, name="links"),
    path("notifications", notifications.show_notifications, name="notifications"),
    path("notifications/bell", notifications.show_bell, name="bell"),
    path("notifications/read", notifications.mark_read, name="read-notifications"),
    path("shop", shop.show_orders, name="shop"),
    path("shop/teams", shop.show_teams, name="shop-teams"),
    path("shop/orders/<slug:order_no>/ship", shop.ship, name="ship-order"),
    path("shop/orders/<slug:order_no>/refund", shop.refund, name="refund-sold-order"),
    path("shop/teams/<bigid:team_id>/waive", shop.waive, name="waive-team"),
    path("shop/teams/<bigid:team_id>/dissolve", shop.dissolve, name="dissolve-team"),
    path("sign-in", account.sign_in, name="sign-in"),
    path("sign-up", account.sign_up, name="sign-up"),
    path("sign-out", account.sign_out, name="sign-out"),
    path("audience/people", audience.find_people, name="audience-people"),
    path("me", me.show_me, name="me"),
    path("privacy", privacy.show_privacy, name="privacy"),
    path("privacy/opened", privacy.list_opened, name="privacy-opened"),
    path("privacy/as", privacy.look_as, name="privacy-as"),
    path("privacy/finding", privacy.allow_finding, name="privacy-finding"),
    path("privacy/blocks/<bigid:person_id>/undo", privacy.unblock, name="privacy-unblock"),
    path("privacy/mutes/<bigid:person_id>/undo", privacy.unmute, name="privacy-unmute"),
    path("privacy/exports", privacy.ask_for_export, name="privacy-exports"),
    path("privacy/exports/<bigid:export_id>", privacy.fetch_export, name="privacy-export"),
    path("privacy/leave", privacy.leave, name="privacy-leave"),
]
