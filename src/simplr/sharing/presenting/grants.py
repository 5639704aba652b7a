"""Grants in words, and the form in which they are given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from simplr.access.models import Grant
from simplr.base.words import number
from simplr.sharing.explaining import action_words
from simplr.sharing.forms import GrantForm
from simplr.sharing.models import Release
from simplr.sharing.presenting.releases import masked_count
from simplr.sharing.queries import Candidates, Card
from simplr_core.errors import Invalid


def grantee_words(grant: Grant) -> str:
    """Whom a grant names."""
    named = grant.person or grant.organisation or grant.group
    return named.name if named else _("Whoever has the link")


def actions_words(actions: Sequence[str]) -> str:
    """The strongest of some actions in a sentence: "read and download"."""
    words = action_words()
    order = [word for word in ("read", "download", "write", "manage") if word in actions]
    if not order:
        order = [word for word in ("describe", "discover") if word in actions][:1]
    texts = [words[word] for word in order]
    if len(texts) < 2:
        return "".join(texts)
    return _("%(first)s and %(last)s") % {"first": ", ".join(texts[:-1]), "last": texts[-1]}


def line(grant: Grant) -> dict[str, Any]:
    """One grant in the list of those who use a release."""
    person = f"&person={grant.person_id}" if grant.person_id else ""
    address = reverse("sharing:why", args=[grant.node_id])
    return {
        "id": grant.id,
        "name": grantee_words(grant),
        "detail": actions_words(grant.actions),
        "until": grant.until,
        "sentence": "",
        "ended": ended_words(grant),
        "why_url": f"{address}?action=read{person}",
    }


def ended_words(grant: Grant) -> str:
    """Why a grant holds no longer; empty while it does."""
    if grant.revoked_at is not None:
        day = date_format(timezone.localtime(grant.revoked_at), "j M Y")
        return _("Revoked on %(day)s") % {"day": day}
    if grant.until is not None and grant.until <= timezone.now():
        return _("Ended")
    return ""


def detail_of(release: Release) -> str:
    """How much a release shows, in a few words."""
    texts = [
        _("%(fields)s fields, %(rows)s rows")
        % {"fields": number(len(release.fields)), "rows": number(release.row_count)}
    ]
    if masked := masked_count(release):
        texts.append(
            ngettext("%(n)s field masked", "%(n)s fields masked", masked) % {"n": number(masked)}
        )
    return ", ".join(texts)


def next_friday(today: date) -> date:
    """The Friday to come; a week later where that is today."""
    return today + timedelta(days=(4 - today.weekday() - 1) % 7 + 1)


def page(
    form: GrantForm,
    *,
    card: Card,
    releases: Sequence[Release],
    candidates: Candidates,
) -> dict[str, Any]:
    """The dialog in which somebody is let use a thing."""
    today = timezone.localdate()
    return {
        "node": {"id": card.id, "kind": card.kind, "title": card.title, "url": card.url},
        "releases": [
            {
                "id": release.pk,
                "title": release.title,
                "detail": detail_of(release),
                "chosen": form.release == str(release.pk),
            }
            for release in releases
        ],
        "whole": {
            "allowed": True,
            "reason": _("every field and every row, unmasked, %(n)s about people")
            % {"n": number(card.personal_count)}
            if card.personal_count
            else "",
            "chosen": not form.release,
        },
        "to": form.to,
        "people": candidates.people,
        "person": form.person,
        "groups": _chosen(candidates.groups, form.group),
        "organisations": candidates.organisations,
        "organisation": form.organisation,
        "link": {"password": form.password, "needs_password": False},
        "actions": [
            {"value": value, "label": label, "help": help_, "chosen": value in form.actions}
            for value, label, help_ in _actions(card)
        ],
        "until": form.until,
        "days": [
            {"label": _("Friday"), "value": next_friday(today).isoformat()},
            {"label": _("A month"), "value": (today + timedelta(days=30)).isoformat()},
            {"label": _("A year"), "value": (today + timedelta(days=365)).isoformat()},
        ],
        "conditions": [],
        "errors": [{"text": each.text, "field": each.field} for each in form.problems],
        **sentence_page(form, card=card, releases=releases, candidates=candidates),
    }


def _actions(card: Card) -> list[tuple[str, str, str]]:
    found = [
        ("read", _("Read"), _("on the page")),
        ("download", _("Download"), _("as a file, by program or command")),
        ("write", _("Change"), _("new versions, descriptions; not with a release or a link")),
    ]
    if card.kind != "project":
        found.append(
            ("manage", _("Decide"), _("grants and releases; not with a release or a link"))
        )
    return found


def _chosen(options: Sequence[dict[str, Any]], value: str) -> list[dict[str, Any]]:
    return [{**option, "chosen": str(option["id"]) == value} for option in options]


def sentence_page(
    form: GrantForm, *, card: Card, releases: Sequence[Release], candidates: Candidates
) -> dict[str, Any]:
    """The sentence of a grant that is being written, and the words of its button."""
    release = next((each for each in releases if str(each.pk) == form.release), None)
    return {
        "sentence": sentence(
            who=_who(form, candidates),
            actions=form.actions,
            title=card.title,
            release=release,
            until=_day(form),
        ),
        "act_label": _act_label(_day(form)),
    }


def _who(form: GrantForm, candidates: Candidates) -> str:
    if form.to == "link":
        return (
            _("Whoever has the link and its password")
            if form.password
            else _("Whoever has the link")
        )
    if form.to == "person":
        typed = form.person.strip()
        known = {each["email"]: each["name"] for each in candidates.people}
        return known.get(typed.lower(), typed) or _("Somebody")
    if form.to == "organisation":
        return form.organisation.strip() or _("Somebody")
    groups = {str(each["id"]): str(each["label"]) for each in candidates.groups}
    return groups.get(form.group, _("Somebody"))


def _day(form: GrantForm) -> date | None:
    try:
        ends = form.ends_at()
    except Invalid:
        return None
    return timezone.localtime(ends).date() if ends else None


def sentence(
    *,
    who: str,
    actions: Sequence[str],
    title: str,
    release: Release | None,
    until: date | None,
) -> list[dict[str, Any]]:
    """[{text, strong}]: who may do what with how much of it, until when."""
    if not actions:
        return [{"text": _("Say what they may do."), "strong": False}]
    if release is None:
        much = _("all of “%(title)s”") % {"title": title}
    else:
        much = _("“%(title)s” as release “%(release)s” shows it (%(detail)s)") % {
            "detail": detail_of(release),
            "title": title,
            "release": release.title,
        }
    end = (
        _("until the end of %(day)s") % {"day": date_format(until, "l j F Y")}
        if until
        else _("until you revoke it")
    )
    return [
        {"text": who, "strong": True},
        {"text": f" {_('may')} ", "strong": False},
        {"text": actions_words(actions), "strong": True},
        {"text": f" {much}, ", "strong": False},
        {"text": end, "strong": True},
        {"text": ".", "strong": False},
    ]


def _act_label(until: date | None) -> str:
    if until is None:
        return _("Grant without an end")
    ahead = (until - timezone.localdate()).days
    day = date_format(until, "l") if 0 <= ahead < 7 else date_format(until, "j F Y")
    return _("Grant until %(day)s") % {"day": day}
