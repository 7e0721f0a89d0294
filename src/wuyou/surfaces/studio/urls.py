"""The studio's addresses."""

from __future__ import annotations

from django.urls import path

import wuyou.surfaces.ui.parsing  # noqa: F401  (names the converter of ids)
from wuyou.surfaces.studio.pages import (
    audience,
    awards,
    collaborations,
    holds,
    library,
    overview,
    packets,
    posts,
    recruiting,
    reversals,
    slots,
)

app_name = "studio"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("posts", posts.posts, name="posts"),
    path("fans", audience.fans, name="fans"),
    path("awards", awards.awards, name="awards"),
    path("awards/<bigid:honour_id>/show", awards.show_honour, name="show-honour"),
    path("awards/<bigid:honour_id>/decline", awards.decline_honour, name="decline-honour"),
    path("shops", audience.merchants, name="merchants"),
    path("shops/find", audience.let_shops_find, name="let-shops-find"),
    path("library", library.library, name="library"),
    path("library/<bigid:product_id>/link", library.take_link, name="take-link"),
    path("library/<bigid:product_id>/pick", library.pick, name="pick"),
    path("links/<slug:token>", library.share, name="share"),
    path("places", slots.slots, name="slots"),
    path("places/new", slots.add_slot, name="add-slot"),
    path("places/<bigid:slot_id>/keywords", slots.set_keywords, name="set-slot-keywords"),
    path("packets", packets.packets, name="packets"),
    path("collaborations", collaborations.collaborations, name="collaborations"),
    path("collaborations/<bigid:collaboration_id>/apply", collaborations.apply, name="apply"),
    path("participations/<bigid:participant_id>/answer", collaborations.answer, name="answer"),
    path("participations/<bigid:participant_id>/leave", collaborations.leave, name="leave"),
    path("activities", recruiting.activities, name="activities"),
    path("activities/new", recruiting.open_activity, name="open-activity"),
    path("activities/<bigid:activity_id>", recruiting.activity, name="activity"),
    path("activities/<bigid:activity_id>/close", recruiting.close_activity, name="close-activity"),
    path("taken-back", reversals.reversals, name="reversals"),
    path("held", holds.holds, name="holds"),
    path("held/<bigid:hold_id>", holds.hold, name="hold"),
    path("held/<bigid:hold_id>/appeal", holds.appeal, name="appeal-hold"),
    path("enrolments/<bigid:enrolment_id>/decide", recruiting.decide, name="decide"),
]
