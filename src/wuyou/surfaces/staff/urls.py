"""The console's addresses."""

from __future__ import annotations

from django.urls import path

from wuyou.surfaces.staff.pages import (
    accounts,
    books,
    events,
    letters,
    orders,
    overview,
    payments,
    refunds,
    teams,
    transfers,
)

app_name = "staff"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("teams", teams.teams, name="teams"),
    path("teams/<str:token>", teams.team, name="team"),
    path("teams/<str:token>/waive", teams.waive, name="waive"),
    path("teams/<str:token>/dissolve", teams.dissolve, name="dissolve"),
    path("orders", orders.orders, name="orders"),
    path("orders/<str:order_no>", orders.order, name="order"),
    path("refunds", refunds.refunds, name="refunds"),
    path("refunds/<str:refund_no>", refunds.refund, name="refund"),
    path("refunds/<str:refund_no>/retry", refunds.retry, name="retry-refund"),
    path("mismatches", payments.mismatches, name="mismatches"),
    path("notices", payments.notices, name="notices"),
    path("accounts", accounts.accounts, name="accounts"),
    path("accounts/<path:code>", accounts.statement, name="statement"),
    path("transfers", transfers.transfers, name="transfers"),
    path("books", books.books, name="books"),
    path("dead-letters", letters.letters, name="letters"),
    path("dead-letters/<int:letter_id>", letters.letter, name="letter"),
    path("dead-letters/<int:letter_id>/retry", letters.retry, name="retry-letter"),
    path("events", events.events, name="events"),
]
