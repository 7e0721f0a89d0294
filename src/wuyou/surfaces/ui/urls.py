from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from wuyou.surfaces.ui import gallery, views

app_name = "ui"

urlpatterns = [
    path("ui/theme", views.choose_theme, name="theme"),
    path("ui/language", set_language, name="language"),
    path("ui", gallery.show_gallery, name="gallery"),
    path("ui/patterns/<slug:name>", gallery.show_pattern, name="pattern"),
]
