"""How the installation stands, for its administrators: what is wrong with it, and its keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from simplr import VERSION
from simplr.audit import queries as audit
from simplr.base.entry import administrator
from simplr.base.mail import mail_is_configured
from simplr.base.words import number, size
from simplr.operations import installation_queries, scans
from simplr.vault import fixity
from simplr.vault import queries as vault

_LITTLE_ROOM = 10 * 2**30
_LITTLE_SHARE = 0.05
_BACKUP_OLD = timedelta(days=8)


@administrator
@require_GET
def doctor_page(request: HttpRequest) -> HttpResponse:
    """What holds and what does not, the worst first, each with what mends it."""
    found = [*_store(), *_objects(), *_backup(), *_ledger(), *_work(), *_room(), *_mail()]
    worst_first = {"bad": 0, "warn": 1, "ok": 2}
    return render(
        request,
        "operations/installation.html",
        {
            "tab": "doctor",
            "findings": sorted(found, key=lambda finding: worst_first[finding["state"]]),
            "checked_at": timezone.now(),
            "scan": scans.card(),
            "facts": [
                {"label": label, "value": value}
                for label, value in (
                    (_("Version"), VERSION),
                    (_("People"), number(installation_queries.person_count())),
                    (_("Projects"), number(installation_queries.project_count())),
                    (_("Sealed objects"), number(vault.key_counts().data_keys)),
                    (_("Kept by all projects"), size(installation_queries.stored_bytes())),
                    (_("Jobs that wait or are done"), number(_jobs())),
                    (_("Events not yet sealed"), number(audit.unsealed_count())),
                )
            ],
        },
    )


@administrator
@require_GET
def keys_page(request: HttpRequest) -> HttpResponse:
    """The root key by its public fingerprint, and how many keys it wraps. Never a key."""
    state, counts = vault.key_store_state(), vault.key_counts()
    return render(
        request,
        "operations/installation.html",
        {
            "tab": "keys",
            "store": {
                "kind": state.key_store,
                "root_fingerprint": counts.root_key_id,
                "used_since": counts.used_since,
                "project_keys": counts.project_keys,
                "data_keys": counts.data_keys,
                "officers": [],
            },
        },
    )


def _jobs() -> int:
    return sum(installation_queries.waiting_and_running_jobs().values())


def _finding(state: str, title: str, text: str, mend: str = "") -> dict[str, Any]:
    return {"state": state, "title": title, "text": text, "mend": mend}


def _store() -> list[dict[str, Any]]:
    vault.health()  # raises what the page of errors says when a database or the agent is away
    return [
        _finding(
            "ok",
            _("The databases and the store answer"),
            _("All three databases were asked, and the key agent holds the root key."),
        )
    ]


def _objects() -> list[dict[str, Any]]:
    found = fixity.state()
    if found.damaged:
        text = ngettext(
            "%(n)s stored object is missing or changed. A backup may still have it.",
            "%(n)s stored objects are missing or changed. A backup may still have them.",
            found.damaged,
        ) % {"n": number(found.damaged)}
        return [_finding("bad", _("Stored objects are damaged"), text, "simplr objects check")]
    if not found.objects:
        return []
    if found.never_checked or found.oldest_check is None:
        text = ngettext(
            "%(n)s stored object was not opened and compared with its digest yet.",
            "%(n)s stored objects were not opened and compared with their digests yet.",
            found.never_checked,
        ) % {"n": number(found.never_checked)}
        return [_finding("ok", _("No stored object is known to be damaged"), text)]
    text = _("Each was opened and compared with its digest since %(day)s.") % {
        "day": date_format(found.oldest_check, "DATE_FORMAT")
    }
    return [_finding("ok", _("Every stored object is whole"), text)]


def _backup() -> list[dict[str, Any]]:
    newest = installation_queries.newest_backup_at()
    command = "simplr backup PLACE"
    if newest is None:
        text = _("If this disk fails, everything is lost, unless something else copies it.")
        return [_finding("warn", _("No backup was taken yet"), text, command)]
    day = date_format(newest, "DATE_FORMAT")
    if timezone.now() - newest > _BACKUP_OLD:
        text = _("It is of %(day)s. What came since is on this disk alone.") % {"day": day}
        return [_finding("warn", _("The newest backup is old"), text, command)]
    text = _("It is of %(day)s. It opens with the root key of that time only.") % {"day": day}
    return [_finding("ok", _("There is a backup"), text)]


def _ledger() -> list[dict[str, Any]]:
    newest, verified = audit.newest_checkpoint(), audit.last_verification()
    if newest is None:
        return [
            _finding(
                "warn",
                _("The ledger was never sealed"),
                _("The worker seals it each minute. Nothing is lost, but nothing is provable yet."),
                "simplr status",
            )
        ]
    if verified is not None and not verified.whole:
        return [
            _finding(
                "bad",
                _("The ledger is not whole"),
                _("An entry was changed, cut or put in. Keep everything as it is."),
                "simplr ledger verify",
            )
        ]
    entries = ngettext("%(n)s entry", "%(n)s entries", newest.size) % {"n": number(newest.size)}
    return [
        _finding(
            "ok",
            _("The ledger is sealed"),
            _("%(entries)s lie below its newest checkpoint.") % {"entries": entries},
        )
    ]


def _work() -> list[dict[str, Any]]:
    workers = installation_queries.live_worker_count(now=timezone.now())
    failed = installation_queries.failed_job_count()
    found = []
    if workers:
        text = ngettext("%(n)s worker is alive.", "%(n)s workers are alive.", workers)
        found.append(_finding("ok", _("Work goes on"), text % {"n": number(workers)}))
    else:
        found.append(
            _finding(
                "bad",
                _("No worker gives a sign of life"),
                _("Files that are put are not understood, and the ledger is not sealed."),
                "simplr status",
            )
        )
    if failed:
        text = ngettext("%(n)s job failed", "%(n)s jobs failed", failed) % {"n": number(failed)}
        found.append(
            _finding(
                "warn", text, _("Each stands in the ledger, with its reason."), "simplr doctor"
            )
        )
    return found


def _room() -> list[dict[str, Any]]:
    room = installation_queries.room()
    words = {"free": size(room.free), "all": size(room.total)}
    if room.free < _LITTLE_ROOM or room.free < room.total * _LITTLE_SHARE:
        return [
            _finding(
                "warn",
                _("Room is running out"),
                _("%(free)s of %(all)s are free. A file that does not fit is refused.") % words,
                "df -h",
            )
        ]
    return [_finding("ok", _("There is room"), _("%(free)s of %(all)s are free.") % words)]


def _mail() -> list[dict[str, Any]]:
    if mail_is_configured():
        return [_finding("ok", _("Mail is set up"), _("Invitations and reset links are mailed."))]
    return [
        _finding(
            "warn",
            _("Mail is not set up"),
            _("Invitations are copied by hand, and nobody can ask for a new password alone."),
            "SIMPLR_MAIL_URL",
        )
    ]


urlpatterns = [
    path("installation", doctor_page, name="installation"),
    path("installation/keys", keys_page, name="installation-keys"),
]
