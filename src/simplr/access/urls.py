from __future__ import annotations

from django.urls import path

from simplr.access import views
from simplr.access.oauth import views as oauth

app_name = "access"
urlpatterns = [
    path("account/tokens", views.token_list, name="tokens"),
    path("account/tokens/revoke", views.revoke_tokens, name="tokens-revoke"),
    path("account/tokens/<uuid:token>/revoke", views.revoke_token, name="token-revoke"),
    path("invitation/<str:secret>", views.invitation, name="invitation"),
    path("l/<str:secret>", views.link, name="link"),
    path("oauth/token", oauth.token, name="oauth-token"),
    path("oauth/device", oauth.device, name="oauth-device"),
    path("oauth/revoke", oauth.revoke, name="oauth-revoke"),
    path("oauth/introspect", oauth.introspect, name="oauth-introspect"),
    path("oauth/userinfo", oauth.userinfo, name="oauth-userinfo"),
    path("oauth/keys", oauth.keys, name="oauth-keys"),
    path(".well-known/oauth-authorization-server", oauth.metadata, name="oauth-metadata"),
    path(".well-known/openid-configuration", oauth.metadata, name="openid-configuration"),
]
