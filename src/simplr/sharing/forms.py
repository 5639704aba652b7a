"""What people fill in to make a release or a grant, read without losing a word of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simplr.access.services import Grantee
from simplr.accounts.queries import organisation_called
from simplr.sharing.presenting.masks import mask_from_form
from simplr.sharing.services import Definition
from simplr_core.access import Action
from simplr_core.errors import Invalid
from simplr_core.tables.expressions import build_condition
from simplr_core.tables.schema import Schema

MOST_CONDITIONS = 20

COMPARISONS = [
    ("eq", gettext_lazy("is")),
    ("ne", gettext_lazy("is not")),
    ("lt", gettext_lazy("is below")),
    ("le", gettext_lazy("is at most")),
    ("gt", gettext_lazy("is above")),
    ("ge", gettext_lazy("is at least")),
    ("between", gettext_lazy("lies between (two values, with a comma)")),
    ("in", gettext_lazy("is one of (with commas)")),
    ("not-in", gettext_lazy("is none of (with commas)")),
    ("contains", gettext_lazy("contains")),
    ("starts-with", gettext_lazy("begins with")),
    ("ends-with", gettext_lazy("ends with")),
    ("is-true", gettext_lazy("is yes")),
    ("is-false", gettext_lazy("is no")),
    ("missing", gettext_lazy("is missing")),
    ("not-missing", gettext_lazy("is not missing")),
]
_SEVERAL = {"between", "in", "not-in"}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong, and the control it belongs to."""

    text: str
    field: str = ""


