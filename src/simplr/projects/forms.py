"""What people type about projects."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from simplr.projects.words import role_choices


class ProjectForm(forms.Form):
    """A new project, or changes to one."""

    title = forms.CharField(label=_("Title"), max_length=200)
    slug = forms.SlugField(
        label=_("Short name"),
        max_length=60,
        required=False,
        help_text=_(
            "For addresses and commands, as in clean-streets. Made from the title if empty."
        ),
    )
    aims = forms.CharField(
        label=_("Aim"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences: what it should find out or change."),
    )


class MemberForm(forms.Form):
    """Somebody who shall belong to a project."""

    email = forms.EmailField(
        label=_("Address"), help_text=_("Of somebody who is in this installation already.")
    )
    role = forms.ChoiceField(label=_("Role"), choices=role_choices)
