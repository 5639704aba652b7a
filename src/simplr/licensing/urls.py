from __future__ import annotations

from django.urls import path

from simplr.licensing import views

app_name = "licensing"
urlpatterns = [path("licences/<uuid:licence>/revoke", views.revoke, name="revoke")]
