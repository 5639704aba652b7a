"""The page of a sealed installation."""

from __future__ import annotations

from django.urls import path

from simplr.vault import views

app_name = "vault"
urlpatterns = [path("unseal", views.unseal, name="unseal")]
