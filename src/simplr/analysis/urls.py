"""Alerts about unusual access."""

from __future__ import annotations

from django.urls import path

from simplr.analysis import views

app_name = "analysis"
urlpatterns = [
    path("alerts", views.alerts, name="alerts"),
    path("alerts/<uuid:alert>", views.alert, name="alert"),
    path("alerts/<uuid:alert>/decide", views.decide, name="decide"),
]
