"""The pages of allauth that we use, each with its entry rule. What is not here does not exist:
nobody changes his address by himself, for it is what grants and invitations named.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import URLPattern, path, re_path
from django.views.generic import RedirectView

from simplr.base.entry import anyone

_STRANGERS = anyone(because="signing in is what it is for; throttled, and the same for all names")
_OWN = anyone(because="allauth asks for the session, and again for a factor before a change")
_PAGES = (
    ("login/", account.login, "account_login", _STRANGERS),
    ("logout/", account.logout, "account_logout", _OWN),
    ("inactive/", account.account_inactive, "account_inactive", _STRANGERS),
    ("signup/", account.signup, "account_signup", _STRANGERS),
    ("reauthenticate/", account.reauthenticate, "account_reauthenticate", _OWN),
    ("password/change/", account.password_change, "account_change_password", _OWN),
    ("password/set/", account.password_set, "account_set_password", _OWN),
    ("password/reset/", account.password_reset, "account_reset_password", _STRANGERS),
    (
        "password/reset/done/",
        account.password_reset_done,
        "account_reset_password_done",
        _STRANGERS,
    ),
    (
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        "account_reset_password_from_key_done",
        _STRANGERS,
    ),
    ("2fa/", base.index, "mfa_index", _OWN),
    ("2fa/authenticate/", base.authenticate, "mfa_authenticate", _STRANGERS),
    ("2fa/reauthenticate/", base.reauthenticate, "mfa_reauthenticate", _OWN),
    ("2fa/totp/activate/", totp.activate_totp, "mfa_activate_totp", _OWN),
    ("2fa/totp/deactivate/", totp.deactivate_totp, "mfa_deactivate_totp", _OWN),
    ("2fa/recovery-codes/", codes.view_recovery_codes, "mfa_view_recovery_codes", _OWN),
    (
        "2fa/recovery-codes/generate/",
        codes.generate_recovery_codes,
        "mfa_generate_recovery_codes",
        _OWN,
    ),
    (
        "2fa/recovery-codes/download/",
        codes.download_recovery_codes,
        "mfa_download_recovery_codes",
        _OWN,
    ),
    ("2fa/webauthn/", passkeys.list_webauthn, "mfa_list_webauthn", _OWN),
    ("2fa/webauthn/add/", passkeys.add_webauthn, "mfa_add_webauthn", _OWN),
    ("2fa/webauthn/login/", passkeys.login_webauthn, "mfa_login_webauthn", _STRANGERS),
    (
        "2fa/webauthn/reauthenticate/",
        passkeys.reauthenticate_webauthn,
        "mfa_reauthenticate_webauthn",
        _OWN,
    ),
    ("2fa/webauthn/keys/<int:pk>/remove/", passkeys.remove_webauthn, "mfa_remove_webauthn", _OWN),
    ("2fa/webauthn/keys/<int:pk>/edit/", passkeys.edit_webauthn, "mfa_edit_webauthn", _OWN),
)

urlpatterns: list[URLPattern] = [
    *(path(route, rule(view), name=name) for route, view, name, rule in _PAGES),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _STRANGERS(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    # allauth's middleware asks for this name; addresses are changed by an administrator only.
    path(
        "email/",
        _OWN(RedirectView.as_view(pattern_name="accounts:account")),
        name="account_email",
    ),
]
