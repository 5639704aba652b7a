"""Forms of accounts, and ours instead of allauth's where it would tell who is here."""

from __future__ import annotations

from typing import Any

from allauth.account.fields import EmailField
from allauth.account.forms import LoginForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from simplr.accounts import tasks
from simplr.accounts.passwords import LengthRule
from simplr.base.mail import mail_is_configured

NEW_PASSWORD = {"autocomplete": "new-password"}


def new_password(*, required: bool) -> forms.CharField:
    """A field for a password that is being chosen; spaces at its ends are kept."""
    return forms.CharField(
        label=_("Password"),
        required=required,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs=NEW_PASSWORD),
        help_text=LengthRule().get_help_text(),
    )


class FirstRunForm(forms.Form):
    """The first administrator says who he is."""

    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("You sign in with it."),
        widget=forms.EmailInput({"autocomplete": "username"}),
    )
    organisation = forms.CharField(
        label=_("Your organisation"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )

    def __init__(self, *args: Any, password_needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = new_password(required=password_needed)


class AcceptForm(forms.Form):
    """Who is invited gives a name and chooses a password."""

    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )

    def __init__(self, *args: Any, password_needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = new_password(required=password_needed)


class SignInForm(LoginForm):
    """Asks for address and password: labels say what, so nothing stands inside the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["login"].label = _("E-mail address")
        self.fields["password"].help_text = ""  # the page links to a new password below the button
        self.fields["remember"].label = _("Stay signed in when the browser is closed")


class NameForm(forms.Form):
    """How others see a person."""

    name = forms.CharField(
        label=_("Name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )


class ResetPasswordForm(forms.Form):
    """Asks for a reset link. The same is done for every address: a job looks it up later."""

    email = EmailField(required=True)

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if mail_is_configured():
            tasks.send_password_reset.defer(email=email)
        return email


class AddPasskeyForm(AddWebAuthnForm):
    """Adds a passkey that signs in by itself, unless told that the key only stands beside one."""

    passwordless = forms.BooleanField(
        label=_("It signs me in by itself"),
        required=False,
        initial=True,
        help_text=_(
            "The device asks for your finger, face or PIN. An older security key cannot do so: "
            "without the tick it is asked for after the password."
        ),
    )


class SecondFactor:
    """A code opens once. The library forgets used codes after half a minute, and they live for one
    and a half: a code of the app counts a step early and a step late, for clocks that are off."""

    REMEMBERED_SECONDS = 120
    user: Any

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # of the library's form
        digest = salted_hmac("simplr.used-code", f"{self.user.pk}:{code}").hexdigest()
        if not cache.add(f"used-code:{digest}", "y", timeout=self.REMEMBERED_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class FactorForm(SecondFactor, AuthenticateForm):
    """The second factor while signing in."""


class FactorAgainForm(SecondFactor, ReauthenticateForm):
    """The second factor before a change, from somebody who is signed in."""