@dataclass(kw_only=True)
class ReleaseForm:
    """A release as it is being written."""

    title: str = ""
    masks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The chosen fields, in the order of the file, with their masks."""
    kinds: dict[str, str] = field(default_factory=dict)
    """Which mask stands beside every field, chosen or not."""
    typed: dict[str, dict[str, str]] = field(default_factory=dict)
    """Settings of masks as they were typed, by field and kind."""
    conditions: list[dict[str, str]] = field(default_factory=list)
    formula: str = ""
    follows: str = "this"
    problems: list[Problem] = field(default_factory=list)

    def definition(self, schema: Schema) -> Definition:
        """What the form asks for. Raises Invalid with the reason; conditions are built, not pasted."""
        return Definition(
            title=self.title,
            fields=[{"name": name, "mask": mask} for name, mask in self.masks.items()],
            where=self.formula.strip() or self._built(schema),
            follows=self.follows,
        )

    def _built(self, schema: Schema) -> str:
        rows = [
            {
                "field": row["field"],
                "op": row["comparison"],
                "value": [part.strip() for part in row["value"].split(",")]
                if row["comparison"] in _SEVERAL
                else row["value"],
            }
            for row in self.conditions
            if row["field"]
        ]
        return build_condition(rows, schema).canonical if rows else ""


def first_release_form(schema: Schema) -> ReleaseForm:
    """A new release: what is not about people is ticked, and nothing else."""
    return ReleaseForm(
        masks={item.name: {"kind": "keep"} for item in schema if item.personal.value == "none"},
        conditions=[_empty()],
    )


def release_form_like(
    fields: list[Mapping[str, Any]], formula: str | None, follows: str
) -> ReleaseForm:
    """A new release that begins as another one is."""
    return ReleaseForm(
        masks={item["name"]: dict(item["mask"]) for item in fields},
        conditions=[_empty()],
        formula=formula or "",
        follows=follows,
    )


def _empty() -> dict[str, str]:
    return {"field": "", "comparison": "eq", "value": ""}


def read_release_form(posted: QueryDict, schema: Schema) -> ReleaseForm:
    """The form as it was sent. What is wrong is in `problems`; nothing typed is lost."""
    form = ReleaseForm(
        title=posted.get("title", "")[:200],
        formula=posted.get("formula", "")[:5000],
        follows="each-accepted" if posted.get("version") == "each-accepted" else "this",
    )
    chosen = set(posted.getlist("field"))
    for item in schema:
        name = item.name
        kind = posted.get(f"mask-{name}", "keep")
        form.kinds[name] = kind
        prefix = f"mask-{name}-by-"
        form.typed[name] = {
            key.removeprefix(prefix): posted.get(key, "")[:100]
            for key in posted
            if key.startswith(prefix)
        }
        if name not in chosen:
            continue
        try:
            form.masks[name] = mask_from_form(kind, form.typed[name].get(kind, ""))
        except Invalid as error:
            form.masks[name] = {"kind": kind}
            text = _("%(field)s: %(problem)s") % {"field": name, "problem": error.message}
            form.problems.append(Problem(text=text, field=name))
    form.conditions = [
        {
            "field": posted.get(f"condition-{at}-field", ""),
            "comparison": posted.get(f"condition-{at}-is", "eq"),
            "value": posted.get(f"condition-{at}-value", "")[:2000],
        }
        for at in range(MOST_CONDITIONS)
        if f"condition-{at}-field" in posted
    ] or [_empty()]
    if posted.get("then") == "another" and len(form.conditions) < MOST_CONDITIONS:
        form.conditions.append(_empty())
    return form


@dataclass(kw_only=True)
class GrantForm:
    """A grant as it is being written."""

    to: str = "person"
    person: str = ""
    group: str = ""
    organisation: str = ""
    password: str = ""
    release: str = ""
    actions: list[str] = field(default_factory=lambda: ["read", "download"])
    until: str = ""
    problems: list[Problem] = field(default_factory=list)

    def grantee(self) -> Grantee:
        """Whom it names. Raises Invalid where nobody was chosen."""
        match self.to:
            case "link":
                return Grantee(link=True, password=self.password)
            case "group":
                return Grantee(group_id=_chosen(self.group, "group"))
            case "organisation":
                return Grantee(organisation_id=_organisation(self.organisation.strip()))
        if not self.person.strip():
            raise Invalid(_("Say whom: the address of a person."), field="person")
        return Grantee(email=self.person.strip())

    def release_id(self) -> UUID | None:
        """Under which release. Raises Invalid."""
        return _chosen(self.release, "release") if self.release else None

    def ends_at(self) -> datetime | None:
        """The end of the chosen day. Raises Invalid."""
        return end_of_day(self.until)

    def allowed(self) -> list[Action]:
        """The chosen actions. Raises Invalid for none."""
        known = {action.value for action in Action}
        if not self.actions:
            raise Invalid(_("Say what the grant allows."), field="action")
        if not set(self.actions) <= known:
            raise Invalid(_("This cannot be granted."), field="action")
        return [Action(word) for word in self.actions]


def end_of_day(text: str) -> datetime | None:
    """The end of a day that was chosen in a form; None for none. Raises Invalid."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("Write the day as in 2026-11-27."), field="until") from None
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def _organisation(name: str) -> UUID:
    """The organisation of exactly this name: a form lists only those that its reader knows."""
    if not name:
        raise Invalid(_("Say which organisation, by its name."), field="organisation")
    found = organisation_called(name)
    if found is None:
        raise Invalid(
            _("No organisation here is called “%(name)s”. Write the whole name.") % {"name": name},
            field="organisation",
        )
    return found.id


def _chosen(text: str, name: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(_("Choose one."), field=name) from None


def read_grant_form(posted: QueryDict) -> GrantForm:
    """The form as it was sent."""
    to = posted.get("to", "person")
    return GrantForm(
        to=to if to in {"person", "group", "organisation", "link"} else "person",
        person=posted.get("person", "")[:254],
        group=posted.get("group", ""),
        organisation=posted.get("organisation", "")[:200],
        password=posted.get("password", "")[:200],
        release=posted.get("release", ""),
        actions=posted.getlist("action"),
        until=posted.get("until", ""),
    )
