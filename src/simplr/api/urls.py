"""The API's addresses: each app brings a `router` in its `endpoints`; tus is one of its own."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import path

from simplr.api import views
from simplr.api.endpoints import api
from simplr.intake import tus

APPS = (
    "accounts",
    "licensing",
    "access",
    "projects",
    "resources",
    "datasets",
    "sharing",
    "intake",
    "analysis",
    "catalogue",
    "operations",
    "vault",
)

for _app in APPS:
    if find_spec(f"simplr.{_app}.endpoints") is not None:
        api.add_router("", import_module(f"simplr.{_app}.endpoints").router)

api.add_router("", tus.router)

urlpatterns = [path("", views.page, name="api-page"), path("v1/", api.urls)]
