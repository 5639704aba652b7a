"""Every address of the installation. An app's pages come with its `urls` module."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

handler400 = "simplr.base.errors.bad_request"
handler404 = "simplr.base.errors.not_found"

_PAGES = (
    ("", "operations"),
    ("", "accounts"),
    ("", "licensing"),
    ("", "access"),
    ("", "projects"),
    ("", "intake"),
    ("", "datasets"),
    ("", "resources"),
    ("", "sharing"),
    ("", "analysis"),
    ("", "catalogue"),
    ("", "vault"),
    ("", "base"),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("simplr.api.urls")),
    *(
        path(prefix, include(f"simplr.{app}.urls"))
        for prefix, app in _PAGES
        if find_spec(f"simplr.{app}.urls") is not None
    ),
    path("account/", include("simplr.accounts.sign_in_urls")),
]
