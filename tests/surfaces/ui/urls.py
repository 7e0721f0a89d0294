"""The design system alone, so that its tests do not depend on other surfaces."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("wuyou.surfaces.ui.urls"))]

handler404 = "wuyou.surfaces.ui.errors.not_found"
