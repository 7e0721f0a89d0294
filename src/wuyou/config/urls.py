"""Where each surface is found."""

from __future__ import annotations

from django.urls import include, path

from wuyou.surfaces.api.app import api
from wuyou.surfaces.ui import health, keys

urlpatterns = [
    path("healthz", health.healthz),
    path("metrics", health.metrics),
    path(".well-known/wuyou-statement-keys.json", keys.statement_keys),
    path("api/v1/", api.urls),
    path("webhooks/", include("wuyou.surfaces.webhooks.urls")),
    path("seller/", include("wuyou.surfaces.seller.urls")),
    path("studio/", include("wuyou.surfaces.studio.urls")),
    path("staff/", include("wuyou.surfaces.staff.urls")),
    path("", include("wuyou.surfaces.ui.urls")),
    path("", include("wuyou.surfaces.storefront.urls")),
    path("", include("wuyou.surfaces.storefront.accounts.urls")),
]

handler400 = "wuyou.surfaces.api.problems.bad_request"
handler403 = "wuyou.surfaces.ui.errors.forbidden"
handler404 = "wuyou.surfaces.ui.errors.not_found"
handler429 = "wuyou.surfaces.ui.errors.too_many"
handler500 = "wuyou.surfaces.ui.errors.server_error"
