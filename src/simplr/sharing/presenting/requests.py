"""Requests for access as their pages show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_WAITING = 100
ALL = "all"
"""Chosen in place of a release: every field and every row."""

PAGES = {"dataset": "datasets:dataset", "file": "resources:file"}
"""The page of each kind of resource that can be asked for."""
ACTIONS = (
    (
        "read",
        gettext_lazy("Read"),
        gettext_lazy("see rows here, and what they look like"),
    ),
    (
        "download",
        gettext_lazy("Download"),
        gettext_lazy("take it away, or read it from a program"),
    ),
)
STATES: Mapping[str, tuple[Any, str, str]] = {
    "waiting": (gettext_lazy("Waits"), "clock", ""),
    "granted": (gettext_lazy("Granted"), "ok", "ok"),
    "declined": (gettext_lazy("Declined"), "stop", "bad"),
    "withdrawn": (gettext_lazy("Withdrawn"), "stop", ""),
    "lapsed": (gettext_lazy("Lapsed"), "clock", ""),
}
"""In words, with icon and tone."""


def state_mark(state: str) -> dict[str, str]:
    """The mark of a state: text, icon and tone."""
    text, icon, tone = STATES[state]
    return {"text": str(text), "icon": icon, "tone": tone}


def wish_words(actions: Sequence[str]) -> str:
    """What is asked for, in one word: the strongest of it."""
    if "download" in actions:
        return _("Download")
    return _("Read") if "read" in actions else _("See its description")


def line(asked: Any, titles: Mapping[UUID, str]) -> dict[str, Any]:
    """A request in a list."""
    return {
        "url": reverse("sharing:request", args=[asked.pk]),
        "title": titles.get(asked.node_id) or _("something that you can no longer see"),
        "who": asked.person.name,
        "organisation": asked.person.organisation.name if asked.person.organisation else "",
        "wish": wish_words(asked.actions),
        "until": asked.until,
        "asked_at": asked.asked_at,
        "state": state_mark(asked.state),
    }


def page_of_node(node_id: UUID, kind: str) -> str:
    """Where a resource is seen, each as much of it as he may."""
    return reverse(PAGES[kind], args=[node_id])


def ask_page(node_id: UUID, kind: str, title: str, form: Any) -> dict[str, Any]:
    """The context of sharing/ask.html."""
    return {
        "node": {"id": node_id, "title": title, "url": page_of_node(node_id, kind)},
        "text": form.text,
        "actions": _choices(form.actions, [value for value, *_rest in ACTIONS]),
        "until": form.until,
        "errors": form.errors,
    }


def begun(asked: Any, make: Callable[..., Any]) -> Any:
    """The answer as it begins: what was asked for."""
    ends = timezone.localtime(asked.until).date().isoformat() if asked.until else ""
    wanted = [value for value, *_rest in ACTIONS if value in asked.actions]
    return make(actions=wanted, until=ends)


def one_page(
    asked: Any,
    form: Any,
    *,
    title: str,
    url: str,
    texts: tuple[str, str],
    releases: Sequence[Any],
    decides: bool,
    ledger: str,
) -> dict[str, Any]:
    """The context of sharing/request.html."""
    purpose, reason = texts
    open_ = asked.state == "waiting"
    return {
        "request_id": asked.pk,
        "node": {
            "id": asked.node_id,
            "title": title or _("Something that you can no longer see"),
            "url": url,
        },
        "asked": line(asked, {asked.node_id: title}),
        "purpose": purpose,
        "answer": {
            "by": asked.answered_by.name if asked.answered_by else "",
            "at": asked.answered_at,
            "text": reason,
            "until": asked.grant.until if asked.grant else None,
            "received_url": _received(asked) if asked.grant and not decides else "",
        },
        "may_answer": decides and open_,
        "may_withdraw": not decides and open_,
        "ledger_url": ledger,
        "releases": [
            {
                "id": row.pk,
                "title": row.title,
                "chosen": str(row.pk) == form.release or (not form.release and at == 0),
            }
            for at, row in enumerate(releases)
        ],
        # Never chosen by itself: nobody should open everything by pressing one button.
        "whole_chosen": form.release == ALL,
        "actions": _choices(form.actions, asked.actions),
        "until": form.until,
        "text": form.text,
        "errors": form.errors,
    }


def _received(asked: Any) -> str:
    return reverse("sharing:received-one", args=[asked.grant.release_id or asked.node_id])


def _choices(chosen: Sequence[str], offered: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"value": value, "label": label, "help": help_, "chosen": value in chosen}
        for value, label, help_ in ACTIONS
        if value in offered
    ]
