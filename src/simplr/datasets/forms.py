"""What people say about a field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from simplr_core.tables.dictionary import AllowedValue, Limits
from simplr_core.tables.dictionary.entries import LONGEST_UNIT
from simplr_core.tables.dictionary.exporting import listed
from simplr_core.tables.dictionary.importing import unlisted

PERSONALS = [
    ("none", _("Not about people")),
    ("indirect", _("Can point to a person, with others")),
    ("personal", _("Points to a person by itself")),
]


class FieldForm(forms.Form):
    """What is said of one field. Without limits, where the person may not see its values."""

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
        help_text=_("What it says, and how it came about."),
    )
    unit = forms.CharField(
        label=_("Unit"),
        max_length=LONGEST_UNIT,
        required=False,
        help_text=_("In which its numbers are, as in “days” or “EUR”."),
    )
    values = forms.CharField(
        label=_("Allowed values"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, as it stands in the data; behind a comma what it means."),
    )
    minimum = forms.CharField(label=_("Lowest"), max_length=500, required=False)
    maximum = forms.CharField(label=_("Highest"), max_length=500, required=False)
    pattern = forms.CharField(
        label=_("Pattern"),
        max_length=1000,
        required=False,
        help_text=_("A regular expression that every value fits."),
    )
    key = forms.BooleanField(
        label=_("Part of the key"),
        required=False,
        help_text=_("With the other fields of the key, no two rows have the same."),
    )
    personal = forms.ChoiceField(
        label=_("About people"),
        choices=PERSONALS,
        widget=forms.RadioSelect,
        help_text=_("A mark decides at once who sees its values."),
    )

    def __init__(self, *args: Any, limits: Limits | None, **more: Any) -> None:
        """`limits` is what the values may be, None where the person may not know."""
        super().__init__(*args, **more)
        if limits is None:
            for name in Limits().to_json():
                del self.fields[name]
            return
        values = listed((one.value, one.label) for one in limits.values).replace(" | ", "\n")
        self.initial = {**self.initial, **limits.to_json(), "values": values}

    def clean_values(self) -> list[dict[str, str]]:
        """The allowed values, from one a line."""
        items = unlisted(self.cleaned_data["values"])
        return [
            {"value": one.value, "label": one.label}
            for one in (AllowedValue(*item[:2]) for item in items)
        ]


class CommentForm(forms.Form):
    """A comment on a data set."""

    body = forms.CharField(
        label=_("Comment"),
        max_length=5000,
        help_text=_("Plain text."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
