from __future__ import annotations

from django.urls import path

from simplr.accounts import views

app_name = "accounts"
urlpatterns = [
    path("welcome/<str:secret>", views.welcome, name="welcome"),
    path("account/", views.account, name="account"),
    path("account/sessions/end", views.end_sessions, name="sessions-end"),
    path("account/waiting", views.waiting, name="waiting"),
    path(
        "invitations/<uuid:invitation>/withdraw",
        views.withdraw_invitation,
        name="invitation-withdraw",
    ),
]
