"""The answer to "why may she see this?", step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from simplr.base.words import in_full
from simplr.projects.words import role_word
from simplr.sharing.explaining import AccessRow, Explanation, action_words
from simplr.sharing.queries import Card

ASKED = ("discover", "describe", "read", "download", "write", "manage")


def page(card: Card, rows: Sequence[AccessRow], *, action: str) -> dict[str, Any]:
    """The question: who, and to do what."""
    words = action_words()
    return {
        "node": {"id": card.id, "title": card.title, "url": card.url},
        "people": [
            {
                "id": row.person_id,
                "label": ", ".join(filter(None, (row.name, row.organisation))),
            }
            for row in rows
        ],
        "person": None,
        "actions": [(value, words[value]) for value in ASKED],
        "action": action if action in ASKED else "read",
        "verdict": None,
        "grant": None,
        "others": [],
    }


def answer(row: AccessRow, found: Explanation) -> dict[str, Any]:
    """The answer for one person."""
    words = action_words()
    return {
        "person": {"id": row.person_id, "name": row.name, "organisation": row.organisation},
        "verdict": {
            "allowed": found.allowed,
            "sentence": [{"text": found.sentence, "strong": False}],
            "steps": steps(found),
            "missing": []
            if found.allowed
            else [_("A role in the project, or a grant that says so.")],
        },
        "grant": {"id": found.grant_id} if found.grant_id and found.grant_is_own else None,
        "others": [
            {"action": action, "holds": holds, "label": words[action]}
            for action, holds in row.actions.items()
        ],
    }


def steps(found: Explanation) -> list[dict[str, Any]]:
    """What was looked at, in the order in which it was decided."""
    first = _step("yes", _("The account is active, and a licence holds"))
    if found.code == "inactive":
        return [_step("no", _("The account is not active"))]
    if found.code == "unlicensed":
        return [_step("no", _("No licence holds"))]
    if found.via == "owner":
        return [first, _step("yes", _("Owns it, and belongs to its project"))]
    if found.role:
        role = _("Is %(role)s in the project") % {"role": role_word(found.role)}
        detail = "" if found.personal else _("This role sees no personal fields.")
        return [first, _step("yes", role, detail)]
    if found.grant_id is None:
        return [first, _step("no", _("No role in the project, and no grant"))]
    until = (
        _("It ends on %(day)s.") % {"day": in_full(found.until)}
        if found.until
        else _("It holds until it is revoked.")
    )
    text = (
        _("A grant under the release “%(title)s”") % {"title": found.release_title}
        if found.release_id
        else _("A grant of all of it")
    )
    holds = "no" if not found.allowed else "part" if found.release_id else "yes"
    step = _step(holds, text, until) | {"at": found.granted_at, "by": found.granted_by}
    return [first, step]


def _step(holds: str, text: str, detail: str = "") -> dict[str, Any]:
    return {"holds": holds, "text": text, "detail": detail, "at": None, "by": ""}
