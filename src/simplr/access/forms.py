"""Forms of tokens and links."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PURPOSES = {
    "read": ("project:read", "resource:download", "release:download"),
    "put": ("project:write", "resource:write"),
    "share": ("project:manage", "resource:manage", "release:manage", "grant:read", "grant:manage"),
    "people": (
        "person:read",
        "group:read",
        "organisation:read",
        "invitation:read",
        "invitation:manage",
    ),
    "ledger": ("ledger:read",),
    "tokens": ("token:read", "token:manage"),
    "install": (
        "person:manage",
        "group:manage",
        "organisation:manage",
        "licence:read",
        "licence:manage",
        "installation:manage",
    ),
}
"""What a person ticks, and the scopes that it stands for."""

CHOICES = (
    ("read", _("Read and download whatever I may read")),
    ("put", _("Put files into my projects")),
    ("share", _("Make releases and grants")),
    ("people", _("See people and invite them")),
    ("ledger", _("Read the ledger")),
    ("tokens", _("Make and revoke my tokens")),
    ("install", _("Run the installation, as far as I am its administrator")),
)


class TokenForm(forms.Form):
    """A new access token."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("To know it by when you revoke it.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do, at most"),
        choices=CHOICES,
        widget=forms.CheckboxSelectMultiple,
        initial=["read"],
    )
    expires_at = forms.ChoiceField(
        label=_("Ends"),
        choices=(
            ("7", _("in a week")),
            ("30", _("in 30 days")),
            ("90", _("in 90 days")),
            ("365", _("in a year")),
        ),
        initial="30",
    )

    def wanted_scopes(self) -> list[str]:
        """The scopes of everything ticked."""
        return sorted({scope for key in self.cleaned_data["scopes"] for scope in PURPOSES[key]})

    def ends(self) -> datetime:
        """When the token ends."""
        return timezone.now() + timedelta(days=int(self.cleaned_data["expires_at"]))


class LinkPasswordForm(forms.Form):
    """The password of a link, told by another way than the link."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
