"""What people say about a field."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

PERSONALS = [
    ("none", _("Not about people")),
    ("indirect", _("Can point to a person, with others")),
    ("personal", _("Points to a person by itself")),
]


class FieldForm(forms.Form):
    """Title, meaning and the personal mark of one field."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        required=False,
        help_text=_("How people call it, as in “Day of the call”."),
    )
    meaning = forms.CharField(
        label=_("Meaning"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What it says, in which unit, and how it came about."),
    )
    personal = forms.ChoiceField(
        label=_("About people"),
        choices=PERSONALS,
        widget=forms.RadioSelect,
        help_text=_("A mark decides at once who sees its values."),
    )


class CommentForm(forms.Form):
    """A comment on a data set."""

    body = forms.CharField(
        label=_("Comment"),
        max_length=5000,
        help_text=_("Plain text."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
