"""What people type about resources and folders."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simplr.resources.services import CLASSIFICATIONS

_WORDS = {
    "public": pgettext_lazy("classification", "Public"),
    "internal": pgettext_lazy("classification", "Internal"),
    "confidential": pgettext_lazy("classification", "Confidential"),
    "restricted": pgettext_lazy("classification", "Restricted"),
}


class FolderForm(forms.Form):
    """A new folder, or changes to one."""

    title = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ResourceForm(FolderForm):
    """Changes to a data set or a file."""

    usage_terms = forms.CharField(
        label=_("Usage terms"),
        required=False,
        max_length=60,
        help_text=_("An SPDX identifier, as in CC-BY-4.0."),
    )
    classification = forms.ChoiceField(
        label=_("Classification"), choices=[(one, _WORDS[one]) for one in CLASSIFICATIONS]
    )
