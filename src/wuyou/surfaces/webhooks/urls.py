"""Addresses for payment providers."""

from __future__ import annotations

from django.urls import path

from wuyou.surfaces.webhooks import views

app_name = "webhooks"

urlpatterns = [path("payments/<slug:provider>", views.receive_payment_notice, name="payment-notice")]
