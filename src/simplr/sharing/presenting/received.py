"""What was shared, as its recipient sees it: the release, and not a word of what lies beyond it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from simplr.access.models import Grant
from simplr.sharing.models import Release
from simplr.sharing.presenting.grants import actions_words
from simplr.sharing.presenting.releases import masked_count
from simplr.sharing.queries import Share

SOON = timedelta(days=7)


def share_line(share: Share) -> dict[str, Any]:
    """One line of the list of what was shared with the reader."""
    grant, release = share.grant, share.release
    return {
        "id": release.pk if release else grant.node_id,
        "title": share.title,
        "release": release.title if release else _("All of it"),
        "from": grant.granted_by.name,
        "organisation": "",
        "may": actions_words(grant.actions),
        "fields": len(release.fields) if release else None,
        "rows": release.row_count if release else None,
        "masked_count": masked_count(release) if release else 0,
        "until": grant.until,
        "ends_soon": ends_soon(grant),
        "ended": "",
    }


def ends_soon(grant: Grant | None) -> bool:
    """Whether a grant ends within a week."""
    return bool(grant and grant.until and grant.until - timezone.now() < SOON)


def share(release: Release, grant: Grant | None) -> dict[str, Any]:
    """The release and the right by which the reader has it."""
    giver = grant.granted_by if grant else release.node.owner
    organisation = release.resource.node.organisation.name
    kept = timezone.localtime(release.version.created_at)
    title = release.resource.title
    return {
        "id": release.pk,
        "title": title,
        "release": release.title,
        "from": giver.name,
        "organisation": organisation,
        "classification": release.resource.node.classification,
        "masked_count": masked_count(release),
        "may": actions_words(grant.actions) if grant else _("read"),
        "until": grant.until if grant else None,
        "ends_soon": ends_soon(grant),
        "conditions": [],
        "version": _("kept on %(day)s") % {"day": date_format(kept, "j F Y")},
        "citation": _("%(who)s (%(year)s). %(title)s, release “%(release)s”, kept on %(day)s.")
        % {
            "who": organisation,
            "year": kept.year,
            "title": title,
            "release": release.title,
            "day": date_format(kept, "j F Y"),
        },
    }
