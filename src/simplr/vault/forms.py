"""The form in which an officer types the root key."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class RootKeyForm(forms.Form):
    """The root key as it is written down; it is never shown again."""

    key = forms.CharField(
        label=_("Root key"),
        max_length=500,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
    )
